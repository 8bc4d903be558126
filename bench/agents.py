"""Distinct user agents classified on one core: `make bench-agents`; takes some seconds.

The user agents are generated in the forms of browsers, in-app browsers, app clients and robots, all
different. The time is the CPU time of one process, including the time to read the lists.
"""

from __future__ import annotations

import sys
import time

from bench.figures import Figures
from bench.options import Options
from loaders.enriching import describe_agent

AGENTS = 20_000

_KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_SHAPES = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {kit} Chrome/{v}.0.{n}.7 Safari/537.36 Edg/{v}.{n}",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{v} like Mac OS X) {kit} Mobile/15E{n} Avisen/{v}.{n}",
    "Mozilla/5.0 (Linux; Android 15; SM-S9{v}B Build/AP3A.{n}.008; wv) {kit} Version/4.0 "
    "Chrome/{v}.0.{n}.43 Mobile Safari/537.36 Instagram 390.0.0.{n} Android (35/15; 480dpi)",
    "Mozilla/5.0 (Linux; Android 14; Pixel {n}) {kit} Chrome/{v}.0.0.0 Mobile Safari/537.36",
    "Avisen/{v}.{n} (Pixel 8; Android 14; okhttp/4.{v})",
    "Mozilla/5.0 (compatible; Samler{n}Bot/{v}.0; +https://samler{n}.example/bot)",
)


def main() -> int:
    """Measure, print the figure and return the exit code."""
    Options("agents", __doc__).parse_args()
    texts = [_SHAPES[n % len(_SHAPES)].format(kit=_KIT, n=n, v=80 + n % 70) for n in range(AGENTS)]
    assert len(set(texts)) == AGENTS
    started = time.process_time()
    for text in texts:
        describe_agent(text)
    figures = Figures()
    speed = AGENTS / (time.process_time() - started)
    figures.note("agents_described", speed, "agents/s", 2_000)
    return figures.exit_code()


if __name__ == "__main__":
    sys.exit(main())
