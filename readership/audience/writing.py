"""The file of an audience: written whole or not at all, and readable by its owner alone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from readership.errors import UserError, first_paragraph, message_of

if TYPE_CHECKING:
    import duckdb

FORMATS: Final = {".csv": "csv", ".parquet": "parquet"}
"""The formats, by the ending of the file's name."""


def format_of(file: Path) -> str:
    """Return the format of a file by its name.

    Raises:
        UserError: The name ends otherwise.

    """
    if file.suffix.lower() not in FORMATS:
        raise UserError(
            "the format is not known", str(file), f"end the name with {' or '.join(FORMATS)}"
        )
    return FORMATS[file.suffix.lower()]


def write_rows(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write the rows of a query, in place of the file if there is one.

    Raises:
        UserError: The file cannot be written.

    """
    import duckdb

    kind = format_of(file)
    try:
        # A folder that only its owner may enter, so that others never see a part of it.
        with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as folder:
            part = Path(folder) / f"part.{kind}"
            rows = connection.sql(query)
            if kind == "csv":
                rows.write_csv(str(part), header=True)
            else:
                rows.write_parquet(str(part))
            part.chmod(0o600)
            part.replace(file)
    except (OSError, duckdb.IOException) as error:
        said = first_paragraph(error) if isinstance(error, duckdb.Error) else message_of(error)
        raise UserError(
            "the audience cannot be written", str(file), f"name another file with --out ({said})"
        ) from error
