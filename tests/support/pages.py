"""The README and the pages of docs/, and the queries that they show."""

from __future__ import annotations

import re

from tests.support.warehouses import ROOT

PAGES = {
    file.relative_to(ROOT).as_posix(): file.read_text()
    for file in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
}
QUERY = re.compile(r'^```console\n\$ readership query "(.*?)"\n(.*?)^```$', re.S | re.M)


def named_in_tables(text: str) -> set[str]:
    """The names in code spans in the cells of a page's tables."""
    return {
        name
        for line in text.splitlines()
        if line.startswith("|")
        for name in re.findall(r"`(\w+)`", line)
    }
