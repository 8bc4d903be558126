"""The result of a query for programs: CSV, or JSON with one object a line; every row and value."""

from __future__ import annotations

import csv
import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TextIO

from readership.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FORMATS: Final = ("text", "csv", "json")
"""The formats of `readership query`; the first is for people."""


def write_csv(stream: TextIO, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a line of headings and one for each row; null is empty, nested values are JSON."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow([_cell(value) for value in row])


def write_json(stream: TextIO, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write one object a line.

    Raises:
        UserError: Two columns have one name, so that an object would lack a value.

    """
    for name in headings:
        if headings.count(name) > 1:
            raise UserError("two columns have one name", name, "rename one of them with `as`")
    for row in rows:
        values = dict(zip(headings, map(_plain, row), strict=True))
        stream.write(json.dumps(values, ensure_ascii=False) + "\n")


def _cell(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    plain = _plain(value)
    if plain is None:
        return ""
    return json.dumps(plain, ensure_ascii=False) if isinstance(plain, bool | dict | list) else plain


def _plain(value: object) -> Any:  # noqa: ANN401
    """Give a value as JSON has it: texts for times and identifiers, null for what is no number."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    return str(value)
