"""Spare dbt some work that has no effect on what it renders, sends or returns.

dbt is written for one run of a process. Runs of the tests share a process, in which dbt would
compile the same templates again, list all macros for each of a node's contexts, split whole
statements into tokens to find their first word, prepare every result for dates in words, and
describe every step to nobody.
`tests/statements/test_quick_dbt.py` compares what is sent with and without this.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from types import CodeType
from typing import Any
from unittest import mock

import parsedatetime
from dbt import compilation
from dbt.adapters.events.base_types import DebugLevel as AdapterDebugLevel
from dbt.clients.jinja import MacroGenerator
from dbt.context.macro_resolver import TestMacroNamespace
from dbt.context.macros import GLOBAL_PROJECT_NAME, MacroNamespaceBuilder
from dbt.context.manifest import ManifestContext
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import InjectedCTE, Macro
from dbt.events.base_types import DebugLevel as CoreDebugLevel
from dbt.exceptions import DuplicateMacroNameError
from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.base_types import DebugLevel as CommonDebugLevel
from dbt_common.events.event_manager import EventManager

_DEBUG = (AdapterDebugLevel, CommonDebugLevel, CoreDebugLevel)
# Blanks and comments, then the first word.
_FIRST_WITH = re.compile(r"(?:\s|/\*.*?\*/|--[^\n]*\n)*with\s+(?!\s|recursive\b)", re.I | re.S)
# Texts, quoted names and comments.
_WITHOUT_EFFECT = re.compile(r"'[^']*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.S)

_compile = MacroFuzzEnvironment.compile
_create_event, _fire_event = BaseEvent.__init__, EventManager.fire_event
_inject_ctes = compilation.inject_ctes_into_sql
_words_of_dates = cache(parsedatetime.Constants)
_templates: dict[tuple[object, ...], CodeType] = {}


@contextmanager
def quick_dbt() -> Iterator[None]:
    """Spare dbt that work until the block ends, as far as no logger wants to know of it."""
    patches = (
        (MacroFuzzEnvironment, "compile", compile_once),
        (MacroNamespaceBuilder, "add_macros", add_macros),
        (ManifestContext, "to_dict", context_of),
        (BaseEvent, "__init__", create_event),
        (EventManager, "fire_event", fire_event),
        (compilation, "inject_ctes_into_sql", inject_ctes),
        (parsedatetime, "Constants", _words_of_dates),
    )
    with ExitStack() as stack:
        for owner, name, replacement in patches:
            stack.enter_context(mock.patch.object(owner, name, replacement))
        # Each context has a thousand macros, and the collector would look at them again and again.
        stack.callback(gc.set_threshold, *gc.get_threshold())
        gc.set_threshold(100_000, 20, 20)
        yield


def copied(manifest: Manifest) -> Manifest:
    """Copy what a run changes of a parsed project. All copies share the rest, macros above all."""
    of_parse = Manifest(nodes=manifest.nodes, unit_tests=manifest.unit_tests)
    copy = of_parse.deepcopy()
    for name in ("sources", "macros", "docs", "exposures", "functions", "metrics", "groups"):
        setattr(copy, name, dict(getattr(manifest, name)))
    copy.metadata, copy.state_check = manifest.metadata, manifest.state_check
    copy.semantic_models = dict(manifest.semantic_models)
    copy.saved_queries = dict(manifest.saved_queries)
    copy.build_flat_graph()
    return copy


def compile_once(self: Any, source: Any, *names: Any, **options: Any) -> Any:  # noqa: ANN401
    """Compile a template, or return what was compiled of the same text before."""
    if not isinstance(source, str):
        return _compile(self, source, *names, **options)
    key = (type(self), *sorted(self.extensions), source, *names, *options.items())
    if key not in _templates:
        _templates[key] = _compile(self, source, *names, **options)
    return _templates[key]


def add_macros(self: MacroNamespaceBuilder, macros: Iterable[Macro], ctx: dict[str, Any]) -> None:
    """Add macros to the names of a context, each with one step where dbt takes eight."""
    create, node, thread = MacroGenerator.__new__, self.node, self.thread_ctx
    for macro in macros:
        function = create(MacroGenerator)
        function.context, function.macro = ctx, macro
        function.node, function.stack = node, thread
        name, package = macro.name, macro.package_name
        is_internal = package in self.internal_package_names
        members = (self.internal_packages if is_internal else self.packages).setdefault(package, {})
        if name in members:
            raise DuplicateMacroNameError(macro, macro, package)
        members[name] = function
        if is_internal:
            continue
        if package == self.search_package:
            self.locals[name] = function
        elif package == self.root_package:
            self.globals[name] = function


def context_of(self: ManifestContext) -> dict[str, Any]:
    """Return a context with all macros in dbt's order of search, without a search for each."""
    # The macros keep this very mapping.
    found = super(ManifestContext, self).to_dict()
    names = self.namespace
    if isinstance(names, TestMacroNamespace):
        found |= names.local_namespace | names.project_namespace
    else:
        # The later win.
        found |= names.global_project_namespace
        found[GLOBAL_PROJECT_NAME] = names.global_project_namespace
        found |= names.packages | names.global_namespace | names.local_namespace
    return found


def create_event(self: BaseEvent, *values: Any, **fields: Any) -> None:  # noqa: ANN401
    """Create an event; one for debugging only keeps what it would be created from."""
    if isinstance(self, _DEBUG):
        self.__dict__["late"] = values, fields
    else:
        _create_event(self, *values, **fields)


def fire_event(
    self: EventManager,
    e: BaseEvent,
    level: EventLevel | None = None,
    **options: Any,  # noqa: ANN401
) -> None:
    """Fire an event, unless it is for debugging and no logger is there."""
    if "late" in e.__dict__:
        if not self.loggers and level in (None, EventLevel.DEBUG):
            return
        values, fields = e.__dict__.pop("late")
        _create_event(e, *values, **fields)
    _fire_event(self, e, level=level, **options)


def inject_ctes(sql: str, ctes: list[InjectedCTE]) -> str:
    """Put CTEs in front of those of a query."""
    start = _FIRST_WITH.match(sql)
    if not ctes or start is None or ";" in _WITHOUT_EFFECT.sub("", sql):
        return _inject_ctes(sql, ctes)
    return f"{sql[: start.end()]}{', '.join(cte.sql for cte in ctes)}, {sql[start.end() :]}"
