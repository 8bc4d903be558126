"""Words for headlines, sections and bylines, by language."""

from __future__ import annotations

from typing import NamedTuple


class Language(NamedTuple):
    """The words of one language."""

    sections: tuple[str, ...]
    subjects: tuple[str, ...]
    verbs: tuple[str, ...]
    objects: tuple[str, ...]
    authors: tuple[str, ...]
    entities: tuple[str, ...]


LANGUAGES: dict[str, Language] = {
    "en": Language(
        ("Politics", "Business", "World", "Sports", "Culture", "Science", "Opinion"),
        (
            "The city council", "A quiet village", "The central bank", "One small team",
            "The new governor", "A retired nurse", "The harbour", "An old theatre",
            "The school board", "A young pitcher", "The last bakery", "A start-up",
        ),
        (
            "votes on", "rethinks", "says no to", "bets on", "fights over", "rebuilds",
            "waits for", "pays for", "questions", "wins back",
        ),
        (
            "the budget", "its water", "a longer season", "the night train", "cheaper rents",
            "the old bridge", "its own rules", "“free” parking", "the harvest",
            "a second chance", "solar roofs", "the summer heat",
        ),
        (
            "Ana Example", "Bo Sample", "Chidi Okafor", "Dana Reyes", "Eli Novak",
            "Fatima Haddad", "Grace O'Neill", "Hiro Tanaka", "Inês Duarte", "Jonas Berg",
            "Kaya Whitefeather", "Liam Byrne", "Mei-Ling Zhou", "Noor Rahman",
        ),
        ("Federal Reserve", "New York City", "Amtrak", "Taylor Swift", "NASA", "Yankees"),
    ),
    "de": Language(
        ("Politik", "Wirtschaft", "Berlin", "Sport", "Kultur", "Wissen", "Meinung", "Reise"),
        (
            "Der Senat", "Ein Dorf in Brandenburg", "Die Notenbank", "Eine kleine Bühne",
            "Die neue Ministerin", "Der Hafen", "Ein Handwerksbetrieb", "Die Schulen",
            "Ein junger Torwart", "Die letzte Bäckerei",
        ),
        (
            "streitet über", "wartet auf", "hofft auf", "kämpft um", "entscheidet über",
            "verzichtet auf", "wirbt für", "zahlt für",
        ),
        (
            "den Haushalt", "günstige Wohnungen", "den Nachtzug", "das „Freibad“",
            "die alte Brücke", "mehr Grün", "eine zweite Chance", "Solardächer",
            "den heißen Sommer", "die Straßenbahn",
        ),
        (
            "Anna Beispiel", "Björn Muster", "Çiğdem Şahin", "Dörte Köhler", "Emil Groß",
            "Friederike Weiß", "Jürgen Süß", "Katja Löwe", "Milan Dvořák", "Sofie Jäger",
        ),
        ("Bundestag", "Deutsche Bahn", "Hertha BSC", "Spree", "Bundesbank"),
    ),
}  # fmt: skip
