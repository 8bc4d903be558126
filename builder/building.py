"""dbt as a library: the project is parsed once for all that is asked of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from builder.progress import Progress
from warehouse.errors import UserError

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

# What dbt prints is told by its events; its log file stays.
_PLAIN: Final = ("--log-level", "none", "--no-use-colors")
_BROKE: Final = frozenset({"fail", "error", "runtime error", "partial success"})
# An exception is told once, by what it says.
_TOLD_ELSEWHERE: Final = frozenset({"MainEncounteredError", "MainStackTrace"})
_OF_MACROS: Final = frozenset({"PrintEvent", "JinjaLogInfo"})


@dataclass(slots=True)
class Built:
    """What a build did.

    Attributes:
        done: What was built or has passed, counted by its kind, as dbt calls it.
        warned: Tests that only warn, and did.
        broken: What failed.
        skipped: What was left since something before it failed.

    """

    done: Counter[str] = field(default_factory=Counter)
    warned: int = 0
    broken: int = 0
    skipped: int = 0


def build(progress: Progress, options: Sequence[str], *, has_unit_tests: bool) -> Built:
    """Build lists and models and test the data; then, if nothing failed, write the answers.

    Args:
        progress: Told how far it is, and what dbt says of failures and warnings.
        options: What else to tell `dbt build`.
        has_unit_tests: Whether the models' unit tests are run too.

    Raises:
        UserError: dbt stopped before, or without, running what was asked for.

    """
    listener = _Listener(progress)
    with progress.shown():
        progress.step("reading the project")
        manifest: Manifest = _dbt(listener, None, "parse")
        progress.step("building and testing")
        without = () if has_unit_tests else ("--exclude-resource-type", "unit_test")
        built = _counted(_dbt(listener, manifest, "build", *without, *options))
        # They are table macros of DuckDB.
        if not built.broken and manifest.metadata.adapter_type == "duckdb":
            progress.step("writing the answers")
            _dbt(listener, manifest, "run-operation", "publish_answers")
    return built


def _dbt(listener: _Listener, manifest: Manifest | None, *arguments: str) -> Any:  # noqa: ANN401
    from dbt.cli.main import dbtRunner

    done = dbtRunner(manifest, callbacks=[listener]).invoke([*_PLAIN, *arguments])
    if isinstance(done.exception, KeyboardInterrupt):
        raise done.exception
    if done.exception is not None or (done.result is None and not done.success):
        said = str(done.exception or "nothing was run")
        raise UserError("dbt stopped", arguments[0], f"{said} (logs/dbt.log has more)")
    return done.result


class _Listener:
    """Passes on what a person wants to hear of dbt's events."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __call__(self, event: EventMsg) -> None:
        name, level = event.info.name, event.info.level
        if name == "ConcurrencyLine":
            self._progress.expect(event.data.node_count)
        elif name == "NodeFinished":
            self._progress.advance(event.data.node_info.node_name)
        elif name in _OF_MACROS or (level in ("warn", "error") and name not in _TOLD_ELSEWHERE):
            self._progress.tell(event.info.msg)


def _counted(results: Any) -> Built:  # noqa: ANN401
    built = Built()
    for result in results:
        status = str(result.status)
        if status in _BROKE:
            built.broken += 1
        elif status == "skipped":
            built.skipped += 1
        elif status == "warn":
            built.warned += 1
        else:
            built.done[str(result.node.resource_type)] += 1
    return built
