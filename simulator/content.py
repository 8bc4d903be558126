"""The content of a site: posts whose traffic rises and fades, section fronts, videos."""

from __future__ import annotations

import math
from bisect import bisect, bisect_left
from random import Random
from urllib.parse import quote

from simulator.json_bytes import dump, fields_of
from simulator.rhythm import BY_HOUR, DAY, HOUR, MINUTE, Site, local_time
from simulator.words import LANGUAGES

_IAB = ("News", "Finance", "Sports", "Arts & Entertainment", "Science", "Travel")
_NAMES = (
    "authors", "canonical_url", "custom_metadata", "data_source", "duration",
    "full_content_word_count", "image_url", "page_type", "post_id", "pub_date_tmsp",
    "save_date_tmsp", "section", "share_urls", "tags", "thumb_url", "title", "urls",
)  # fmt: skip
NO_METADATA = fields_of(metadata=False, **{f"metadata_{name}": None for name in _NAMES})

FRESH_DAYS = 10  # older posts are read only if they are evergreen
RISE_HOURS = 1.5  # time constant of a new post's rise
FADE_HOURS = 20.0  # time constant of its decay


def _metadata(**given: object) -> bytes:
    values: dict[str, object] = {f"metadata_{name}": given.get(name) for name in _NAMES}
    return fields_of(metadata=True, **values)


class Page:
    """A page of a site: a post, or a home page or section front, which have 0 words."""

    __slots__ = (
        "appeal", "evergreen", "known_from", "later", "later_from", "metadata", "published",
        "section", "url", "video", "video_seconds", "words",
    )  # fmt: skip

    def __init__(self, url: str, metadata: bytes) -> None:
        self.url = url
        self.metadata = metadata  # JSON fields as first saved
        self.later = metadata  # JSON fields after an edit of the headline
        self.later_from = 0  # epoch ms of that edit; 0 when there was none
        self.known_from = 0  # epoch ms before which events carry no metadata; 0 for always known
        self.published = 0  # epoch ms
        self.section = -1
        self.words = 0
        self.appeal = 0.0
        self.evergreen = False
        self.video = b""  # JSON fields of the video on the page, if any
        self.video_seconds = 0

    def metadata_at(self, moment: int) -> bytes:
        """Return the metadata_* fields of an event at this moment (epoch ms)."""
        if moment < self.known_from:
            return NO_METADATA
        return self.later if 0 < self.later_from <= moment else self.metadata


