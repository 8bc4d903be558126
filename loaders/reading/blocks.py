"""Many lines at a time through the gate, into one Arrow batch.

A line that fits the field list exactly takes the fast way: one typed decode, then column by
column. Every line that does not goes to `gate.judge`, which is the rule. The fast way takes no line
that the rule would refuse and gives the row that the rule would give; the tests hold the two
against each other. Fields that nobody has listed are learned when they are first seen, so that a
site that begins to send one does not fall off the fast way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated, Any, Final

import msgspec
import pyarrow as pa

from loaders.fields import FIELDS, ID_FIELDS, FieldType
from loaders.reading.forms import KEPT, kept_json
from loaders.reading.gate import (
    ESCAPED_HALF,
    INT64_MAX,
    INT64_MIN,
    JSON_FIELDS,
    ROW_FIELDS,
    SCALAR_FIELDS,
    Rejection,
    Row,
    judge,
    unknown_text,
)
from loaders.reading.lines import Block, Line
from loaders.tables import ARROW_SCHEMAS, EVENTS

LOOKUP_FIELDS: Final = (
    "user_agent",
    "url",
    "referrer",
    "session_initial_url",
    "session_initial_referrer",
)
"""The fields whose distinct values are worth a look of their own."""

# Identifiers that trackers have sent as numbers for years.
_NUMBERED_IDS: Final = ("pageload_id", "pageview_id", "videostart_id", "metadata_post_id")
# Against senders who make up field names: beyond these, lines go the slow way, and beyond those,
# or where they are longer, names are not reported. The fields are kept all the same.
_MAX_LEARNED: Final = 200
_MAX_REPORTED: Final = 1_000
_MAX_REPORTED_CHARS: Final = 256
# What msgspec takes for no name of a field.
_UNLEARNABLE: Final = re.compile(r'["\\\x00-\x1f]')

_Int64 = Annotated[int, msgspec.Meta(ge=INT64_MIN, le=INT64_MAX)]
_FAST_TYPES: Final[dict[FieldType, Any]] = {
    "text": str | None,
    "bigint": _Int64 | None,
    "double": float | None,
    "bool": bool | None,
}
_SCALARS: Final = len(SCALAR_FIELDS)
_LISTED: Final = _SCALARS + len(JSON_FIELDS)
_ABSENT: Final = msgspec.Raw(b"")
_NULL: Final = msgspec.Raw(b"null")
_ESCAPED_NUL: Final = rb"\u0000"
_EVENT_SCHEMA: Final = ARROW_SCHEMAS[EVENTS]
_TYPES: Final = [_EVENT_SCHEMA.field(name).type for name in ROW_FIELDS]
_BATCH_COLUMNS: Final = [ROW_FIELDS.index(name) for name in _EVENT_SCHEMA.names[:-2]]
_LOOKUP_COLUMNS: Final = [ROW_FIELDS.index(name) for name in LOOKUP_FIELDS]
_NUMBERED_COLUMNS: Final = frozenset(SCALAR_FIELDS.index(name) for name in _NUMBERED_IDS)
_KEPT_COLUMNS: Final = {SCALAR_FIELDS.index(name): keep for name, keep in KEPT.items()}
# Of these nearly every event has its own, and only what ends in a zero is kept in another form.
_ID_COLUMNS: Final = frozenset(
    SCALAR_FIELDS.index(name) for name in ID_FIELDS - {"metadata_post_id"}
)
_as_tuple: Final = msgspec.structs.astuple
_decode_unknown: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class _OddError(Exception):
    """A row that the fast way took needs the rule's judgement after all."""


@dataclass(slots=True)
class Judged:
    """The verdicts on the lines of one block.

    Attributes:
        events: Its events, in the columns of `raw.events` but for the load id.
        rejected: Number, verdict and bytes of each refused line.
        lines: How many lines were judged.
        blank: How many of them were blank.
        lookups: The distinct values of each of `LOOKUP_FIELDS`, in their order.
        unknown: Fields not in the list that were seen for the first time, with their line.

    """

    events: pa.RecordBatch
    rejected: list[tuple[int, Rejection, Line]]
    lines: int
    blank: int
    lookups: list[set[str | None]]
    unknown: dict[str, int]


