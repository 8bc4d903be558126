"""Locations of readers: a few cities for each part of the world."""

from __future__ import annotations

from typing import NamedTuple

from simulator.json_bytes import fields_of


class Place(NamedTuple):
    """A city of readers, and the fields of all events from it."""

    weight: float
    region: str  # continent code
    block: bytes  # the ip_* fields


# weight, city, continent, country, subdivision, postal, latitude, longitude, time zone, market
_ROWS: tuple[tuple, ...] = (
    (9, "New York", "NA", "US", "NY", "10001", 40.75, -73.99, "America/New_York",
     ("New York", "501", "1")),
    (3, "Brooklyn", "NA", "US", "NY", "11201", 40.69, -73.99, "America/New_York",
     ("New York", "501", "1")),
    (4, "Boston", "NA", "US", "MA", "02108", 42.36, -71.06, "America/New_York",
     ("Boston (Manchester)", "506", "6")),
    (4, "Chicago", "NA", "US", "IL", "60601", 41.88, -87.62, "America/Chicago",
     ("Chicago", "602", "4")),
    (3, "Houston", "NA", "US", "TX", "77002", 29.76, -95.37, "America/Chicago",
     ("Houston", "618", "10")),
    (5, "Los Angeles", "NA", "US", "CA", "90012", 34.05, -118.24, "America/Los_Angeles",
     ("Los Angeles", "803", "2")),
    (2, "Fremont", "NA", "US", "CA", "94536", 37.56, -121.99, "America/Los_Angeles",
     ("San Francisco-Oakland-San Jose", "807", "3")),
    (2, "Seattle", "NA", "US", "WA", "98101", 47.61, -122.33, "America/Los_Angeles",
     ("Seattle-Tacoma", "819", "12")),
    (2, "Toronto", "NA", "CA", "ON", "M5H", 43.65, -79.38, "America/Toronto", None),
    (1, "Montréal", "NA", "CA", "QC", "H2Y", 45.5, -73.55, "America/Toronto", None),
    (9, "Berlin", "EU", "DE", "BE", "10117", 52.52, 13.39, "Europe/Berlin", None),
    (5, "Hamburg", "EU", "DE", "HH", "20095", 53.55, 10.0, "Europe/Berlin", None),
    (5, "München", "EU", "DE", "BY", "80331", 48.14, 11.58, "Europe/Berlin", None),
    (3, "Köln", "EU", "DE", "NW", "50667", 50.94, 6.96, "Europe/Berlin", None),
    (2, "Wien", "EU", "AT", "9", "1010", 48.21, 16.37, "Europe/Vienna", None),
    (2, "Zürich", "EU", "CH", "ZH", "8001", 47.37, 8.54, "Europe/Zurich", None),
    (3, "London", "EU", "GB", "ENG", "EC1A", 51.52, -0.1, "Europe/London", None),
    (1, "Paris", "EU", "FR", "IDF", "75001", 48.86, 2.34, "Europe/Paris", None),
    (1, "Łódź", "EU", "PL", "LD", "90-001", 51.77, 19.46, "Europe/Warsaw", None),
    (4, "Tokyo", "AS", "JP", "13", "100-0001", 35.68, 139.75, "Asia/Tokyo", None),
    (2, "Ōsaka", "AS", "JP", "27", "530-0001", 34.69, 135.5, "Asia/Tokyo", None),
    (2, "Mumbai", "AS", "IN", "MH", "400001", 18.94, 72.83, "Asia/Kolkata", None),
    (1, "Singapore", "AS", "SG", None, "018989", 1.28, 103.85, "Asia/Singapore", None),
    (4, "São Paulo", "SA", "BR", "SP", "01000-000", -23.55, -46.63, "America/Sao_Paulo", None),
    (1, "Bogotá", "SA", "CO", "DC", "110111", 4.6, -74.08, "America/Bogota", None),
    (3, "Sydney", "OC", "AU", "NSW", "2000", -33.87, 151.21, "Australia/Sydney", None),
    (1, "Auckland", "OC", "NZ", "AUK", "1010", -36.85, 174.76, "Pacific/Auckland", None),
    (1, None, "AF", "NG", None, None, 8.0, 8.0, "Africa/Lagos", None),
)  # fmt: skip


def _place(row: tuple) -> Place:
    weight, city, continent, country, subdivision, postal, lat, lon, zone, market = row
    name, nielsen, doubleclick = market or (None, None, None)
    block = fields_of(
        ip_city=city,
        ip_continent=continent,
        ip_country=country,
        ip_lat=lat,
        ip_lon=lon,
        ip_postal=postal,
        ip_subdivision=subdivision,
        ip_timezone=zone,
        ip_market_name=name,
        ip_market_nielsen=nielsen,
        ip_market_doubleclick=doubleclick,
    )
    return Place(weight, continent, block)


PLACES: tuple[Place, ...] = tuple(_place(row) for row in _ROWS)


def weights_for(home: str) -> list[float]:
    """Return the weights of PLACES for a site whose readers mostly live on one continent."""
    return [place.weight * (1.0 if place.region == home else 0.12) for place in PLACES]
