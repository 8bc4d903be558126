"""The role of docs/postgresql.md, with which the service reads."""

from __future__ import annotations

import re

import pytest

from readership.service.warehouses import PostgresAddress, chosen_warehouse
from tests.support.warehouses import ROOT, PostgresWarehouse

READER = "readership_reader"
READER_PASSWORD = "a reader's pass:word/@"


def create_reader(warehouse: PostgresWarehouse) -> None:
    """Run the statements of the page, for this database and its owner."""
    page = (ROOT / "docs" / "postgresql.md").read_text()
    (statements,) = re.findall(r"```sql\n(create role .*?)```", page, re.DOTALL)
    assert READER in statements
    warehouse.execute(
        statements.replace("'...'", "'" + READER_PASSWORD.replace("'", "''") + "'")
        .replace("on database readership", f"on database {warehouse.database}")
        .replace("for role me", f"for role {warehouse.server.user}")
    )


def drop_reader(warehouse: PostgresWarehouse) -> None:
    """Drop the role."""
    warehouse.execute(f"drop owned by {READER}; drop role {READER}")


def url_of(warehouse: PostgresWarehouse) -> str:
    """Return the URL of the database for the role, without its password."""
    return f"postgresql://{READER}@127.0.0.1:{warehouse.server.port}/{warehouse.database}"


def address_of(warehouse: PostgresWarehouse, patch: pytest.MonkeyPatch) -> PostgresAddress:
    """Return the address for the role, and set its password in the environment."""
    patch.setenv("READERSHIP_POSTGRES_PASSWORD", READER_PASSWORD)
    found = chosen_warehouse(url_of(warehouse))
    assert isinstance(found, PostgresAddress)
    return found
