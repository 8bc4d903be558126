"""What a build needs before dbt starts: a project, whole lists, and a warehouse that exists."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Final

from readership.errors import UserError
from readership.warehouse import WAREHOUSE_VARIABLE, warehouse_file

_PROJECT: Final = "dbt_project.yml"
_PROFILES: Final = "profiles.yml"
# Where dbt looks besides, under its old and its new names.
_PROJECT_VARIABLES: Final = ("DBT_PROJECT_DIR", "DBT_ENGINE_PROJECT_DIR")
_PROFILES_VARIABLES: Final = ("DBT_PROFILES_DIR", "DBT_ENGINE_PROFILES_DIR")


def project_folder() -> Path:
    """Return the folder of the project that dbt finds from this folder.

    Raises:
        UserError: It finds none.

    """
    here = Path.cwd()
    for name in filter(os.environ.get, _PROJECT_VARIABLES):
        return Path(os.environ[name]).absolute()
    project = next((at for at in (here, *here.parents) if (at / _PROJECT).exists()), None)
    if project is None:
        raise UserError(
            "there is no dbt project",
            str(here),
            f"run it in the project folder (the one with {_PROJECT})",
        )
    return project


def check_project() -> None:
    """Make sure that dbt finds a project and a profile from this folder.

    Raises:
        UserError: It does not.

    """
    here = Path.cwd()
    project = project_folder()
    if any(map(os.environ.get, _PROJECT_VARIABLES)):
        return
    has_profile = any(map(os.environ.get, _PROFILES_VARIABLES)) or any(
        (at / _PROFILES).exists() for at in (here, Path.home() / ".dbt")
    )
    if not has_profile and (project / _PROFILES).exists():
        raise UserError(
            "this is not the project folder",
            str(here),
            f"run it in {project}, where {_PROFILES} is",
        )


def check_lists(project: Path | None = None) -> None:
    """Make sure that each line of this project's lists has a value for each column.

    DuckDB describes such a line in many lines about its guesses. Lists of other projects may have
    other delimiters.

    Args:
        project: The folder of the project; by default, this folder.

    Raises:
        UserError: One has not.

    """
    project = project or Path()
    settings = project / _PROJECT
    if not settings.exists() or "name: readership" not in settings.read_text().splitlines():
        return
    for file in sorted((project / "seeds").glob("*.csv")):
        with file.open(encoding="utf-8", errors="replace", newline="") as stream:
            lines = csv.reader(stream)
            columns = next(lines, [])
            for values in lines:
                if values and len(values) != len(columns):
                    raise UserError(
                        f"{len(values)} values for {len(columns)} columns",
                        f"{file}, line {lines.line_num}",
                        f"give one for each of {', '.join(columns)}; put a value with a comma in "
                        "quotes",
                    )


def check_warehouse() -> Path | None:
    """Make sure that the warehouse file exists, because dbt would create an empty one.

    Returns:
        The file; None on other engines, and where the profile does not take the file from the
        environment, as that of this project does.

    Raises:
        UserError: It does not exist, or cannot be a file.

    """
    if (os.environ.get("READERSHIP_TARGET") or "duckdb") != "duckdb":
        return None
    profiles = Path(_PROFILES)
    if not profiles.exists() or WAREHOUSE_VARIABLE not in profiles.read_text(errors="replace"):
        return None
    file = warehouse_file(None)
    if not file.exists():
        raise UserError(
            "there is no warehouse yet", str(file), "make one with `readership load PATH`"
        )
    return file
