"""A session of Spark with the settings of the profile."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from readership.errors import UserError

PROFILES = Path("profiles.yml")


def settings_of_profile(profiles: Path = PROFILES) -> dict[str, str]:
    """Return the settings of Spark in the profile, with the environment put in, as dbt does.

    Raises:
        UserError: There is no such file, or it has no target `spark`.

    """
    import jinja2
    import yaml

    try:
        written = yaml.safe_load(profiles.read_text(encoding="utf-8"))
        found = written["readership"]["outputs"]["spark"]["server_side_parameters"]
    except (OSError, KeyError) as error:
        raise UserError(f"{profiles} has no target spark: {error}") from error
    rendering = jinja2.Environment(autoescape=False)
    return {
        name: rendering.from_string(str(value)).render(env_var=os.environ.get)
        for name, value in found.items()
    }


def spark_session(profiles: Path = PROFILES) -> Any:  # noqa: ANN401
    """Return the session of this process, the same that dbt gets.

    Raises:
        UserError: PySpark is not installed.

    """
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise UserError("pyspark is not installed: run `make setup-spark`") from error
    building = SparkSession.builder.enableHiveSupport()
    for name, value in settings_of_profile(profiles).items():
        building = building.config(name, value)
    return building.getOrCreate()


def widen_local_catalog(spark: Any) -> None:  # noqa: ANN401
    """Let the catalog of a laptop, a Derby database, hold the text of long views.

    Hive's tables in Derby have columns of 32,700 characters for it; in a server's database they
    have no such limit. A catalog of another kind stays as it is.
    """
    url = spark.conf.get("spark.hadoop.javax.jdo.option.ConnectionURL", "")
    if not url.startswith("jdbc:derby:"):
        return
    spark.sql("show databases").collect()  # Hive makes its tables when it is first asked.
    connection = spark._jvm.java.sql.DriverManager.getConnection(url)
    try:
        statement = connection.createStatement()
        for column in ("VIEW_ORIGINAL_TEXT", "VIEW_EXPANDED_TEXT"):
            found = connection.getMetaData().getColumns(None, "APP", "TBLS", column)
            if found.next() and found.getString("TYPE_NAME") != "CLOB":
                statement.execute("alter table APP.TBLS add column WIDE_TEXT clob")
                statement.execute(f"update APP.TBLS set WIDE_TEXT = {column}")
                statement.execute(f"alter table APP.TBLS drop column {column}")
                statement.execute(f"rename column APP.TBLS.WIDE_TEXT to {column}")
    finally:
        connection.close()