@dataclass(slots=True)
class _Sorted:
    """The lines of a block by the way they took."""

    fast: list[tuple[Any, ...]] = field(default_factory=list)
    fast_numbers: list[int] = field(default_factory=list)
    slow: list[Row] = field(default_factory=list)
    slow_numbers: list[int] = field(default_factory=list)
    rejected: list[tuple[int, Rejection, Line]] = field(default_factory=list)
    blank: int = 0

    def judge_by_rule(self, number: int, line: Line, *, cut: bool) -> None:
        """Put a line where the gate says that it belongs."""
        verdict = judge(line, cut=cut)
        if verdict is None:
            self.blank += 1
        elif isinstance(verdict, Rejection):
            self.rejected.append((number, verdict, line))
        else:
            self.slow.append(verdict)
            self.slow_numbers.append(number)


class BlockJudge:
    """Judges blocks; what it has seen makes it faster and changes no verdict."""

    def __init__(self) -> None:
        self._learned: list[str] = []
        self._reported: set[str] = set()
        self._build()

    def judge(self, block: Block, file: str, first_line: int, *, cut: bool = False) -> Judged:
        """Judge the lines of a block.

        Args:
            block: Lines of one file, one after another.
            file: The file's name, for the column `_file`.
            first_line: The number of the block's first line in its file, from 1.
            cut: The block is what is left of a line in which the file breaks off.

        """
        return self.judge_numbered(block, file, range(first_line, first_line + len(block)), cut=cut)

    def judge_numbered(
        self, lines: Block, file: str, numbers: Sequence[int], *, cut: bool = False
    ) -> Judged:
        """Judge lines of a file that need not follow one another.

        Args:
            lines: The lines.
            file: The file's name, for the column `_file`.
            numbers: The number of each line in its file, from 1.
            cut: The lines are what is left of lines in which the file breaks off.

        """
        found = _Sorted()
        decode, fast, fast_numbers = self._decode, found.fast, found.fast_numbers
        for number, line in zip(numbers, lines, strict=True):
            try:
                fast.append(_as_tuple(decode(line)))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError):
                found.judge_by_rule(number, line, cut=cut)
            else:
                fast_numbers.append(number)
        try:
            columns, lookups = self._columns(found)
        except (_OddError, UnicodeDecodeError):
            self._sort_again(found, dict(zip(numbers, lines, strict=True)), cut=cut)
            columns, lookups = self._columns(found)
        count = len(found.fast) + len(found.slow)
        columns += [
            pa.repeat(pa.scalar(file, pa.string()), count),
            pa.array(found.fast_numbers + found.slow_numbers, pa.int64()),
        ]
        return Judged(
            pa.RecordBatch.from_arrays(columns, schema=_EVENT_SCHEMA),
            found.rejected,
            len(lines),
            found.blank,
            lookups,
            self._learn(found),
        )

    def _columns(self, found: _Sorted) -> tuple[list[pa.Array], list[set[str | None]]]:
        columns: list[Sequence[Any]] = list(zip(*found.fast, strict=True)) or [()] * _LISTED
        listed = [
            *(_scalars(at, values) for at, values in enumerate(columns[:_SCALARS])),
            *(
                _json_texts(name, raws)
                for name, raws in zip(JSON_FIELDS, columns[_SCALARS:_LISTED], strict=True)
            ),
            self._unknown_texts(columns[_LISTED:], len(found.fast)),
        ]
        arrays = [pa.array(v, kind) for v, kind in zip(listed, _TYPES, strict=True)]
        _look_for_odd_characters(arrays)
        lookups = [set(listed[at]) for at in _LOOKUP_COLUMNS]
        if found.slow:
            slow = list(zip(*found.slow, strict=True))
            arrays = [
                pa.concat_arrays([array, pa.array(v, kind)])
                for array, v, kind in zip(arrays, slow, _TYPES, strict=True)
            ]
            for values, at in zip(lookups, _LOOKUP_COLUMNS, strict=True):
                values.update(slow[at])
        return [arrays[at] for at in _BATCH_COLUMNS], lookups

    def _unknown_texts(self, raws: Sequence[Sequence[Any]], count: int) -> Sequence[str | None]:
        if not raws:
            return [None] * count
        return [
            unknown_text(
                {
                    name: raw
                    for name, raw in zip(self._learned, map(bytes, values), strict=True)
                    if raw
                }
            )
            for values in zip(*raws, strict=True)
        ]

    def _sort_again(self, found: _Sorted, lines: Mapping[int, Line], *, cut: bool) -> None:
        rows, numbers = found.fast, found.fast_numbers
        found.fast, found.fast_numbers = [], []
        for row, number in zip(rows, numbers, strict=True):
            if _is_odd(row):
                found.judge_by_rule(number, lines[number], cut=cut)
            else:
                found.fast.append(row)
                found.fast_numbers.append(number)

    def _learn(self, found: _Sorted) -> dict[str, int]:
        """Give the fields seen for the first time, and take them onto the fast way if they fit."""
        new_fields: dict[str, int] = {}
        for row, number in zip(found.slow, found.slow_numbers, strict=True):
            room = _MAX_REPORTED - len(self._reported)
            if row[-1] is None or not room:
                continue
            new = (
                name
                for name in _decode_unknown(row[-1])
                if name not in self._reported and len(name) <= _MAX_REPORTED_CHARS
            )
            for name in list(islice(new, room)):
                new_fields[name] = number
                self._reported.add(name)
        learnable = [name for name in new_fields if not _UNLEARNABLE.search(name)]
        room = _MAX_LEARNED - len(self._learned)
        if learnable and room > 0:
            self._learned = sorted([*self._learned, *learnable[:room]])
            self._build()
        return new_fields

    def _build(self) -> None:
        """Make the decoder for the listed and the learned fields."""
        learned = {f"learned_{at}": name for at, name in enumerate(self._learned)}
        event = msgspec.defstruct(
            "Event",
            [(name, _fast_type(name), None) for name in SCALAR_FIELDS]
            + [(name, msgspec.Raw, _NULL) for name in JSON_FIELDS]
            + [(name, msgspec.Raw, _ABSENT) for name in learned],
            rename=learned,
            forbid_unknown_fields=True,
            gc=False,
        )
        self._decode = msgspec.json.Decoder(event).decode


