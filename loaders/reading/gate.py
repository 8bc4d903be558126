"""The gate: one line of an event file in, a typed row or the reason for refusing it out.

Nothing here does I/O or keeps state, so lines may be judged in any order and in any process.

This is the rule, field by field. It accepts what real deliveries contain: numbers, flags and lists
written as text, numbers where an identifier is text, NaN, fields that nobody has listed yet. A
value is never changed in meaning; `forms` has the form it is kept in. What cannot be stored as its
field's type is refused. Lines that fit the field list exactly need not come here one by one:
`blocks` takes them many at a time.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from loaders.fields import FIELDS
from loaders.reading.forms import FLAGS, KEPT, NOTHING, kept_json, without_halves
from loaders.reading.lines import MAX_LINE_BYTES, BrokenRecord, LongLine
from loaders.reasons import (
    BROKEN_JSON,
    BROKEN_RECORD,
    INVALID_UTF8,
    LINE_TOO_LONG,
    NOT_AN_OBJECT,
    TRUNCATED,
    WRONG_TYPE,
)

Row = tuple[Any, ...]
"""One event: the values of `ROW_FIELDS` in their order, None where the line has none."""


class Rejection(NamedTuple):
    """Why a line is no event.

    Attributes:
        reason: One of `REASONS`.
        detail: The field and what was found in it, or what the parser says; short.

    """

    reason: str
    detail: str


JSON_FIELDS: Final = tuple(name for name, kind in FIELDS.items() if kind == "json")
SCALAR_FIELDS: Final = tuple(name for name, kind in FIELDS.items() if kind != "json")

ROW_FIELDS: Final = (*SCALAR_FIELDS, *JSON_FIELDS, "_unknown_fields")
"""The columns of a `Row`; the last is a JSON object of the fields not in `FIELDS`."""

INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1

_decode_raws: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
ESCAPED_HALF: Final = re.compile(
    rb"\\\\u[dD]"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
"""Found wherever JSON text escapes half of a surrogate pair, and in some texts that do not."""

# An escaped NUL that is not itself behind an escaped backslash.
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_WHOLE: Final = re.compile(r"[+-]?[0-9]+(?:_[0-9]+)*", re.ASCII)
_NUMBER: Final = re.compile(
    r"[+-]?[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*)?(?:[eE][+-]?[0-9]+)?", re.ASCII
)
_NOT_A_NUMBER: Final = NOTHING | {"infinity", "-infinity", "inf", "-inf"}
# Longer than any 64-bit number needs; keeps a line of 16 million digits from costing minutes.
_MAX_NUMBER_CHARS: Final = 400
_SHOWN_CHARS: Final = 60


def judge(line: bytes | LongLine, *, cut: bool = False) -> Row | Rejection | None:
    """Judge one line of an event file.

    Args:
        line: The bytes of the line without its line end.
        cut: The file broke off inside this line, so text that does not parse is what is left
            of an event, not a broken one.

    Returns:
        The typed row, the reason why there is none, or None for a blank line.

    """
    if isinstance(line, BrokenRecord):
        return Rejection(BROKEN_RECORD, line.detail)
    if isinstance(line, LongLine) or len(line) > MAX_LINE_BYTES:
        length = line.length if isinstance(line, LongLine) else len(line)
        return Rejection(
            LINE_TOO_LONG,
            f"{length} bytes; the first {min(len(line), MAX_LINE_BYTES)} of them are kept",
        )
    verdict = _judge(line)
    if cut and isinstance(verdict, Rejection) and verdict.reason != WRONG_TYPE:
        return Rejection(TRUNCATED, f"the file breaks off {len(line)} bytes into this line")
    return verdict


def _judge(line: bytes) -> Row | Rejection | None:
    if not line.strip():
        return None
    if ESCAPED_HALF.search(line):
        line = without_halves(line)
    try:
        # Of twin fields the last counts, so bytes in the first that are no text do no harm.
        return _row_of(_raw_values(line))
    except (UnicodeDecodeError, _RefusedError) as refusal:
        try:
            line.decode()
        except UnicodeDecodeError as error:
            return Rejection(INVALID_UTF8, f"byte {error.start + 1}: {error.reason}")
        if isinstance(refusal, _RefusedError):
            return refusal.rejection
        raise


class _RefusedError(Exception):
    """Carries a `Rejection` out of the readers of fields."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.rejection = Rejection(reason, detail)


def _raw_values(line: bytes) -> dict[str, bytes]:
    """Give each key of the object the exact JSON text of its value; the last of twins wins."""
    try:
        raws = _decode_raws(line)
    except (msgspec.DecodeError, RecursionError):
        raws = _decode_raws(_plain_json(line))
    return {name: bytes(raw) for name, raw in raws.items()}


