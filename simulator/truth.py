"""The correct numbers, counted from the lines as they are written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from simulator.rhythm import DAY, MINUTE, Site

SESSION_GAP = 30 * MINUTE

PAGEVIEW, HEARTBEAT, VIDEO_START, VIDEO_BEAT, CONVERSION, CUSTOM = range(6)
VALID, BOT, REFUSED, REJECTED, BLANK = range(5)


class Label(NamedTuple):
    """The truth about one line."""

    outcome: int  # VALID, BOT (valid, but not a person), REFUSED, REJECTED or BLANK
    kind: int  # PAGEVIEW ... CUSTOM
    time: int  # epoch ms
    site: int
    visitor: int
    session: int  # the tracker's session; -1 when the tracker sent none
    pageview: int
    seconds: int  # engaged or watched
    mess: tuple[str, ...]  # kinds of mess the line shows
    rule: str | None  # the rule a refused event breaks
    copy_of: int  # the same number on all lines with one event id; 0 when there is only one


class Truth:
    """Counts all lines that can be read back from the files."""

    def __init__(self, sites: list[Site]) -> None:
        self._sites = sites
        self.totals: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.mess: Counter[str] = Counter()
        self._days: defaultdict[tuple[int, int], Counter[str]] = defaultdict(Counter)
        self._visitors: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        self._sessions: dict[int, tuple[int, int]] = {}  # session -> earliest time, site
        self._loose: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        self._viewed: dict[int, int] = {}  # pageview -> its day
        self._read: dict[int, list[int]] = {}  # pageview -> seconds, earliest heartbeat, site
        self._copies: dict[int, Label] = {}  # earliest line of each event that has copies

    def count(self, labels: Iterable[Label]) -> None:
        """Count lines that are readable in a file."""
        totals = self.totals
        for label in labels:
            totals["lines"] += 1
            outcome = label.outcome
            for kind in label.mess:
                self.mess[kind] += 1
            if outcome == VALID and not label.copy_of:
                totals["events"] += 1
                self._count_event(label)
            elif outcome == BLANK:
                totals["blank_lines"] += 1
            elif outcome == REJECTED:
                totals["rejected_lines"] += 1
            else:
                totals["events"] += 1
                if outcome == REFUSED:
                    self.refused[label.rule or ""] += 1
                elif label.copy_of:
                    first = self._copies.get(label.copy_of)
                    if first is not None:
                        totals["duplicates"] += 1
                    if first is None or label.time < first.time:
                        self._copies[label.copy_of] = label
                else:
                    totals["bot_events"] += 1

    def count_cut_line(self) -> None:
        """Count the partial line at the end of a truncated file."""
        self.totals["lines"] += 1
        self.totals["rejected_lines"] += 1

    def _count_event(self, label: Label) -> None:
        _, kind, time, site, visitor, session, pageview, seconds, _, _, _ = label
        day = time // DAY
        key = (site, day)
        self._visitors[key].add(visitor)
        if session < 0:
            self._loose[site, visitor].append(time)
        else:
            earliest = self._sessions.get(session)
            if earliest is None or time < earliest[0]:
                self._sessions[session] = (time, site)
        if kind == PAGEVIEW:
            self._days[key]["pageviews"] += 1
            self._viewed[pageview] = day
        elif kind == HEARTBEAT:
            read = self._read.get(pageview)
            if read is None:
                self._read[pageview] = [seconds, time, site]
            else:
                read[0] += seconds
                if time < read[1]:
                    read[1] = time
        elif kind == VIDEO_START:
            self._days[key]["video_starts"] += 1
        elif kind == VIDEO_BEAT:
            self._days[key]["video_watch_seconds"] += seconds
        elif kind == CONVERSION:
            self._days[key]["conversions"] += 1

    def close(self) -> dict[str, Any]:
        """Return totals and days. Call it once, after the last file."""
        for label in self._copies.values():
            if label.outcome == BOT:
                self.totals["bot_events"] += 1
            else:
                self._count_event(label)
        self._copies.clear()
        days = self._days
        for key, visitors in self._visitors.items():
            days[key]["visitors"] = len(visitors)
        for time, site in self._sessions.values():
            days[site, time // DAY]["sessions"] += 1
        for (site, _), times in self._loose.items():
            times.sort()
            before = times[0] - SESSION_GAP
            for time in times:
                if time - before >= SESSION_GAP:
                    days[site, time // DAY]["sessions"] += 1
                before = time
        for pageview, (seconds, earliest, site) in self._read.items():
            day = self._viewed.get(pageview, earliest // DAY)
            days[site, day]["engaged_seconds"] += seconds
        totals, refused = self.totals, sum(self.refused.values())
        names = ("lines", "blank_lines", "rejected_lines", "events", "duplicates")
        return {
            "totals": {name: totals[name] for name in names}
            | {
                "refused": dict(sorted(self.refused.items())),
                "unique_events": totals["events"] - refused - totals["duplicates"],
                "bot_events": totals["bot_events"],
            },
            "days": [self._day(*key) for key in sorted(days)],
        }

    def _day(self, site: int, day: int) -> dict[str, Any]:
        date = datetime.fromtimestamp(day * DAY / 1000, UTC).date().isoformat()
        counted = self._days[site, day]
        names = (
            "pageviews", "visitors", "sessions", "engaged_seconds", "video_starts",
            "video_watch_seconds", "conversions",
        )  # fmt: skip
        return {"site_id": self._sites[site].site_id, "date": date} | {
            name: counted[name] for name in names
        }
