"""Write the LookML project: `python -m bi.lookml MANIFEST FOLDER`."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from bi.lookml.files import files


def main(arguments: list[str]) -> int:
    """Run the command line and return the exit code."""
    if len(arguments) != 2:
        print("lookml: name dbt's manifest.json and the folder to write", file=sys.stderr)
        return 2
    manifest, folder = map(Path, arguments)
    try:
        written = files(json.loads(manifest.read_text()))
    except FileNotFoundError:
        print(f"lookml: {manifest} does not exist; `dbt parse` writes it", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"lookml: {error}", file=sys.stderr)
        return 1
    # Files of marts that are no more would stay.
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in written.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    print(f"{len(written)} files in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
