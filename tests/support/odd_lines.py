"""Lines as no sender should write them, for the tests that make up their own."""

from __future__ import annotations

from hypothesis import strategies as st

PLAIN = '{"action": "pageview", "session_id": 3, "ip_lat": 1.5, "visitor": true}'

ODD_VALUES = [
    "null", "true", "0", "-0", "7", "1.0", "1e3", "-1.5", "9223372036854775808", "1e999", "NaN",
    "123456789012345678901", '""', '"8"', '"1_429_707_722_000"', '"null"', '"caf\u00e9"', '"NaN"',
    '"\\u0000"', '"\\\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\udc00"', '"a\\u0000b"',
    "[]", '["Ana"]', '["\\u0000"]', '["\\ud800"]', "{}", '{"a": [1.50, NaN]}', "[1,]", "01",
    "nul", '{"a": 1, "a": 2}', '"\t"', '"x\\\\ud83d\\ude00"', '{"a": "\\ud83d"}', '"{\\"a\\": 1}"',
    '"https://me:pw@A.example.:443//b/%7e%c3"', '"R&amp;D\\u200b"', '[{"name": "Ana"}, 1.5]',
    '"1.0"',
]  # fmt: skip
NAMES = [
    "action", "session_id", "ip_lat", "visitor", "pageview_id", "metadata_post_id", "extra_data",
    "metadata_authors", "metadata_tags", "odd", "other", "", "a\\u0000", "learned_0", "\\ud800",
    "url", "metadata_title", "metadata_urls", "flags_is_amp", "url_netloc", "event_id",
    'q\\"', "b\\\\", "tab\\t", "caf\u00e9", "\\u007f",
]  # fmt: skip

fields = st.tuples(st.sampled_from(NAMES), st.sampled_from(ODD_VALUES))
objects = st.lists(fields, max_size=4).map(
    lambda pairs: "{" + ", ".join(f'"{name}": {value}' for name, value in pairs) + "}"
)
mutations = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=3), st.integers(0, 3)),
    max_size=3,
)


def mutated(line: str, changes: list[tuple[float, bytes, int]]) -> bytes:
    found = line.encode()
    for where, put_in, taken_out in changes:
        at = int(where * (len(found) + 1))
        found = found[:at] + put_in.replace(b"\n", b"") + found[at + taken_out :]
    return found


lines_of_all_kinds = st.one_of(
    st.sampled_from([PLAIN, ""]), objects, st.sampled_from(["  {}\t", "[]", "12", "nul"])
)
