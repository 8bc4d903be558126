"""The command `readership audience`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from readership.audience.consent import ConsentKey, consented, parsed_key
from readership.audience.rules import HELP, parsed_rules
from readership.audience.selecting import AUDIENCE, Counts, chosen_sites, select_visitors
from readership.audience.writing import format_of, write_rows
from readership.errors import (
    CommandParser,
    UserError,
    exhausted,
    first_paragraph,
    interruptible,
    print_error,
)
from readership.warehouse import DEFAULT_WAREHOUSE, open_for_reading, warehouse_file

if TYPE_CHECKING:
    import duckdb

_EPILOG: Final = f"""\
{HELP}
columns of the file:
  site_id, visitor_site_id  the visitor, as the tracker and the CRM know it
  visitor_key               the visitor in the marts
  last_seen_at              the newest event of the visitor, UTC
  why                       the rules that hold for the visitor

One of --consent, --consent-key and --without-consent-list has to be given. Visitors who were erased
are not in the marts; who is listed in visitors_to_erase is left out too. Ids that many people share
are never handed out. docs/audiences.md says what may leave the house.

exit codes:
  0  the file was written; also when it has no visitor, which a line of its own says then
  1  it was not; stderr says why, and a file that was there is as it was
  2  the command line is wrong
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if missing := [name for name in ("rule", "out") if not getattr(options, name)]:
        parser.error(f"name {' and '.join(f'--{name}' for name in missing)}")
    if [options.consent, options.consent_key, options.without_consent_list].count(None) != 2:
        parser.error("give one of --consent, --consent-key and --without-consent-list")
    try:
        with interruptible():
            print(_written(options))
    except UserError as error:
        print_error("audience", error)
        return 1
    except KeyboardInterrupt:
        print_error("audience", "interrupted: no file was written")
        return 1
    return 0


def _written(options: argparse.Namespace) -> str:
    """Write the file, and return what to tell of it."""
    import duckdb

    file = Path(options.out)
    rules = parsed_rules(options.rule)
    format_of(file)
    key = None if options.consent_key is None else parsed_key(options.consent_key)
    warehouse = warehouse_file(options.warehouse)
    listed = None if options.consent is None else Path(options.consent)
    for name, other in (("warehouse", warehouse), ("consent list", listed)):
        if other is not None and other.resolve() == file.resolve():
            raise UserError(f"the {name} would be overwritten", str(file), "name another --out")
    with open_for_reading(warehouse) as connection:
        try:
            _use_schema(connection, options.schema)
            sites = chosen_sites(connection, options.site or [])
            consent: Iterable[tuple[str, str]] | ConsentKey | None = key
            if listed is not None:
                consent = consented(listed, sites)
            counts = select_visitors(connection, rules, sites, consent)
            write_rows(connection, AUDIENCE, file)
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise UserError(
                f"tables that an audience is read from are missing ({first_paragraph(error)})",
                str(warehouse),
                "run `readership build`, or name the schema of the marts with --schema",
            ) from error
        except duckdb.Error as error:
            raise exhausted(error, str(warehouse), None) or UserError(
                f"the warehouse cannot be read ({first_paragraph(error)})", str(warehouse)
            ) from error
    return _told(counts, file)


def _use_schema(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    ((found,),) = connection.execute(
        "select count(*) from duckdb_schemas() "
        "where database_name = current_database() and schema_name = ?",
        [schema],
    ).fetchall()
    if not found:
        raise UserError("there is no such schema", schema, "name that of the marts with --schema")
    quoted = schema.replace('"', '""')
    connection.execute(f'use "{quoted}"')


def _told(counts: Counts, file: Path) -> str:
    left_out = [
        f"{count:,} {why}"
        for count, why in (
            (counts.without_consent, "without consent"),
            (counts.to_be_erased, "to be erased"),
            (counts.shared, "under a shared id"),
        )
        if count
    ]
    told = (
        f"audience as of {counts.as_of:%Y-%m-%d %H:%M} UTC: {counts.matched:,} matched, "
        f"{', '.join(left_out) or 'none'} left out, {counts.written:,} written to {file}"
    )
    if counts.written:
        return told
    why = "all who match are left out" if counts.matched else "nobody matches the rules"
    return f"{told}\nthe file has no visitor: {why}"


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="readership audience",
        description="Write the visitors that rules describe to a file, for a CRM or an ad server.\n"
        "The file is replaced at once and only its owner may read it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--rule",
        action="append",
        metavar="KIND=VALUE",
        help="which visitors, such as tier=5+; may be repeated",
    )
    parser.add_argument("--out", metavar="FILE", help="the file: its name ends in .csv or .parquet")
    parser.add_argument(
        "--consent",
        metavar="FILE",
        help="only visitors of this CSV: visitor_site_id of each who agreed and, for several "
        "sites, site_id",
    )
    parser.add_argument(
        "--consent-key",
        metavar="KEY=VALUE",
        help="only visitors whose newest extra_data with the key, in pageviews or custom events, "
        "has this value",
    )
    parser.add_argument(
        "--without-consent-list",
        action="store_true",
        default=None,
        help="consent is asked for elsewhere: write all",
    )
    parser.add_argument(
        "--site", action="append", metavar="SITE", help="only this site; may be repeated"
    )
    parser.add_argument("--schema", default="main", help="the schema of the marts (default: main)")
    parser.add_argument(
        "--warehouse",
        metavar="FILE",
        help=f"the DuckDB file (default: $READERSHIP_WAREHOUSE, else {DEFAULT_WAREHOUSE})",
    )
    return parser
