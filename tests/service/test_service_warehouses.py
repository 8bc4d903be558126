"""Which warehouse is served, as the command line and the environment name it."""

from __future__ import annotations

from pathlib import Path

import pytest

from readership.errors import UserError
from readership.service.warehouses import PostgresAddress, chosen_warehouse

DEFAULTS = {"host": "localhost", "port": "5432", "user": "readership", "dbname": "readership"}


@pytest.fixture(autouse=True)
def without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("READERSHIP_TARGET", raising=False)
    monkeypatch.delenv("READERSHIP_WAREHOUSE", raising=False)
    for name in ("HOST", "PORT", "USER", "PASSWORD", "DATABASE", "SCHEMA"):
        monkeypatch.delenv(f"READERSHIP_POSTGRES_{name}", raising=False)


def address(name: str | None) -> PostgresAddress:
    found = chosen_warehouse(name)
    assert isinstance(found, PostgresAddress)
    return found


def test_a_name_without_a_scheme_is_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen_warehouse("data/own.duckdb") == Path("data/own.duckdb").absolute()
    monkeypatch.setenv("READERSHIP_TARGET", "postgres")
    assert chosen_warehouse("data/own.duckdb") == Path("data/own.duckdb").absolute()
    with pytest.raises(UserError, match="a warehouse is a file"):
        chosen_warehouse("mysql://localhost/x")


def test_the_environment_may_name_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READERSHIP_TARGET", "postgres")
    assert address(None).parameters == DEFAULTS
    for name in ("HOST", "PORT", "USER", "PASSWORD", "DATABASE", "SCHEMA"):
        monkeypatch.setenv(f"READERSHIP_POSTGRES_{name}", name)
    found = address(None)
    assert found.parameters == {
        "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD",
        "dbname": "DATABASE",
    }  # fmt: skip
    assert (found.schema, found.answers) == ("SCHEMA", "SCHEMA_answers")
    monkeypatch.delenv("READERSHIP_TARGET")
    monkeypatch.setenv("READERSHIP_WAREHOUSE", "postgresql://me@db/own")
    assert address(None).place == "postgresql://me@db:PORT/own"


def test_a_url_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READERSHIP_POSTGRES_PASSWORD", "from the environment")
    monkeypatch.setenv("READERSHIP_POSTGRES_USER", "other")
    found = address("postgres://an%40other:p%2Fw@[::1]:5433/d%20b?sslmode=verify-full")
    assert found.parameters == {
        "host": "::1", "port": "5433", "user": "an@other", "password": "p/w", "dbname": "d b",
        "sslmode": "verify-full",
    }  # fmt: skip
    assert address("postgresql://me@db").parameters["password"] == "from the environment"


def test_no_text_about_an_address_has_the_password() -> None:
    found = address("postgresql://me:hidden@db/own")
    assert "hidden" not in found.place + repr(found)
    with pytest.raises(UserError) as error:
        chosen_warehouse("postgresql://me:hidden@db:port/own")
    assert "hidden" not in str(error.value)
