"""The packages of Python: which may import which, and that they do so through each other's face.

A package's face is its `__init__.py`: the names that it has in `__all__`. What lies behind, its
modules, is its own business. The tests read the source of every import, wherever in a file it
stands; one for types alone counts like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from readership.command_line import COMMANDS

ROOT = Path(__file__).parents[2]

# Which packages of the project a package may import.
ARROWS: dict[str, set[str]] = {
    "readership.errors": set(),
    "readership.console": set(),
    "readership.normal": set(),
    "readership.warehouse": {"readership.errors"},
    "simulator": set(),
    "loaders": {
        "readership.console", "readership.errors", "readership.normal", "readership.warehouse",
    },
    "readership.audience": {"readership.errors", "readership.warehouse"},
    "readership.builder": {
        "readership.console", "readership.errors", "readership.statements", "readership.warehouse",
    },
    "readership.enriching": {
        "loaders", "readership.builder", "readership.console", "readership.errors",
        "readership.warehouse",
    },
    "readership.marts": {"readership.console", "readership.errors", "readership.warehouse"},
    "readership.report": {"readership.console", "readership.errors", "readership.warehouse"},
    "readership.service": {"readership.errors", "readership.normal", "readership.warehouse"},
    "readership.spark": {"readership.errors", "readership.warehouse"},
    "readership.statements": {"readership.errors", "readership.warehouse"},
    "readership.rounds": {
        "loaders", "readership.builder", "readership.console", "readership.errors",
        "readership.service", "readership.warehouse",
    },
}  # fmt: skip

# Which rooms of a package, and which of the modules beside them, a room may import.
CONTRACTS = {"fields", "reasons", "settings", "tables"}
ROOM_ARROWS: dict[str, dict[str, set[str]]] = {
    "loaders": {
        "fields": set(),
        "reasons": set(),
        "sequences": set(),
        "settings": set(),
        "tables": {"fields"},
        "discovering": {"settings"},
        "enriching": {"tables"},
        "streaming": {"sequences", "settings"},
        "reading": {"discovering", "enriching"} | CONTRACTS,
        "writing": {"enriching", "sequences", "settings", "tables"},
        "inspecting": {"enriching", "reading", "writing"} | CONTRACTS,
        "file_rows": {"enriching", "reading", "writing"} | CONTRACTS,
        "stream_loads": {"discovering", "file_rows", "reading", "streaming", "writing"} | CONTRACTS,
        "pipeline": {
            "discovering", "enriching", "file_rows", "reading", "stream_loads", "streaming",
            "writing",
        } | CONTRACTS,
        "commands": {
            "discovering", "inspecting", "pipeline", "reasons", "settings", "streaming", "writing",
        },
        "__main__": {"commands"},
        # The face of the whole; it imports what it gives when that is used.
        "__init__": {
            "commands", "discovering", "inspecting", "pipeline", "settings", "writing",
        },
    },
    "readership.service": {
        "calls": set(),
        "keys": set(),
        "options": set(),
        "option_types": set(),
        "requests": {"calls"},
        "server": set(),
        "sources": {"calls"},
        "warehouses": set(),
        "snapshots": {"calls", "sources"},
        "postgresql": {"calls", "sources", "warehouses"},
        "counting": {"calls", "snapshots"},
        "answering": {"calls", "counting", "keys", "sources"},
        "monitoring": {"answering", "keys", "requests", "server"},
        "dashboard": {"answering", "calls", "counting", "sources"},
        "http": {
            "answering", "calls", "dashboard", "keys", "monitoring", "options", "requests",
            "server", "sources",
        },
        "origins": {"postgresql", "snapshots", "sources", "warehouses"},
        "dashboard_command": {
            "counting", "dashboard", "origins", "snapshots", "sources", "warehouses",
        },
        "serve_options": {"answering", "keys", "monitoring", "option_types", "options", "server"},
        "serve_command": {
            "answering", "calls", "http", "keys", "monitoring", "origins", "serve_options",
            "server", "snapshots", "sources", "warehouses",
        },
        "command_line": {
            "dashboard_command", "keys", "option_types", "serve_command", "serve_options",
            "snapshots", "warehouses",
        },
        "__init__": {"answering", "calls", "keys", "snapshots"},
    },
}  # fmt: skip

# Which rooms of the loader may import which packages of the project.
PACKAGES_OF_ROOMS: dict[str, set[str]] = {
    "settings": {"readership.errors"},
    "discovering": {"readership.errors"},
    "streaming": {"readership.errors"},
    "stream_loads": {"readership.errors"},
    "pipeline": {"readership.errors"},
    "reading": {"readership.errors", "readership.normal"},
    "writing": {"readership.errors", "readership.warehouse"},
    "inspecting": {"readership.console", "readership.errors", "readership.warehouse"},
    "commands": {"readership.console", "readership.errors", "readership.warehouse"},
}

# What is imported from elsewhere by its module: the one list of fields, which is data.
OPEN_MODULES = {"loaders.fields"}
# Where a command starts, if the face of its package does not have the `main`.
ENTRY_MODULE = "command_line"


class Import(NamedTuple):
    """One imported name, and where it stands."""

    file: Path
    module: str
    name: str | None

    @property
    def package(self) -> str:
        """The package: the top-level one, or the one in `readership`."""
        first, *rest = self.module.split(".")
        if first != "readership":
            return first
        return ".".join([first, *(rest or [self.name or ""])[:1]]).rstrip(".")

    def __str__(self) -> str:
        what = f"{self.module}.{self.name}" if self.name else self.module
        return f"{self.file.relative_to(ROOT)} imports {what}"


def imports_of(file: Path, text: str | None = None) -> Iterator[Import]:
    """What a file imports, each name apart."""
    for node in ast.walk(ast.parse(file.read_text() if text is None else text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, alias.name, None)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file} imports by a relative path"
            for alias in node.names:
                yield Import(file, node.module or "", alias.name)


def files_of(package: str) -> list[Path]:
    return sorted((ROOT / package.replace(".", "/")).rglob("*.py"))


def room_of(file: Path, package: str) -> str:
    """The room of a package that a file is in; of a module beside the rooms, its own name."""
    first = file.relative_to(ROOT / package.replace(".", "/")).parts[0]
    return first.removesuffix(".py")


def is_room(package: str, module: str) -> bool:
    return (ROOT / package.replace(".", "/") / module).is_dir()


def below(found: Import, package: str) -> list[str]:
    """The parts of an import's module below a package: the room, and the module in it."""
    return found.module.split(".")[package.count(".") + 1 :]


