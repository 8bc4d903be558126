"""Runs queries of Spark's dialect on Sail, in a process of `.venv-sail`.

`python tests/support/sail_driver.py FOLDER`: the relations are FOLDER/tables/*.parquet, the queries
FOLDER/queries.json by name. The rows go to FOLDER/rows/, and what failed to FOLDER/failed.json.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pyarrow.parquet
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "false",
}


def main(folder: Path) -> None:
    """Run the queries of a folder."""
    server = SparkConnectServer()
    server.start(background=True)
    _, port = server.listening_address
    spark = SparkSession.builder.remote(f"sc://localhost:{port}").getOrCreate()
    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
    for file in sorted((folder / "tables").glob("*.parquet")):
        spark.read.parquet(str(file)).createOrReplaceTempView(file.stem)
    (folder / "rows").mkdir()
    failed = {}
    for name, text in json.loads((folder / "queries.json").read_text()).items():
        try:
            rows = spark.sql(text).toArrow()
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {error}"[:300]
        else:
            pyarrow.parquet.write_table(rows, folder / "rows" / f"{name}.parquet")
    (folder / "failed.json").write_text(json.dumps(failed))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    # The end of the interpreter may wait for the threads of the server forever.
    os._exit(0)
