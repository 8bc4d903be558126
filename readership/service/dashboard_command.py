"""What `readership dashboard` does: writes the page and its numbers to a single file."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from readership.errors import UserError
from readership.service.counting import Counter
from readership.service.dashboard import PERIODS, dashboard_of, post_of, single_file
from readership.service.origins import origin_of
from readership.service.snapshots import current_snapshot, publish, snapshot_folder
from readership.service.sources import Cursor, Source, SourceError
from readership.service.warehouses import PostgresAddress

DEFAULT_FILE: Final = Path("data/dashboard.html")
"""The file that is written where the command line names none; its folder is made."""
_MEMORY: Final = "4GB"
# Nobody waits for an answer here, so a slow database may take its time.
_SECONDS: Final = 600.0


def run_dashboard(options: argparse.Namespace, warehouse: Path | PostgresAddress) -> int:
    """Write the file, and return the exit code.

    Raises:
        UserError: The numbers cannot be read, there is no such site, or the file cannot be written.

    """
    if isinstance(warehouse, Path) and current_snapshot(snapshot_folder(warehouse)) is None:
        publish(warehouse)
    origin = origin_of(warehouse, None, _MEMORY, _SECONDS)
    try:
        source = origin.newest(None)
        try:
            sites = _sites(options.site, source)
            with source.reading() as cursor:
                page = single_file(_documents(source, cursor, sites))
        finally:
            source.retire()
    except SourceError as error:
        raise UserError(
            "the numbers cannot be read",
            str(options.warehouse or "the warehouse"),
            f"publish and try again ({error})",
        ) from error
    finally:
        origin.close()
    _write(Path(options.out), page)
    named = ", ".join(sites) or "no site yet"
    print(f"dashboard of {named} in {options.out}: open it in a browser")
    return 0


def _sites(chosen: list[str] | None, source: Source) -> list[str]:
    known = sorted(source.sites)
    for site in chosen or []:
        if site not in known:
            raise UserError("there is no such site", site, f"use one of {', '.join(known)}")
    return sorted(set(chosen)) if chosen else known


def _documents(source: Source, cursor: Cursor, sites: list[str]) -> dict[str, Any]:
    """Return what the page asks for, by path and parameters of the call."""
    counter = None if source.is_remote else Counter()
    found: dict[str, Any] = {
        "dashboard/sites": {"success": True, "needs_secret": False, "sites": sites}
    }
    for site in sites:
        urls: dict[str, None] = {}
        for period in PERIODS:
            document = dashboard_of(source, cursor, site, period, counter)
            found["\n".join(["dashboard", site, period])] = document
            urls |= {post["url"]: None for post in document["posts"] + document["trends"]}
        for url in urls:
            found["\n".join(["dashboard/post", site, url])] = post_of(
                source, cursor, site, url, counter
            )
    return found


def _write(file: Path, page: str) -> None:
    """Replace the file at once, so that who has it open never reads half of it."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        if file == DEFAULT_FILE:
            file.parent.mkdir(exist_ok=True)
        elif not file.parent.exists():
            # A misspelt folder would be made, and the file looked for elsewhere.
            raise UserError(
                "there is no such folder",
                str(file.parent),
                "make it, or name another file with --out",
            )
        part.write_text(page, "utf-8")
        part.replace(file)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise UserError(
            "the dashboard cannot be written", str(file), f"name another file with --out ({error})"
        ) from error