def rooms_imported(found: Import, package: str) -> set[str]:
    """The rooms of its package, or modules beside them, that an import leads to."""
    if parts := below(found, package):
        return {parts[0]}
    # `from loaders import settings` is one; `from loaders import load` goes through the face.
    return {found.name} if found.name in ROOM_ARROWS[package] else set()


def wrong_arrows(found: Import, own: str) -> bool:
    """Whether a package of the project imports another that it may not."""
    return found.package in ARROWS and found.package != own and found.package not in ARROWS[own]


def goes_behind_a_face(found: Import) -> bool:
    """Whether an import from outside reaches for a module behind a face, or for a private name."""
    if found.package not in ARROWS or found.module in OPEN_MODULES:
        return False
    exported = face_of(ROOT / found.package.replace(".", "/") / "__init__.py")
    if found.module not in (found.package, "readership"):
        return True
    if found.module == "readership":
        return False
    return found.name is not None and found.name not in exported


def goes_behind_a_rooms_face(found: Import, own: str, package: str = "loaders") -> bool:
    """Whether an import inside a package reaches behind the face of another room."""
    parts = below(found, package)
    if found.package != package or not parts or parts[0] == own or not is_room(package, parts[0]):
        return False
    exported = face_of(ROOT / package.replace(".", "/") / parts[0] / "__init__.py")
    return len(parts) > 1 or (found.name is not None and found.name not in exported)


def face_of(file: Path) -> set[str]:
    """The names in the `__all__` of a package."""
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    raise AssertionError(f"{file} has no __all__")


@pytest.mark.parametrize("package", ARROWS)
def test_a_package_imports_only_those_that_it_may(package: str) -> None:
    files = files_of(package)
    assert files
    imports = [found for file in files for found in imports_of(file)]
    assert [str(found) for found in imports if wrong_arrows(found, package)] == []


@pytest.mark.parametrize("package", ARROWS)
def test_another_package_is_imported_through_its_face(package: str) -> None:
    imports = [found for file in files_of(package) for found in imports_of(file)]
    wrong = [str(f) for f in imports if f.package != package and goes_behind_a_face(f)]
    assert wrong == []


@pytest.mark.parametrize("folder", ["bench", "pages"])
def test_benchmarks_and_pages_import_packages_through_their_face(folder: str) -> None:
    """A benchmark may measure a single room of the loader, so it may use the face of one."""
    imports = [found for file in files_of(folder) for found in imports_of(file)]
    wrong = [
        str(found)
        for found in imports
        if (
            goes_behind_a_rooms_face(found, folder)
            if found.package == "loaders" and rooms_imported(found, "loaders")
            else goes_behind_a_face(found)
        )
    ]
    assert wrong == []


def test_a_command_starts_at_a_face_or_at_the_entry_module_of_its_package() -> None:
    for command in COMMANDS.values():
        package, _, module = command.module.rpartition(".")
        folder = ROOT / command.module.replace(".", "/")
        if folder.is_dir():
            assert "main" in face_of(folder / "__init__.py"), command
        else:
            assert (package in ARROWS, module) == (True, ENTRY_MODULE), command


def test_the_arrows_between_packages_lead_one_way() -> None:
    assert_no_circle(ARROWS)


