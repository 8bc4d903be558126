"""Who agreed to be handed to other systems: a list of visitors, or a key of what the site sends."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from readership.errors import UserError, message_of

VISITOR: Final = "visitor_site_id"
SITE: Final = "site_id"


@dataclass(frozen=True)
class ConsentKey:
    """A key of `extra_data`, and the value under it that means yes."""

    key: str
    value: str

    @property
    def path(self) -> str:
        """The JSON path of the key."""
        return f'$."{self.key}"'


def parsed_key(text: str) -> ConsentKey:
    """Return the key and value of `KEY=VALUE`.

    Raises:
        UserError: The text has another form.

    """
    key, _, value = (part.strip() for part in text.partition("="))
    if not key or not value or not key.isprintable() or set(key) & set('"\\'):
        raise UserError(
            "a consent key is a key and the value that means yes",
            repr(text),
            "write --consent-key KEY=VALUE, such as marketing=true",
        )
    return ConsentKey(key, value)


def consented(file: Path, sites: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield site and visitor of each row of a list.

    Args:
        file: CSV with the column visitor_site_id, and site_id if there are several sites.
        sites: The sites of the audience.

    Raises:
        UserError: The list cannot be read or has other columns, a row has no visitor, or it is not
            said on which of several sites they agreed.

    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream, strict=True)
            header = [name.strip() for name in next(rows, [])]
            _check_header(file, header, sites)
            at = header.index(VISITOR)
            site_at = header.index(SITE) if SITE in header else None
            for row in rows:
                cells = [cell.strip() for cell in row]
                if not any(cells):
                    continue
                if len(cells) != len(header) or not all(cells):
                    raise UserError(
                        "a row of the consent list is not complete",
                        f"{file}:{rows.line_num}",
                        f"give each row {' and '.join(header)}",
                    )
                yield (sites[0] if site_at is None else cells[site_at]), cells[at]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            "the consent list cannot be read",
            str(file),
            f"name a CSV in UTF-8 with --consent ({message_of(error)})",
        ) from error


def _check_header(file: Path, header: Sequence[str], sites: Sequence[str]) -> None:
    if VISITOR not in header or len(set(header)) < len(header):
        raise UserError(
            f"the consent list has no column {VISITOR}, or one twice",
            str(file),
            f"write a first line with {VISITOR} and, for several sites, {SITE}",
        )
    if other := [name for name in header if name not in (VISITOR, SITE)]:
        # Such as `consented`: a row that says no must not count as a yes.
        raise UserError(
            f"the consent list has other columns ({', '.join(other)[:80]})",
            str(file),
            f"keep {VISITOR} and {SITE}: every row is a visitor that agreed",
        )
    if SITE not in header and len(sites) > 1:
        raise UserError(
            "the consent list does not say on which site visitors agreed",
            str(file),
            f"add a column {SITE}, or name one site with --site",
        )
