"""`query` prints the result of the SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest


def test_rows_are_printed_as_a_table(run: Callable, warehouse: Path) -> None:
    done = run("query", "from fct_engaged_time order by views", "--warehouse", warehouse)
    assert done.code == 0
    assert done.out.splitlines() == [
        "  referrer_class  views  engaged_seconds",
        "  ──────────────────────────────────────",
        "  direct              1              900",
        "  search              3             5400",
        "  2 rows",
    ]


def test_a_single_value_is_printed_in_full(run: Callable, warehouse: Path) -> None:
    done = run("query", "select repeat('word ', 99) || '\n[b]'", "--warehouse", warehouse)
    assert done.out == "word " * 98 + "word\n[b]\n"


def test_an_empty_result_says_no_rows(run: Callable, warehouse: Path) -> None:
    done = run("query", "from dim_sites where false", "--warehouse", warehouse)
    assert done.code == 0
    assert "site_name" in done.out
    assert "no rows" in done.out


def test_at_most_fifty_rows_are_printed(run: Callable, warehouse: Path) -> None:
    all_rows = run("query", "select 'row' as a, range from range(50)", "--warehouse", warehouse)
    assert all_rows.out.endswith("  50 rows\n")
    first = run("query", "select 'row' as a, range from range(51)", "--warehouse", warehouse)
    assert first.out.endswith("  the first 50 rows; there are more\n")
    assert first.out.count("row  ") == 50


def test_values_of_every_type_are_printed(run: Callable, warehouse: Path) -> None:
    done = run(
        "query",
        "select null as n, true as b, 2026 as i, 1.50 as d, timestamp '2026-06-01 10:00' as t, "
        "[1, 2] as l, 'b'::blob as x",
        "--warehouse",
        warehouse,
    )
    assert done.out.splitlines()[2] == ("  null  True  2026  1.50  2026-06-01 10:00:00  [1, 2]  b")


def test_columns_that_do_not_fit_are_printed_one_per_line(run: Callable, warehouse: Path) -> None:
    columns = ", ".join(f"{n} as column_{n}" for n in range(12))
    done = run("query", f"select {columns}, '[i]' as last", "--warehouse", warehouse)
    assert done.line("column_0") == ["column_0", "0"]
    assert done.line("last") == ["last", "[i]"]
    assert done.out.endswith("  1 row\n")


def test_rows_with_a_cell_that_would_be_cut_are_printed_one_value_per_line(
    run: Callable, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    address = f"https://news.example.com/{'long/' * 12}"
    done = run("query", f"select 1 as id, '{address}' as url", "--warehouse", warehouse)
    assert done.out.splitlines() == ["  id   1", f"  url  {address}", "", "  1 row"]


def test_a_pipe_is_as_wide_as_the_rows(
    run: Callable, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    done = run("query", f"select 1 as id, '{'x' * 200}' as text", "--warehouse", warehouse)
    assert done.out.splitlines()[2] == f"   1  {'x' * 200}"


ALL_TYPES = (
    "select null as n, true as b, 2026 as i, 1.50::decimal(4, 2) as d, 'nan'::double as f, "
    "timestamp '2026-06-01 10:00' as t, [1, 2] as l, 'b'::blob as x, 'a,\"b\"' as s"
)


def test_csv_has_every_row_and_every_value(run: Callable, warehouse: Path) -> None:
    done = run("query", ALL_TYPES, "--format", "csv", "--warehouse", warehouse)
    assert done.out.splitlines() == [
        "n,b,i,d,f,t,l,x,s",
        ',true,2026,1.50,,2026-06-01 10:00:00,"[1, 2]",b,"a,""b"""',
    ]
    done = run("query", "from range(60)", "--format", "csv", "--warehouse", warehouse)
    assert len(done.out.splitlines()) == 61


def test_json_is_an_object_a_line(run: Callable, warehouse: Path) -> None:
    done = run("query", ALL_TYPES, "--format", "json", "--warehouse", warehouse)
    assert json.loads(done.out) == {
        "n": None,
        "b": True,
        "i": 2026,
        "d": 1.5,
        "f": None,
        "t": "2026-06-01 10:00:00",
        "l": [1, 2],
        "x": "b",
        "s": 'a,"b"',
    }
    done = run("query", "from range(60)", "--format", "json", "--warehouse", warehouse)
    assert len(done.out.splitlines()) == 60
    done = run("query", "select 1 as a, 2 as a", "--format", "json", "--warehouse", warehouse)
    assert done.code == 1
    assert "two columns have one name: a" in done.err