class Newsroom:
    """All pages of one site, and the popularity of its posts in the current hour."""

    def __init__(
        self,
        site: Site,
        rng: Random,
        start_ms: int,
        days: int,
        posts_per_day: int,
        late_metadata: float = 0.0,
    ) -> None:
        self.site = site
        self._late_metadata = late_metadata
        self._rng = rng
        self._base = f"https://{site.site_id}"
        self._language = LANGUAGES[site.language]
        self.home = self._index_page("/", "Home")
        self.fronts = [
            self._index_page(f"/{_slug(name)}/", name) for name in self._language.sections
        ]
        moments = self._moments(start_ms, days, posts_per_day)
        # Popularity follows Zipf's law: the n-th best post draws 1/n of the best one.
        ranks = list(range(1, len(moments) + 1))
        rng.shuffle(ranks)
        self.posts = [
            self._post(number, moment, rank, start_ms)
            for number, (moment, rank) in enumerate(zip(moments, ranks, strict=True))
        ]
        self._evergreens = [post for post in self.posts if post.evergreen]
        self._published = [post.published for post in self.posts]
        self._open: list[Page] = []
        self._cum: list[float] = []
        self._fresh_from = 0

    def _moments(self, start_ms: int, days: int, posts_per_day: int) -> list[int]:
        rng, moments = self._rng, []
        weights = [w if 6 <= h <= 21 else 0.1 for h, w in enumerate(BY_HOUR)]
        for day in range(-30, days):
            midnight = start_ms + day * DAY
            # Few of the older posts are still read.
            posts = posts_per_day if day >= -4 else max(1, posts_per_day // 6)
            if local_time(self.site, midnight + 12 * HOUR).weekday() >= 5:
                posts = max(1, posts * 6 // 10)
            for hour in rng.choices(range(24), weights, k=posts):
                offset = local_time(self.site, midnight).utcoffset()
                shift = int(offset.total_seconds() * 1000) if offset else 0
                moments.append(midnight - shift + hour * HOUR + rng.randrange(HOUR))
        return sorted(moments)

    def _index_page(self, path: str, title: str) -> Page:
        url = self._base + path
        return Page(
            url,
            _metadata(
                canonical_url=url, data_source="crawl", page_type="index", post_id=url,
                section="" if path == "/" else title, title=title, authors=[], tags=[], urls=[url],
                save_date_tmsp=1_767_225_600_000,
            ),
        )  # fmt: skip

    def _post(self, number: int, moment: int, rank: int, start_ms: int) -> Page:
        rng, words = self._rng, self._language
        headline = self._headline()
        section = min(int(rng.expovariate(0.45)), len(words.sections) - 1)
        year_month = local_time(self.site, moment).strftime("%Y/%m")
        slug = _slug(headline)
        url = f"{self._base}/{_slug(words.sections[section])}/{year_month}/{slug}-{number}/"
        tags = rng.sample(("local", "long-read", "explainer", "election", "money", "health"), 2)
        tags += rng.sample(words.objects, rng.randrange(3))
        if rng.random() < 0.6:
            tags.append(f"parsely_smart:entity:{rng.choice(words.entities)}")
        if rng.random() < 0.3:
            tags.append(f"parsely_smart:iab:{rng.choice(_IAB)}")
        count = int(min(3500, max(150, rng.lognormvariate(6.45, 0.6))))
        saved, known_from = moment + rng.randrange(MINUTE, 10 * MINUTE), 0
        if moment >= start_ms and rng.random() < self._late_metadata:
            saved = known_from = moment + rng.randrange(10 * MINUTE, 6 * HOUR)
        image = f"https://cdn.example.net/{self.site.index}/{number}.jpg"
        known = {
            "authors": rng.sample(words.authors, rng.choice((1, 1, 1, 1, 2, 2, 3))),
            "canonical_url": url,
            "custom_metadata": dump(
                {"desk": words.sections[section].lower(), "premium": rng.random() < 0.2}
            ).decode(),
            "data_source": "crawl",
            "full_content_word_count": count,
            "image_url": image,
            "page_type": "post",
            "post_id": url if self.site.index % 2 else f"{self.site.index}-{number}",
            "pub_date_tmsp": moment // 1000 * 1000,
            "save_date_tmsp": saved,
            "section": words.sections[section],
            "tags": tags[:6],
            "thumb_url": f"https://cdn.example.net/thumb/160x160/{self.site.index}/{number}.jpg",
            "title": headline,
            "urls": [url],
        }
        post = Page(url, _metadata(**known))
        post.published, post.section, post.words = moment, section, count
        post.known_from = known_from
        if rng.random() < 0.12:
            post.later_from = moment + rng.randrange(HOUR, 40 * HOUR)
            known |= {"title": self._headline(), "save_date_tmsp": post.later_from}
            post.later = _metadata(**known)
        post.appeal = 1.0 / rank
        post.evergreen = moment < start_ms - FRESH_DAYS * DAY and rng.random() < 0.15
        if rng.random() < 0.1:
            post.video_seconds = rng.randrange(25, 420)
            link = f"{self._base}/video/{slug}-{number}"
            clip = {
                "authors": [],
                "canonical_url": link,
                "data_source": "crawl",
                "duration": post.video_seconds,
                "image_url": image,
                "page_type": "video",
                "post_id": link,
                "pub_date_tmsp": moment // 1000 * 1000,
                "save_date_tmsp": saved,
                "section": words.sections[section],
                "tags": tags[:2],
                "title": f"Video: {headline}",
                "urls": [link],
            }
            post.video = _metadata(**clip)
        return post

    def _headline(self) -> str:
        words, choose = self._language, self._rng.choice
        return f"{choose(words.subjects)} {choose(words.verbs)} {choose(words.objects)}"

    def open_hour(self, now_ms: int) -> None:
        """Compute the popularity of each post in the hour that begins now (epoch ms)."""
        fresh = bisect_left(self._published, now_ms - FRESH_DAYS * DAY)
        newest = bisect(self._published, now_ms)
        self._open = [post for post in self._evergreens if post.published < now_ms]
        weights = [0.18 * post.appeal**0.5 / len(self._evergreens) ** 0.5 for post in self._open]
        for post in self.posts[fresh:newest]:
            age = (now_ms - post.published) / HOUR
            rise = 1.0 - math.exp(-(age + 0.25) / RISE_HOURS)
            weights.append(post.appeal * (rise * math.exp(-age / FADE_HOURS) + 0.004))
            self._open.append(post)
        total, self._cum = 0.0, []
        for weight in weights:
            total += weight
            self._cum.append(total)
        self._fresh_from = len(self._open) - max(1, len(self._open) // 4)

    def pick(self, rng: Random) -> Page:
        """Draw a post by its popularity in the current hour."""
        if not self._cum:
            return self.home
        return self._open[bisect(self._cum, rng.random() * self._cum[-1])]

    def pick_evergreen(self, rng: Random) -> Page:
        """Draw an evergreen post, the usual target of search engines."""
        return rng.choice(self._evergreens) if self._evergreens else self.pick(rng)


def _slug(text: str) -> str:
    kept = "".join(c if c.isalnum() else "-" for c in text.lower())
    return quote("-".join(part for part in kept.split("-") if part))
