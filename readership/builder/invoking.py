"""Run dbt as a library, so that the project is parsed once for all commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from readership.builder.progress import Progress
from readership.errors import (
    UserError,
    exhausted,
    exhausted_by,
    without_callers,
    without_frame,
    without_hints,
)

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

# The listener reports dbt's events instead of its console log. The log file is still written.
_QUIET: Final = ("--log-level", "none", "--no-use-colors")
_FAILED: Final = frozenset({"fail", "error", "runtime error", "partial success"})
# Exceptions are raised as `UserError`, so their events would report them twice.
_REPORTED_ELSEWHERE: Final = frozenset({"MainEncounteredError", "MainStackTrace"})
_MACRO_OUTPUT: Final = frozenset({"PrintEvent", "JinjaLogInfo"})


@dataclass(slots=True)
class Built:
    """The result of a build.

    Attributes:
        done: Number of nodes that were built or passed, by dbt's resource type.
        warned: Number of tests that warned.
        broken: Number of nodes that failed.
        failed_tests: Names of the data tests among them.
        skipped: Names of the nodes that were skipped because an earlier one failed.
        exhausted: The remedy, if the first such failure was exhausted memory or disk space.
        invocation: dbt's id of the run, by which processed_loads has its loads.

    """

    done: Counter[str] = field(default_factory=Counter)
    warned: int = 0
    broken: int = 0
    failed_tests: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    exhausted: UserError | None = None
    invocation: str = ""

    @property
    def is_whole_but_for_tests(self) -> bool:
        """Whether nothing failed but data tests, and those by what they found."""
        return self.broken == len(self.failed_tests) and self.exhausted is None

    def add(self, rest: Built) -> None:
        """Count what was built of the skipped nodes, in place of these."""
        self.done += rest.done
        self.warned += rest.warned
        self.broken += rest.broken
        self.failed_tests += rest.failed_tests
        self.skipped = rest.skipped
        self.exhausted = self.exhausted or rest.exhausted


class Dbt:
    """dbt in this process. Commands after `parse` reuse the parsed project.

    Args:
        progress: Shows the progress, and dbt's failures and warnings.
        variables: Variables of the project, in YAML.

    Attributes:
        manifest: The parsed project; None before `parse`.

    """

    def __init__(self, progress: Progress, variables: str | None = None) -> None:
        self._listener = _Listener(progress)
        self._options = [] if variables is None else ["--vars", variables]
        self.manifest: Manifest | None = None

    @property
    def engine(self) -> str | None:
        """The adapter type of the target, such as `duckdb`; None before `parse`."""
        return self.manifest and self.manifest.metadata.adapter_type

    def parse(self) -> None:
        """Parse the project.

        Raises:
            UserError: The project is invalid.

        """
        result = self._invoke("parse")
        if not result.success:
            raise _stopped("parse", "see the errors above")
        self.manifest = result.result

    def __call__(self, *arguments: str) -> None:
        """Run a command.

        Raises:
            UserError: The command failed.

        """
        if not self._invoke(*arguments).success:
            raise _stopped(arguments[0], "see the errors above")

    def compiled(self, inline: str) -> str:
        """Return a template as the project renders it.

        Raises:
            UserError: It cannot be rendered.

        """
        if self.manifest is None:
            self.parse()
        result = self._invoke("compile", "--inline", inline)
        if not result.success:
            raise _stopped("compile", "see the errors above")
        return str(result.result.results[0].node.compiled_code)

    def build(self, *arguments: str, listener: Callable[[EventMsg], object] | None = None) -> Built:
        """Run `build`, `run` or `test`, and count the results.

        Args:
            arguments: The command and its options.
            listener: Another callback for dbt's events.

        Raises:
            UserError: dbt stopped, and no node had failed.

        """
        result = self._invoke(*arguments, listener=listener)
        built = _counted(result.result)
        built.invocation = self._listener.invocation
        if not (result.success or built.broken):
            raise _stopped(arguments[0], "see the errors above")
        return built

    def _invoke(
        self, *arguments: str, listener: Callable[[EventMsg], object] | None = None
    ) -> dbtRunnerResult:
        from dbt.cli.main import dbtRunner

        listeners = [self._listener, *([listener] if listener else [])]
        result = dbtRunner(self.manifest, callbacks=listeners).invoke(
            [*_QUIET, *arguments, *self._options]
        )
        if isinstance(result.exception, KeyboardInterrupt):
            raise result.exception
        if result.exception is not None:
            if exhaustion := exhausted(result.exception, arguments[0]):
                raise exhaustion
            if said := without_frame(str(result.exception)):
                raise UserError(said)
            raise _stopped(arguments[0], str(result.exception))
        return result


def _stopped(command: str, reason: str) -> UserError:
    return UserError("dbt stopped", command, f"{reason} (details are in logs/dbt.log)")


class _Listener:
    """Passes the dbt events that matter to a person on to the progress display."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.invocation = ""

    def __call__(self, event: EventMsg) -> None:
        self.invocation = event.info.invocation_id
        name, level = event.info.name, event.info.level
        if name == "ConcurrencyLine":
            self._progress.expect(event.data.node_count)
        elif name == "NodeFinished":
            node = event.data.node_info
            # The node count of dbt does not include unit tests.
            if node.resource_type != "unit_test":
                self._progress.advance(node.node_name)
        elif name in _MACRO_OUTPUT or (
            level in ("warn", "error") and name not in _REPORTED_ELSEWHERE
        ):
            self._progress.tell(without_callers(without_hints(event.info.msg)))


def _counted(results: Iterable[Any] | None) -> Built:
    built = Built()
    for result in results or []:
        status = str(result.status)
        if status in _FAILED:
            built.broken += 1
            if result.node.resource_type == "test":
                built.failed_tests.append(result.node.name)
            built.exhausted = built.exhausted or exhausted_by(
                result.message or "", result.node.name
            )
        elif status == "skipped":
            built.skipped.append(result.node.name)
        elif status == "warn":
            built.warned += 1
        else:
            built.done[str(result.node.resource_type)] += 1
    return built
