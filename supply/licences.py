"""Lists the licence of each package that is installed, and fails on one that is not allowed.

Run by `make licences`, in the virtual environment of its tools. Which licences are allowed, and
why, is in licences.toml beside this file.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

ALLOWED: Final = Path(__file__).with_name("licences.toml")
OWN: Final = "readership"
"""The project itself is in its environment too."""

_SEPARATORS: Final = re.compile(r"; | AND | OR ")


def installed(python: str) -> list[tuple[str, str, str]]:
    """List what an interpreter has installed.

    Args:
        python: The interpreter.

    Returns:
        Name, version and licence of each package, by name.

    """
    found = subprocess.run(
        [
            *(Path(sys.executable).with_name("pip-licenses"), "--python", python),
            *("--from", "mixed", "--with-system", "--format", "json"),
        ],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    rows = [(row["Name"], row["Version"], row["License"]) for row in json.loads(found)]
    return sorted((row for row in rows if row[0] != OWN), key=lambda row: row[0].lower())


def refusal(name: str, licence: str, allowed: dict[str, Any]) -> str | None:
    """Say why a package may not be used.

    Args:
        name: The package.
        licence: What it says of its licence: a name, or several, of which each must be allowed.
        allowed: What licences.toml has.

    Returns:
        The reason, or None if the package is allowed.

    """
    named = allowed["packages"].get(name)
    if named is not None:
        changed = named["licence"] != licence
        return f"its licence was {named['licence']}" if changed else None
    parts = [part.strip() for part in _SEPARATORS.split(licence) if part.strip()]
    refused = [part for part in parts if not {part, part.strip("()")} & allowed["licences"].keys()]
    return f"{', '.join(refused) or 'no licence'} is not allowed" if refused or not parts else None


def main() -> int:
    """Print the list; return 1 if a licence is not allowed."""
    parser = argparse.ArgumentParser(prog="python -m supply.licences", description=__doc__)
    parser.add_argument("python", help="the interpreter whose packages are listed")
    allowed = tomllib.loads(ALLOWED.read_text())
    rows = installed(parser.parse_args().python)
    refused: list[str] = []
    for name, version, licence in rows:
        print(f"{name:28} {version:18} {licence}")
        reason = refusal(name, licence, allowed)
        if reason is not None:
            refused.append(
                f"{name} {version} ({licence}): {reason}; use another package, or allow it with "
                f"a reason in supply/{ALLOWED.name}"
            )
    print(*refused, sep="\n", file=sys.stderr, end="\n" if refused else "")
    print(f"{len(rows)} packages, {len(refused)} not allowed")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
