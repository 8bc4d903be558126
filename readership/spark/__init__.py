"""Spark: its jars, its session, and the raw tables that it reads.

Everything here runs in the virtual environment `.venv-spark` (`make setup-spark`), which has
PySpark and dbt's adapter for it; nothing else of the project imports it. The jars of Iceberg are
put together from packages of PyPI, and the session has the settings of `profiles.yml`, as dbt's own
has. The raw tables are Parquet files of the loads in a DuckDB file, registered by one command.
"""

from readership.spark.jars import make_jars
from readership.spark.raw_tables import Registered, register
from readership.spark.session import settings_of_profile, spark_session

__all__ = ["Registered", "make_jars", "register", "settings_of_profile", "spark_session"]
