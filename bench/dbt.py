"""dbt as a command of Python, for its time and memory to be taken: ``python -m bench.dbt``."""

from __future__ import annotations

from dbt.cli.main import cli

if __name__ == "__main__":
    cli()