def _fast_type(name: str) -> Any:  # noqa: ANN401
    return str | int | None if name in _NUMBERED_IDS else _FAST_TYPES[FIELDS[name]]


def _scalars(at: int, values: Sequence[Any]) -> Sequence[Any]:
    if at in _NUMBERED_COLUMNS:
        values = _ids(values)
    keep = _KEPT_COLUMNS.get(at)
    if keep is None:
        return values
    if at in _ID_COLUMNS:
        return [keep(text) if text and text[-1] == "0" else text for text in values]
    forms = {text: keep(text) for text in set(values) if text}
    return [forms[text] if text else text for text in values]


def _ids(values: Sequence[Any]) -> Sequence[str | None]:
    if int not in set(map(type, values)):
        return values
    if 0 in values:
        # Zero and minus zero are the same number and not the same text.
        raise _OddError
    return [str(value) if type(value) is int else value for value in values]


def _json_texts(name: str, raws: Iterable[msgspec.Raw]) -> list[str | None]:
    texts = [str(raw, "utf-8") for raw in raws]
    try:
        forms = {text: kept_json(name, text) for text in set(texts) if text != "null"}
    except (ValueError, RecursionError):
        raise _OddError from None
    return [forms.get(text) for text in texts]


def _look_for_odd_characters(arrays: list[pa.Array]) -> None:
    for at, array in enumerate(arrays):
        if array.type == pa.string():
            text = array.buffers()[2]
            nul = b"\0" if at < _SCALARS else _ESCAPED_NUL
            if text is not None and nul in (found := text.to_pybytes()):
                raise _OddError
            if text is not None and at >= _SCALARS and ESCAPED_HALF.search(found):
                raise _OddError


def _is_odd(row: tuple[Any, ...]) -> bool:
    """Tell whether the rule might see a row otherwise than the fast way did."""
    for at, value in enumerate(row):
        if isinstance(value, str):
            if "\0" in value:
                return True
        elif isinstance(value, msgspec.Raw):
            raw = bytes(value)
            try:
                text = raw.decode()
            except UnicodeDecodeError:
                return True
            if "\\u0000" in text or ESCAPED_HALF.search(raw):
                return True
            if at < _LISTED:
                try:
                    kept_json(JSON_FIELDS[at - _SCALARS], text)
                except (ValueError, RecursionError):
                    return True
        elif at in _NUMBERED_COLUMNS and value == 0:
            return True
    return False
