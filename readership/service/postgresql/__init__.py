"""A database of PostgreSQL as the source of answers: the tables themselves, and no snapshot.

Each call reads in one read-only transaction, which sees the rows of one moment. It first asks for
the version of the rows, which changes with every committed change of a table that answers read.

- `connections` opens connections, keeps them, and tells a lost one from a failed query;
- `reading` runs the queries of a call, and interrupts them;
- `database` finds out every second whether rows have changed.

Only who serves from PostgreSQL imports this package: psycopg2 is installed with dbt-postgres.
"""

from readership.service.postgresql.database import Database, DatabaseSource

__all__ = [
    "Database",
    "DatabaseSource",
]
