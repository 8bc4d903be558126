"""The message when memory or a disk is used up."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import duckdb
import pytest

from readership.errors import exhausted, without_hints

LARGE = "select length(string_agg(repeat('x', 1000) || range, '')) from range(300000)"


def error_of_duckdb(folder: Path, *settings: str) -> duckdb.Error:
    """What DuckDB raises when a query is too large for its settings."""
    with duckdb.connect(str(folder / "w.duckdb")) as connection:
        for setting in settings:
            connection.execute(f"set {setting}")
        with pytest.raises(duckdb.Error) as caught:
            connection.execute(LARGE)
    return caught.value


def test_duckdb_without_memory_is_one_line_with_the_setting_that_gives_more(
    tmp_path: Path,
) -> None:
    error = error_of_duckdb(tmp_path, "memory_limit = '20MB'")
    explained = exhausted(error, "w.duckdb", "SOME_MEMORY")
    assert str(explained).startswith(
        "out of memory: w.duckdb: let DuckDB take more with SOME_MEMORY=8GB"
    )
    assert "Possible solutions" not in str(explained)
    assert str(explained).count("\n") == 0


def test_a_full_temporary_folder_is_distinguished_from_too_little_memory(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("set memory_limit = '30MB'")
        connection.execute("set max_temp_directory_size = '1MB'")
        with pytest.raises(duckdb.Error) as caught:
            connection.execute(
                "create table t as select md5(range::varchar) as a from range(3000000) order by a"
            )
    explained = str(exhausted(caught.value, "w.duckdb"))
    assert explained.startswith(
        "there is no room for the warehouse: w.duckdb: make room on its disk, or"
    )
    assert "READERSHIP_MEMORY=8GB" in explained


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_known_by_its_number_and_by_its_words(number: int) -> None:
    by_number = OSError(number, os.strerror(number), "/data/w.duckdb")
    in_words = duckdb.IOException(f"IO Error: Could not write file: {by_number.strerror}")
    for error in (by_number, in_words):
        explained = exhausted(error, "w.duckdb")
        assert explained is not None
        assert explained.what == "there is no room for the warehouse"
        assert explained.remedy.startswith("make room")


def test_what_an_error_was_raised_from_counts() -> None:
    try:
        try:
            raise MemoryError
        except MemoryError as error:
            raise RuntimeError("the step failed") from error
    except RuntimeError as error:
        explained = exhausted(error, "w.duckdb")
    assert str(explained).startswith("out of memory: w.duckdb: let other programs end")


def test_other_errors_are_not_explained() -> None:
    assert exhausted(duckdb.BinderException("no such column"), "w.duckdb") is None
    assert exhausted(OSError(errno.EIO, "Input/output error"), "w.duckdb") is None


def test_hints_for_people_who_write_sql_are_left_out() -> None:
    said = "Out of Memory Error: no\n\nPossible solutions:\n* Reducing\n\nSee also https://x"
    assert without_hints(said) == "Out of Memory Error: no"
    assert without_hints("as it is\n") == "as it is"
