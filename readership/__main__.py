"""Run the command line as `python -m readership`."""

import sys

from readership.command_line import main

if __name__ == "__main__":
    sys.exit(main())
