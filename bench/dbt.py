"""The dbt command as a Python module, so that it can be measured: `python -m bench.dbt`."""

from __future__ import annotations

from dbt.cli.main import cli

if __name__ == "__main__":
    cli()
