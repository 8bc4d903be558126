"""The forms that real deliveries write a value in, and the one it is kept in.

Exports of warehouses and data frames write lists, objects and flags as text and whole numbers with
a decimal point; pages write names with HTML entities and addresses in many ways. What a value
means does not change here. `loaders.fields` says which fields are of which kind.
"""

from __future__ import annotations

import ast
import csv
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from loaders.fields import (
    ADDRESS_FIELDS,
    ADDRESS_LISTS,
    ID_FIELDS,
    NAME_FIELDS,
    NAME_LISTS,
    NETLOC_FIELDS,
    TRIMMED_FIELDS,
)
from readership.normal import normal_address, normal_name, normal_netloc

FLAGS: Final = {
    "true": True, "t": True, "yes": True, "y": True, "1": True, "1.0": True,
    "false": False, "f": False, "no": False, "n": False, "0": False, "0.0": False,
}  # fmt: skip
"""Flags as text, in lower case."""
NOTHING: Final = frozenset({"", "null", "none", "nan", "na", "n/a", "<na>", "nat"})
"""What stands for no value in an export, in lower case."""

_WHOLE_FLOAT: Final = re.compile(r"([+-]?[0-9]{1,19})\.0+", re.ASCII)
# A list of names that goes deeper is none.
_DEEPEST: Final = 5
_COMMA: Final = re.compile(r"[,;]\s+")
_LONGEST_WRITTEN_OUT: Final = 100_000
_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def _post_id(text: str) -> str:
    return normal_address(text) if "://" in text else _id(text)


def _id(text: str) -> str:
    found = _WHOLE_FLOAT.fullmatch(text)
    return text if found is None else found[1]


KEPT: Final[dict[str, Callable[[str], str]]] = {
    **dict.fromkeys(TRIMMED_FIELDS, str.strip),
    **dict.fromkeys(ADDRESS_FIELDS, normal_address),
    **dict.fromkeys(NETLOC_FIELDS, normal_netloc),
    **dict.fromkeys(NAME_FIELDS, normal_name),
    **dict.fromkeys(ID_FIELDS, _id),
    "metadata_post_id": _post_id,
}
"""For each text that is kept in another form than the one it came in, what gives that form."""


def without_halves(line: bytes) -> bytes:
    """Give JSON text with U+FFFD, no character, for each half of a surrogate pair."""
    return _ESCAPE.sub(lambda escape: rb"\ufffd" if escape["half"] else escape[0], line)


def kept_json(name: str, text: str) -> str | None:
    """Give the JSON text that a field of JSON is kept as, from JSON text.

    A list of names or addresses is a list of texts, each in its normal form, none twice; a bare
    text is a list of one, or of the authors whom it parts by commas; an object, as schema.org has
    for people, stands for its name. Any other object or list, and one written into a text, is kept
    as JSON. None for what says nothing.
    """
    if name == "metadata_authors" and text.startswith('"'):
        text = json.dumps(_joint_authors(json.loads(text)))
    if name in NAME_LISTS:
        return _texts_of(text, normal_name)
    if name in ADDRESS_LISTS:
        return _texts_of(text, normal_address)
    if text.startswith('"'):
        inner = json.loads(text)
        found = _written_out(inner) if inner.lstrip()[:1] in ("{", "[") else inner
        if found is not inner:
            return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        if inner.strip().lower() in NOTHING:
            return None
    return text


def _joint_authors(text: str) -> list[str] | str:
    """Give the names that commas part in a text; the text where they part none.

    Each has a first and a last name, so `Bell, Ana` and `Bo Ash, jr.` are one person.
    """
    if text.lstrip()[:1] in ("{", "["):
        return text
    names = _COMMA.split(text.strip())
    return names if len(names) > 1 and all(" " in name.strip() for name in names) else text


def _texts_of(text: str, kept: Callable[[str], str]) -> str | None:
    texts = dict.fromkeys(kept(each) for each in _texts(_read_list(text), _DEEPEST))
    texts.pop("", None)
    if not texts and not text.startswith("["):
        return None
    return json.dumps([*texts], ensure_ascii=False)


# Numbers in lists stay as they are written.
_read_list: Final = json.JSONDecoder(parse_float=str, parse_int=str).decode


def _texts(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401
    match value:
        case str():
            found = _written_out(value) if value.lstrip()[:1] in ("{", "[") else value
            if isinstance(found, str) or not depth:
                yield value
            else:
                yield from _texts(found, depth - 1)
        case list():
            if depth:
                for each in value:
                    yield from _texts(each, depth - 1)
        case dict():
            yield from _texts(_name_of(value), depth - 1) if depth else ()
        case bool():
            yield json.dumps(value)


def _name_of(thing: dict[str, Any]) -> Any:  # noqa: ANN401
    """Give what schema.org's objects and others' are called by."""
    for key in ("name", "@value", "label", "title", "text", "alternateName", "url", "@id"):
        if thing.get(key):
            return thing[key]
    parts = [thing.get(key) for key in ("givenName", "additionalName", "familyName")]
    names = " ".join(part for part in parts if isinstance(part, str))
    return names or thing.get("@list") or thing.get("@graph")


def _written_out(text: str) -> Any:  # noqa: ANN401
    """Give what a text spells: JSON, a literal of Python, a PostgreSQL array; else the text."""
    if len(text) > _LONGEST_WRITTEN_OUT:
        return text
    bare = without_halves(text.strip().encode()).decode()
    for read in (json.loads, ast.literal_eval, _postgres_array):
        try:
            found = _plain(read(bare))
            json.dumps(found, ensure_ascii=False).encode()
        except (ValueError, SyntaxError, RecursionError, MemoryError, csv.Error):
            continue
        if isinstance(found, dict | list):
            return found
    return text


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Give what JSON can say."""
    match value:
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case set():
            return sorted(map(str, value))
        case float():
            return value if math.isfinite(value) else None
        case str() | bool() | int() | None:
            return value
        case _:
            return str(value)


def _postgres_array(text: str) -> list[str]:
    if not (text.startswith("{") and text.endswith("}")) or ":" in text or "\n" in text:
        raise ValueError(text)
    (items,) = csv.reader([text[1:-1]], escapechar="\\", strict=True)
    return [item for item in items if item != "NULL"]
