"""Sessions: the pages that are read, and the events that the tracker sends."""

from __future__ import annotations

from itertools import count
from random import Random
from typing import NamedTuple

from simulator.content import Newsroom, Page
from simulator.json_bytes import referrer_block, session_entry_block, url_block
from simulator.mess import SessionMess
from simulator.readers import AWAY, Audience, Visitor, extra_json
from simulator.rhythm import MINUTE, SECOND, Site, utc_text
from simulator.sources import Arrival, arrive
from simulator.truth import (
    BOT,
    CONVERSION,
    CUSTOM,
    HEARTBEAT,
    PAGEVIEW,
    VALID,
    VIDEO_BEAT,
    VIDEO_START,
    Label,
)

WORDS_PER_SECOND = 3.8  # average reading speed
BOUNCE = 0.14  # of post views: left without engagement
SKIM = 0.34  # of post views: only the beginning is read
LONGEST_READ = 20 * 60  # seconds of engagement on one page
OLD_BEAT_SECONDS = 10  # heartbeat interval of AMP pages and of the old tracker
CONTINUES = {"direct": 0.62, "newsletter": 0.55, "search": 0.34, "social": 0.27}
CONTINUES_OTHERWISE = 0.4
CONVERSIONS = (
    ("newsletter_signup", "footer-form"), ("newsletter_signup", "article-box"),
    ("newsletter_signup", "article-box"), ("lead_capture", "ebook-download"),
    ("link_click", "partner-shop"), ("link_click", "app-store"), ("subscription", "yearly"),
    ("subscription", "monthly"), ("purchase", "crossword-book"), ("custom", "event-ticket"),
)  # fmt: skip
CONVERTS = 0.012  # of views with reading
CUSTOM_EVENTS = (("share", {"network": "copy-link"}), ("comment", {}), ("save", {"list": "later"}))
ACTS = 0.03  # of views with reading: a custom event
WITH_FRAGMENT = 0.01  # of entry URLs
STARTS_VIDEO = 0.4  # of views of a post with a video

_ACTIONS = {
    PAGEVIEW: b"pageview",
    HEARTBEAT: b"heartbeat",
    VIDEO_START: b"videostart",
    VIDEO_BEAT: b"vheartbeat",
    CONVERSION: b"conversion",
}
_HEAD = (
    b'{"action":"%s","event_id":"0x%032x","ts_action":"%s","timestamp_info_nginx_ms":%d,'
    b'"timestamp_info_pixel_ms":%d,"engaged_time_inc":%s,"videostart_id":%s,"extra_data":%s,'
)
_SESSION = (
    b'"session":true,"session_id":%d,"session_timestamp":%d,"session_last_session_timestamp":%d,'
    b'"ts_session_current":"%s","ts_session_last":%s}'
)
_NO_SESSION = (
    b'"session":false,"session_id":null,"session_timestamp":null,'
    b'"session_last_session_timestamp":null,"ts_session_current":null,"ts_session_last":null}'
)


class View:
    """One pageview, and the JSON fields that its events share."""

    __slots__ = ("beats", "block", "leave", "number", "page", "start", "video_id")

    def __init__(self, number: int, page: Page, block: bytes, start: int) -> None:
        self.number = number
        self.page = page
        self.block = block
        self.start = start  # epoch ms
        self.leave = start + 700  # epoch ms
        self.beats = 0
        self.video_id = b"null"  # JSON


class Draft(NamedTuple):
    """An event before it is rendered as JSON."""

    time: int  # epoch ms
    kind: int
    view: View
    seconds: int
    extra: bytes  # JSON of extra_data
    action: bytes
    mess: tuple[str, ...] = ()


class Visit:
    """A session, with its events in order of time."""

    __slots__ = ("block", "drafts", "number", "skew", "visitor", "without_ids")

    def __init__(self, number: int, visitor: Visitor) -> None:
        self.number = number
        self.visitor = visitor
        self.block = b""  # JSON fields of visitor and session, closing brace included
        self.drafts: list[Draft] = []
        self.skew = 0  # ms by which the reader's clock is off
        self.without_ids = not visitor.has_pageview_ids