def _plain_json(line: bytes) -> bytes:
    """Rewrite what only Python's writers emit (NaN, Infinity) as null, or refuse the line."""
    try:
        found = json.loads(line.decode(), parse_constant=lambda _: None, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise _RefusedError(BROKEN_JSON, f"character {error.pos + 1}: {error.msg}") from None
    except RecursionError:
        raise _RefusedError(BROKEN_JSON, "nested too deeply") from None
    except ValueError as error:
        raise _RefusedError(BROKEN_JSON, _short(str(error))) from None
    if not isinstance(found, dict):
        raise _RefusedError(NOT_AN_OBJECT, f"found {_kind_of_value(found)}")
    try:
        plain = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
        _decode_raws(plain)
    except RecursionError:
        raise _RefusedError(BROKEN_JSON, "nested too deeply") from None
    return plain


def _finite(literal: str) -> float | None:
    value = float(literal)
    return value if math.isfinite(value) else None


def _row_of(raws: dict[str, bytes]) -> Row:
    for name, raw in raws.items():
        if "\0" in name or _NUL.search(raw):
            raise _RefusedError(WRONG_TYPE, f"{_short(name)}: holds a NUL character")
    row = [
        _READERS[kind](name, raws[name]) if name in raws else None
        for name, kind in _ROW_KINDS.items()
    ]
    return (*row, unknown_text({name: raw for name, raw in raws.items() if name not in FIELDS}))


def unknown_text(raws: dict[str, bytes]) -> str | None:
    """Put the fields that are not in the list into one JSON object, by name; None for none."""
    if not raws:
        return None
    fields = (
        f"{msgspec.json.encode(name).decode()}:{raws[name].decode()}" for name in sorted(raws)
    )
    return "{" + ",".join(fields) + "}"


def _wrong(name: str, expected: str, raw: bytes) -> _RefusedError:
    found = _short(raw.decode("utf-8", "replace"))
    return _RefusedError(WRONG_TYPE, f"{name}: expected {expected}, found {found}")


def _text(name: str, raw: bytes) -> str | None:
    if raw == b"null":
        return None
    if raw.startswith(b'"'):
        text = msgspec.json.decode(raw, type=str)
    elif (text := _whole_number(raw.decode())) is None:
        raise _wrong(name, "text", raw)
    keep = KEPT.get(name)
    return text if keep is None else keep(text)


def _whole_number(literal: str) -> str | None:
    """Give the digits of a whole number, of 64 bits if it is written as another; else None."""
    if _WHOLE.fullmatch(literal):
        return literal
    if len(literal) > _MAX_NUMBER_CHARS or not _NUMBER.fullmatch(literal):
        return None
    value = Decimal(literal)
    if INT64_MIN <= value <= INT64_MAX and value == value.to_integral_value():
        return str(int(value))
    return None


def _bigint(name: str, raw: bytes) -> int | None:
    literal = _number_literal(name, raw, "a whole number")
    if literal is None:
        return None
    value = Decimal(literal)
    if not INT64_MIN <= value <= INT64_MAX:
        raise _wrong(name, "a whole number of 64 bits", raw)
    if value != value.to_integral_value():
        raise _wrong(name, "a whole number", raw)
    return int(value)


def _double(name: str, raw: bytes) -> float | None:
    literal = _number_literal(name, raw, "a number")
    if literal is None:
        return None
    value = float(literal)
    if not math.isfinite(value):
        raise _wrong(name, "a number of 64 bits", raw)
    return value


def _number_literal(name: str, raw: bytes, expected: str) -> str | None:
    """Give the digits of a number or of a text that spells one; None for null and NaN."""
    if raw == b"null":
        return None
    literal = raw.decode()
    if literal.startswith('"'):
        literal = msgspec.json.decode(raw, type=str)
        if literal.strip().lower() in _NOT_A_NUMBER:
            return None
    if len(literal) > _MAX_NUMBER_CHARS or not _NUMBER.fullmatch(literal):
        raise _wrong(name, expected, raw)
    return literal.replace("_", "")


def _bool(name: str, raw: bytes) -> bool | None:
    if raw == b"null":
        return None
    literal = raw.decode()
    if literal.startswith('"'):
        literal = msgspec.json.decode(raw, type=str).strip()
        if literal.lower() in NOTHING:
            return None
    if (flag := FLAGS.get(literal.lower())) is not None:
        return flag
    raise _wrong(name, "true or false", raw)


def _json(name: str, raw: bytes) -> str | None:
    if raw == b"null":
        return None
    try:
        kept = kept_json(name, raw.decode())
    except RecursionError:
        raise _RefusedError(BROKEN_JSON, f"{name}: nested too deeply") from None
    if kept is not None and _NUL.search(kept.encode()):
        raise _RefusedError(WRONG_TYPE, f"{name}: holds a NUL character")
    return kept


_READERS: Final = {
    "text": _text,
    "bigint": _bigint,
    "double": _double,
    "bool": _bool,
    "json": _json,
}
_ROW_KINDS: Final = {name: FIELDS[name] for name in (*SCALAR_FIELDS, *JSON_FIELDS)}


def _kind_of_value(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case _:
            return "a list"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"
