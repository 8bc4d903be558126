"""Spark: its jars, its session, and the raw tables that it reads.

Everything here runs in the virtual environment `.venv-spark` (`make setup-spark`), which has
PySpark and dbt's adapter for it; nothing else of the project imports it. The jars of Iceberg are
put together from packages of PyPI, and the session has the settings of `profiles.yml`, as dbt's own
has.
"""

from readership.spark.jars import make_jars
from readership.spark.session import settings_of_profile, spark_session, widen_local_catalog

__all__ = ["make_jars", "settings_of_profile", "spark_session", "widen_local_catalog"]