class VisitMaker:
    """Generates the sessions of one site."""

    def __init__(
        self,
        site: Site,
        newsroom: Newsroom,
        audience: Audience,
        rng: Random,
        mess: SessionMess | None,
        numbers: count[int],
    ) -> None:
        self._site = site
        self._newsroom = newsroom
        self._audience = audience
        self._rng = rng
        self._mess = mess
        self._numbers = numbers

    def make(self, moment: int) -> Visit:
        """Generate a session that begins at this moment (epoch ms)."""
        if self._mess is not None and self._mess.is_bot():
            return self._crawl(moment)
        return self._read(moment)

    # -- people ---------------------------------------------------------------------------------

    def _read(self, moment: int) -> Visit:
        rng, visitor = self._rng, self._audience.next_visitor(moment)
        arrival = arrive(rng, visitor.sessions > 0, utc_text(moment)[:10].decode())
        if visitor.amp:
            arrival = Arrival("search", "https://www.google.com/", "search", "")
        visit = Visit(next(self._numbers), visitor)
        page = self._landing(arrival, visitor)
        url = f"{page.url}?{arrival.query}" if arrival.query else page.url
        if rng.random() < WITH_FRAGMENT:
            url += "#comments"
        flaw = None
        if self._mess is not None:
            flaw = self._mess.flaw(visitor.has_pageview_ids)
        if flaw == "null_pageview_id":
            visit.without_ids = True
        elif flaw == "clock_skew" and self._mess is not None:
            visit.skew = self._mess.skew()
        visit.block = self._session_block(visitor, moment, url, arrival)
        chance_to_continue = CONTINUES.get(arrival.source, CONTINUES_OTHERWISE)
        if visitor.amp:
            chance_to_continue = 0.15
        referrer, category = arrival.referrer, arrival.category
        seen = {page.url}
        views: list[View] = []
        load = b""
        while True:
            keep_load = bool(load) and page.words > 0 and rng.random() < 0.1
            if not keep_load:
                load = b"%d" % rng.randrange(10**8, 10**10)
            view = self._view(visit, page, url, referrer, category, moment, load, flaw)
            views.append(view)
            self._engage(visit, view)
            if flaw == "two_tabs" and view.beats and page.words:
                twin = self._twin(visit, view, url)
                view.leave = max(view.leave, twin.leave)
                flaw = None
            chance = chance_to_continue + 0.12 * (page.words == 0)
            if len(views) >= 25 or rng.random() > chance:
                break
            following = self._following(page, visitor)
            if following.url in seen and (visit.without_ids or following is page):
                break
            seen.add(following.url)
            moment = view.leave + rng.randrange(1_000, 4_000)
            if rng.random() < 0.08:
                moment += rng.randrange(MINUTE, 8 * MINUTE)
            referrer, category, url = url.split("#")[0], "internal", following.url
            if page.words == 0 and rng.random() < 0.1:
                url += "?itm_source=homepage&itm_campaign=most-read&itm_medium=module"
            page = following
        visitor.away_until = max(view.leave for view in views) + AWAY
        self._apply(visit, views, flaw)
        visit.drafts.sort(key=lambda draft: draft.time)
        return visit

    def _landing(self, arrival: Arrival, visitor: Visitor) -> Page:
        rng, newsroom = self._rng, self._newsroom
        if visitor.amp:
            return newsroom.pick(rng)
        if arrival.source == "direct" and rng.random() < 0.55:
            return newsroom.home
        if arrival.source == "search":
            if rng.random() < 0.12:
                return newsroom.home
            if rng.random() < 0.3:
                return newsroom.pick_evergreen(rng)
        return newsroom.pick(rng)

    def _following(self, page: Page, visitor: Visitor) -> Page:
        rng, newsroom = self._rng, self._newsroom
        draw = rng.random()
        if page.words and not visitor.amp:
            if draw < 0.18:
                return newsroom.home
            if draw < 0.3:
                return newsroom.fronts[page.section]
        elif draw < 0.15 and not visitor.amp:
            return rng.choice(newsroom.fronts)
        return newsroom.pick(rng)

    def _session_block(self, visitor: Visitor, moment: int, url: str, arrival: Arrival) -> bytes:
        before = visitor.session_start
        visitor.sessions += 1
        start = visitor.session_start = moment - self._rng.randrange(30, 400)
        if not visitor.has_sessions:
            entry, session = session_entry_block(None, None, None), _NO_SESSION
        else:
            entry = session_entry_block(url, arrival.referrer, arrival.category)
            session = _SESSION % (
                visitor.sessions,
                start,
                before,
                utc_text(start),
                b'"%s"' % utc_text(before) if before else b"null",
            )
        return b"".join((*visitor.block, entry, session))

    def _view(
        self,
        visit: Visit,
        page: Page,
        url: str,
        referrer: str,
        category: str,
        moment: int,
        load: bytes,
        flaw: str | None,
    ) -> View:
        visitor = visit.visitor
        if not visitor.has_pageview_ids:
            ids = b'"pageload_id":null,"pageview_id":null,'
        elif flaw == "null_pageview_id":
            ids = b'"pageload_id":"%s","pageview_id":null,' % load
        else:
            own = self._rng.randrange(10**8, 10**10)
            ids = b'"pageload_id":"%s","pageview_id":"%d",' % (load, own)
        block = b"".join(
            (
                b'"apikey":"%s","channel":"%s","flags_is_amp":%s,'
                % (
                    self._site.site_id.encode(),
                    b"amp" if visitor.amp else b"website",
                    b"true" if visitor.amp else b"false",
                ),
                ids,
                url_block(url),
                referrer_block(referrer, category),
            )
        )
        view = View(next(self._numbers), page, block, moment)
        extra = extra_json(visitor)
        mess = ("null_pageview_id",) if flaw == "null_pageview_id" else ()
        visit.drafts.append(Draft(moment, PAGEVIEW, view, 0, extra, _ACTIONS[PAGEVIEW], mess))
        return view

    def _engage(self, visit: Visit, view: View, at_least: int = 0) -> None:
        """Add the events on a page until it is left: heartbeats, video, conversions."""
        rng, page, visitor = self._rng, view.page, visit.visitor
        drafts, extra = visit.drafts, extra_json(visitor)
        engaged = max(at_least, self._engaged_seconds(page))
        longest = self._site.beat_seconds
        if not visitor.has_pageview_ids:
            longest = OLD_BEAT_SECONDS
        moment = view.start
        while engaged > 0:
            seconds = min(engaged, rng.randint(longest * 6 // 10, longest))
            engaged -= seconds
            if engaged > 0:
                moment += longest * SECOND + rng.randrange(0, 500)
            else:
                moment += seconds * SECOND + rng.randrange(
                    0, (longest - seconds) * SECOND // 4 + 500
                )
            drafts.append(Draft(moment, HEARTBEAT, view, seconds, extra, _ACTIONS[HEARTBEAT]))
            view.beats += 1
        view.leave = max(view.leave, moment)
        if view.beats and not visitor.amp:
            if page.video_seconds and rng.random() < STARTS_VIDEO:
                self._watch(visit, view, longest)
            if rng.random() < CONVERTS:
                kind, label = rng.choice(CONVERSIONS)
                more = extra_json(visitor, _conversion_type=kind, _conversion_label=label)
                at = self._moment_during(view)
                drafts.append(Draft(at, CONVERSION, view, 0, more, _ACTIONS[CONVERSION]))
            if page.words and rng.random() < ACTS:
                name, about = rng.choice(CUSTOM_EVENTS)
                more = extra_json(visitor, **about)
                at = self._moment_during(view)
                drafts.append(Draft(at, CUSTOM, view, 0, more, name.encode()))

    def _moment_during(self, view: View) -> int:
        return view.start + 900 + int(self._rng.random() * max(1, view.leave - view.start - 900))

    def _engaged_seconds(self, page: Page) -> int:
        rng = self._rng
        draw = rng.random()
        if page.words == 0:
            return 0 if draw < 0.25 else min(90, 2 + int(rng.expovariate(0.09)))
        if draw < BOUNCE:
            return 0
        share = rng.uniform(0.03, 0.25) if draw < BOUNCE + SKIM else rng.betavariate(3.2, 1.6)
        pace = WORDS_PER_SECOND * rng.lognormvariate(0.0, 0.25)
        return min(LONGEST_READ, max(1, round(page.words / pace * share)))

    def _watch(self, visit: Visit, view: View, longest: int) -> None:
        rng, drafts, extra = self._rng, visit.drafts, extra_json(visit.visitor)
        view.video_id = b'"%d"' % rng.randrange(10**7, 10**9)
        moment = view.start + rng.randrange(1_500, 20_000)
        drafts.append(Draft(moment, VIDEO_START, view, 0, extra, _ACTIONS[VIDEO_START]))
        left = max(1, int(view.page.video_seconds * min(1.0, rng.betavariate(1.2, 1.0))))
        while left > 0:
            seconds = min(left, longest)
            left -= seconds
            moment += seconds * SECOND + rng.randrange(0, 300)
            drafts.append(Draft(moment, VIDEO_BEAT, view, seconds, extra, _ACTIONS[VIDEO_BEAT]))
        view.leave = max(view.leave, moment)

    # -- mess -----------------------------------------------------------------------------------

    def _twin(self, visit: Visit, view: View, url: str) -> View:
        """Add a view of the same page in a second tab, while the first one is read."""
        rng = self._rng
        moment = view.start + rng.randrange(1_500, 9_000)
        load = b"%d" % rng.randrange(10**8, 10**10)
        twin = self._view(visit, view.page, url, url, "internal", moment, load, None)
        visit.drafts[-1] = visit.drafts[-1]._replace(mess=("two_tabs",))
        self._engage(visit, twin, at_least=8)
        return twin

    def _apply(self, visit: Visit, views: list[View], flaw: str | None) -> None:
        if flaw not in ("heartbeat_without_pageview", "pageview_without_heartbeat"):
            return
        read = [view for view in views if view.beats and not view.video_id.startswith(b'"')]
        if not read:
            return
        view = self._rng.choice(read)
        lost, marked = PAGEVIEW, HEARTBEAT
        if flaw == "pageview_without_heartbeat":
            lost, marked = HEARTBEAT, PAGEVIEW
        visit.drafts = [
            draft._replace(mess=(flaw,)) if draft.view is view and draft.kind == marked else draft
            for draft in visit.drafts
            if draft.view is not view or draft.kind != lost
        ]

    def _crawl(self, moment: int) -> Visit:
        rng, visitor = self._rng, self._audience.next_crawler()
        visit = Visit(next(self._numbers), visitor)
        first = self._newsroom.pick(rng)
        arrival = Arrival("direct", "", "direct", "")
        visit.block = self._session_block(visitor, moment, first.url, arrival)
        page = first
        for _ in range(rng.randrange(2, 14)):
            load = b"%d" % rng.randrange(10**8, 10**10)
            view = self._view(visit, page, page.url, "", "direct", moment, load, None)
            if rng.random() < 0.1:
                self._engage(visit, view)
            moment = view.leave + rng.randrange(1_000, 20_000)
            page = self._newsroom.pick_evergreen(rng) if rng.random() < 0.5 else first
        visit.drafts = [draft._replace(mess=("bot",)) for draft in visit.drafts]
        visit.drafts.sort(key=lambda draft: draft.time)
        return visit


def write_line(draft: Draft, visit: Visit, rng: Random, site: Site) -> tuple[bytes, Label]:
    """Return an event as a line of JSON without line break, and its label."""
    time, kind, view, seconds, extra, action, mess = draft
    video = b"null"
    if kind in (VIDEO_START, VIDEO_BEAT):
        video, about = view.video_id, view.page.video
    else:
        about = view.page.metadata_at(time)
        if time < view.page.known_from:
            mess = (*mess, "late_metadata")
    bits = rng.getrandbits(136)  # 128 for the id, 8 for the transmission delay
    head = _HEAD % (
        action,
        bits >> 8,
        utc_text(time),
        time,
        time - (bits & 255) - 15 + visit.skew,
        b"%d" % seconds if kind in (HEARTBEAT, VIDEO_BEAT) else b"null",
        video,
        extra,
    )
    visitor = visit.visitor
    if visit.skew:
        mess = (*mess, "clock_skew")
    if visitor.staff:
        mess = (*mess, "staff")
    label = Label(
        BOT if visitor.bot else VALID,
        kind,
        time,
        site.index,
        visitor.number,
        visit.number if visitor.has_sessions else -1,
        view.number,
        seconds,
        mess,
        None,
        0,
    )
    return head + view.block + about + visit.block, label
