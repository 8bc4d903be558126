"""Start the commands of Spark: `python -m readership.spark`, in `.venv-spark`."""

import sys

from readership.spark.command_line import main

sys.exit(main())