@pytest.mark.parametrize("package", ROOM_ARROWS)
def test_the_arrows_between_rooms_lead_one_way(package: str) -> None:
    assert_no_circle(ROOM_ARROWS[package])


@pytest.mark.parametrize("package", ROOM_ARROWS)
def test_every_room_and_module_of_a_package_has_its_arrows(package: str) -> None:
    assert {room_of(file, package) for file in files_of(package)} == set(ROOM_ARROWS[package])


@pytest.mark.parametrize("package", ROOM_ARROWS)
def test_a_room_imports_only_those_that_it_may(package: str) -> None:
    wrong = [
        f"{found}, from {own}"
        for file in files_of(package)
        for own in [room_of(file, package)]
        for found in imports_of(file)
        if found.package == package
        and rooms_imported(found, package) - ROOM_ARROWS[package][own] - {own}
    ]
    assert wrong == []


def test_a_room_of_the_loader_imports_only_the_packages_that_it_may() -> None:
    wrong = [
        f"{found}, from {own}"
        for file in files_of("loaders")
        for own in [room_of(file, "loaders")]
        for found in imports_of(file)
        if found.package in ARROWS
        and found.package != "loaders"
        and found.package not in PACKAGES_OF_ROOMS.get(own, set())
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ROOM_ARROWS)
def test_another_room_is_imported_through_its_face(package: str) -> None:
    wrong = [
        str(found)
        for file in files_of(package)
        for found in imports_of(file)
        if goes_behind_a_rooms_face(found, room_of(file, package), package)
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ROOM_ARROWS)
def test_modules_of_a_room_do_not_import_each_other_in_a_circle(package: str) -> None:
    for room in ROOM_ARROWS[package]:
        if not is_room(package, room):
            continue
        modules = {
            file.stem: {
                below(found, package)[1]
                for found in imports_of(file)
                if found.module.startswith(f"{package}.{room}.")
            }
            for file in files_of(f"{package}/{room}")
            if file.stem != "__init__"
        }
        assert_no_circle(modules)


@pytest.mark.parametrize(
    "package",
    sorted([*ARROWS, *(f"{package}/{r}" for package, rooms in ROOM_ARROWS.items() for r in rooms)]),
)
def test_a_face_says_what_its_package_is_for_and_gives_what_it_names(package: str) -> None:
    file = ROOT / package.replace(".", "/") / "__init__.py"
    if not file.exists():
        return
    tree = ast.parse(file.read_text())
    assert len((ast.get_docstring(tree) or "").split()) > 40
    bound = {found.name for found in imports_of(file)}
    assert face_of(file) <= bound


@pytest.mark.parametrize(
    ("own", "line"),
    [
        ("loaders", "import simulator.run"),
        ("loaders", "from readership.report import layout"),
        ("loaders", "import readership.service"),
        ("simulator", "from loaders.fields import FIELDS"),
        ("readership.errors", "from readership.warehouse import RAW_SCHEMA"),
        ("readership.errors", "from readership import warehouse"),
    ],
)
def test_an_arrow_that_is_not_there_is_noticed(own: str, line: str) -> None:
    (found,) = imports_of(ROOT / own.replace(".", "/") / "made_up.py", line)
    assert wrong_arrows(found, own)


@pytest.mark.parametrize(
    "line",
    [
        "from readership.normal.names import normal_name",
        "import readership.service.http.app",
        "from readership.builder import building",
        "from simulator.run import simulate",
        "from loaders.writing import target_for",
    ],
)
def test_a_way_behind_a_face_is_noticed(line: str) -> None:
    (found,) = imports_of(ROOT / "bench" / "made_up.py", line)
    assert goes_behind_a_face(found)


@pytest.mark.parametrize(
    ("package", "own", "line"),
    [
        ("loaders", "reading", "from loaders.discovering.stores import open_filesystem"),
        ("loaders", "reading", "import loaders.enriching.hosts"),
        ("loaders", "reading", "from loaders.enriching import hosts"),
        ("loaders", "commands", "from loaders.writing import _private"),
        ("readership.service", "http", "from readership.service.calls.errors import BUSY"),
        ("readership.service", "http", "from readership.service.calls import errors"),
    ],
)
def test_a_way_behind_a_rooms_face_is_noticed(package: str, own: str, line: str) -> None:
    (found,) = imports_of(ROOT / package.replace(".", "/") / own / "made_up.py", line)
    assert goes_behind_a_rooms_face(found, own, package)
    assert not goes_behind_a_rooms_face(found, below(found, package)[0], package)


def assert_no_circle(arrows: dict[str, set[str]]) -> None:
    left = {name: set(targets) for name, targets in arrows.items()}
    while left:
        free = {name for name, targets in left.items() if not targets & set(left)}
        assert free, f"a circle among {sorted(left)}"
        left = {name: targets for name, targets in left.items() if name not in free}
