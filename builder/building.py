"""dbt as a library: the project is parsed once for all that is asked of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from builder.progress import Progress
from errors import UserError, exhausted, exhausted_by, without_hints

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
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
        used_up: What to do where the first failure was that memory or a disk was used up.

    """

    done: Counter[str] = field(default_factory=Counter)
    warned: int = 0
    broken: int = 0
    skipped: int = 0
    used_up: UserError | None = None


def build(
    progress: Progress, nodes: Sequence[str], *, full_refresh: bool, unit_tests: bool
) -> Built:
    """Build lists and models and test the data; then write the answers, if all is there.

    Args:
        progress: Told how far it is, and what dbt says of failures and warnings.
        nodes: What to build and test, as dbt selects it; everything, if empty.
        full_refresh: Whether tables are made anew that else follow what is new.
        unit_tests: Whether the models' unit tests are run too.

    Raises:
        UserError: dbt stopped before, or without, running what was asked for.

    """
    run = _Runner(progress)
    options = [] if unit_tests else ["--exclude-resource-type", "unit_test"]
    options += ["--full-refresh"] if full_refresh else []
    options += ["--select", *nodes] if nodes else []
    with progress.shown():
        progress.step("reading the project")
        run("parse")
        progress.step("building and testing")
        built = run.build(*options)
        # Answers are table macros of DuckDB, made of the text of all exports.
        if not (built.broken or nodes) and run.engine == "duckdb":
            progress.step("writing the answers")
            run("run-operation", "publish_answers")
    return built


class _Runner:
    """dbt, with the project as its first command has parsed it."""

    def __init__(self, progress: Progress) -> None:
        self._listener = _Listener(progress)
        self._manifest: Manifest | None = None

    @property
    def engine(self) -> str | None:
        """The kind of warehouse, as dbt calls it."""
        return self._manifest and self._manifest.metadata.adapter_type

    def __call__(self, *arguments: str) -> None:
        """Run a command that has to succeed."""
        done = self._invoke(*arguments)
        if not done.success:
            raise _stopped(arguments[0], "what is wrong stands above")
        if arguments[0] == "parse":
            self._manifest = done.result

    def build(self, *options: str) -> Built:
        """Run `dbt build` and count what came of it."""
        done = self._invoke("build", *options)
        built = _counted(done.result)
        if not (done.success or built.broken):
            raise _stopped("build", "what is wrong stands above")
        return built

    def _invoke(self, *arguments: str) -> dbtRunnerResult:
        from dbt.cli.main import dbtRunner

        done = dbtRunner(self._manifest, callbacks=[self._listener]).invoke([*_PLAIN, *arguments])
        if isinstance(done.exception, KeyboardInterrupt):
            raise done.exception
        if done.exception is not None:
            used_up = exhausted(done.exception, arguments[0])
            raise used_up or _stopped(arguments[0], str(done.exception))
        return done


def _stopped(command: str, said: str) -> UserError:
    return UserError("dbt stopped", command, f"{said} (logs/dbt.log has more)")


class _Listener:
    """Passes on what a person wants to hear of dbt's events."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __call__(self, event: EventMsg) -> None:
        name, level = event.info.name, event.info.level
        if name == "ConcurrencyLine":
            self._progress.expect(event.data.node_count)
        elif name == "NodeFinished":
            node = event.data.node_info
            # dbt does not count unit tests among what is to come.
            if node.resource_type != "unit_test":
                self._progress.advance(node.node_name)
        elif name in _OF_MACROS or (level in ("warn", "error") and name not in _TOLD_ELSEWHERE):
            self._progress.tell(without_hints(event.info.msg))


def _counted(results: Iterable[Any] | None) -> Built:
    built = Built()
    for result in results or []:
        status = str(result.status)
        if status in _BROKE:
            built.broken += 1
            built.used_up = built.used_up or exhausted_by(result.message or "", result.node.name)
        elif status == "skipped":
            built.skipped += 1
        elif status == "warn":
            built.warned += 1
        else:
            built.done[str(result.node.resource_type)] += 1
    return built
