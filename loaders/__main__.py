"""The command line: `readership load PATH...`, `init`, `describe`, `status`, `rejected`."""

import sys

from loaders.commands import main

if __name__ == "__main__":
    sys.exit(main())
