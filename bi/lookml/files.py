"""The files of a LookML project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import lkml
import yaml

from bi.lookml.dashboards import DASHBOARDS, dashboard
from bi.lookml.explores import explore
from bi.lookml.marts import marts
from bi.lookml.readme import readme
from bi.lookml.views import view

PROJECT: Final = "readership"
_NOTE: Final = "# Written by `make lookml` from dbt's manifest; refine it, or change models.\n\n"


def files(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Give the text of each file by its path in the folder of the project.

    Raises:
        ValueError: If a mart or metric cannot be said in LookML.

    """
    shown = marts(manifest)
    explored = [mart for mart in shown.values() if mart.measures]
    given = {"README.md": readme(shown), "manifest.lkml": _lkml(_MANIFEST)}
    given[f"{PROJECT}.model.lkml"] = _lkml(_MODEL)
    for mart in shown.values():
        given[f"views/{mart.view}.view.lkml"] = _lkml({"views": [view(mart)]})
    for mart in explored:
        text = _lkml({"explores": [explore(mart, shown)]})
        given[f"explores/{mart.view}.explore.lkml"] = text
    for one in DASHBOARDS:
        text = yaml.safe_dump([dashboard(one, PROJECT)], sort_keys=False, allow_unicode=True)
        given[f"dashboards/{one.name}.dashboard.lookml"] = _NOTE + text
    return given


_MANIFEST: Final = {
    "project_name": PROJECT,
    "constants": [
        {"name": "connection", "value": "warehouse", "export": "override_required"},
        {"name": "schema", "value": "readership", "export": "override_optional"},
    ],
}
_MODEL: Final = {
    "connection": "@{connection}",
    "label": "Readership",
    "week_start_day": "monday",
    "includes": ["/views/*.view", "/explores/*.explore", "/dashboards/*.dashboard"],
}


def _lkml(given: Mapping[str, Any]) -> str:
    return _NOTE + lkml.dump(dict(given)) + "\n"
