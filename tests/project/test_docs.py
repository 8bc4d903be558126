"""The README and the pages: what they name is there, and what is there they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaders.reasons import REASONS
from pages.loading import loaded

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TOP = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
# Pages that `make docs` makes.
MADE = {DOCS / "erd.md", DOCS / "dbt/index.html", DOCS / "lineage/index.html"}
FENCE = re.compile(r"^```.*?^```$", re.S | re.M)
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|sql|yml|csv|html|md|toml|lock|tsv))`")


def prose(file: Path) -> str:
    """A page without what is shown between fences."""
    return FENCE.sub("", file.read_text())


def anchors(file: Path) -> set[str]:
    """The anchors of a page's headings, as Python-Markdown makes them."""
    found: list[str] = []
    for heading in re.findall(r"^#+ (.*)$", prose(file), re.M):
        slug = re.sub(r"[^\w\s-]", "", heading).strip().lower()
        slug = re.sub(r"[-\s]+", "-", slug)
        # A heading that is there before gets a number.
        found.append(f"{slug}_{found.count(slug)}" if slug in found else slug)
    return set(found)


def links(file: Path) -> Iterator[str]:
    """What a page links to, pictures too, but for addresses of the network."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(file)):
        if not target.startswith("https://"):
            yield target


def broken(file: Path) -> list[str]:
    """Links of a page that lead nowhere."""
    wrong = []
    for target in links(file):
        path, _, anchor = target.partition("#")
        other = (file.parent / path).resolve() if path else file
        if other in MADE and not anchor:
            continue
        if not other.exists() or (anchor and anchor not in anchors(other)):
            wrong.append(target)
    return wrong


def navigation() -> list[str]:
    """The pages that mkdocs.yml lists."""

    def listed(part: Any) -> Iterator[str]:  # noqa: ANN401
        if isinstance(part, str):
            yield part
        else:
            for one in part if isinstance(part, list) else part.values():
                yield from listed(one)

    return list(listed(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]))


def test_the_readme_is_an_entry_and_no_manual() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= 12 * 1024


def test_every_page_is_in_the_navigation_once() -> None:
    pages = [page.relative_to(DOCS).as_posix() for page in PAGES]
    made = [page.relative_to(DOCS).as_posix() for page in MADE if page.suffix == ".md"]
    assert len(pages) > 30
    assert sorted(navigation()) == sorted(pages + made)


@pytest.mark.parametrize("file", [*TOP, *PAGES], ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(file: Path) -> None:
    assert broken(file) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# One\n\n## Two `words`, more\n\n## One\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md) [b](other.md#two-words-more) [c](other.md#one_1) [d](https://example.com)\n"
        "[e](away.md) [f](other.md#three) [g](#here)\n\n# Page\n\n```\n[h](shown.md)\n```\n"
    )
    assert broken(page) == ["away.md", "other.md#three", "#here"]


@pytest.mark.parametrize("file", [*TOP, *PAGES], ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_file_that_a_page_names_is_there(file: Path) -> None:
    named = [
        path for path in PATH.findall(prose(file)) if not path.startswith(("data/", "target/"))
    ]
    assert [path for path in named if not (ROOT / path).exists()] == []


def matched_nowhere(text: str) -> list[str]:
    """Patterns of files and beginnings of names, such as `warn_*`, that fit nothing."""
    settings = (ROOT / "dbt_project.yml").read_text()
    names = set(re.findall(r"\w+", settings))
    names.update(
        file.stem for at in ("models", "seeds", "tests") for file in ROOT.glob(f"{at}/**/*")
    )
    paths = re.findall(r"`((?:[\w.-]+/)+[\w.-]*\*[\w.*-]*)`", text)
    beginnings = re.findall(r"`(\w+_)\*?`", text)
    # Others, such as endpoints, are not of this folder.
    paths = [path for path in paths if (ROOT / path.partition("/")[0]).exists()]
    return [path for path in paths if not any(ROOT.glob(path))] + [
        beginning
        for beginning in beginnings
        if not any(name.startswith(beginning) for name in names)
    ]


@pytest.mark.parametrize(
    "file", [*TOP[:2], *PAGES], ids=lambda file: file.relative_to(ROOT).as_posix()
)
def test_every_pattern_that_a_page_names_fits_something(file: Path) -> None:
    assert matched_nowhere(prose(file)) == []


def test_a_pattern_that_fits_nothing_is_found() -> None:
    text = "`tests/data/watch_*.sql` `tests/data/warn_*.sql` `watch_` `warn_*` `fct_` `watch_*`"
    assert matched_nowhere(text) == ["tests/data/watch_*.sql", "watch_", "watch_"]


def test_the_page_of_recovery_names_every_reason_of_a_rejected_line() -> None:
    page = (DOCS / "recovery.md").read_text()
    assert [reason for reason in REASONS if f"`{reason}`" not in page] == []


def test_pages_name_files() -> None:
    assert sum(len(PATH.findall(prose(file))) for file in PAGES) > 20


def test_lines_are_at_most_100_characters() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}: {line}"
        for file in [*TOP, *PAGES]
        for line in prose(file).splitlines()
        if len(line) > 100 and not line.startswith(("|", "!["))
    ]
    assert wrong == []


def test_the_page_of_variables_has_each_with_its_default() -> None:
    defaults = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]["readership"]
    rows = {
        name: line
        for line in (DOCS / "variables.md").read_text().splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert set(rows) == set(defaults)
    plain = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in defaults.items()
        if not isinstance(value, list) and value != ""
    }
    assert len(plain) > 40
    assert [name for name, value in plain.items() if f"`{value}`" not in rows[name]] == []


def test_the_page_of_files_has_every_rule_of_a_valid_event() -> None:
    rules = (ROOT / "macros/rules/broken_rules.sql").read_text()
    names = re.findall(r"^        \('(\w+)', ", rules, re.M)
    assert len(names) > 12
    page = (DOCS / "your_files.md").read_text()
    assert [name for name in names if f"`{name}`" not in page] == []


def test_the_glossary_has_few_terms_in_order_each_with_a_meaning() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (DOCS / "glossary.md").read_text().splitlines()[4:]
    ]
    terms = [row[0] for row in rows]
    assert 30 <= len(terms) <= 40
    assert terms == sorted(set(terms), key=str.lower)
    assert [row for row in rows if len(row) != 3 or not all(row)] == []


def test_the_version_is_the_newest_of_the_changelog() -> None:
    newest = re.findall(r"^## (\S+)$", (ROOT / "CHANGELOG.md").read_text(), re.M)[0]
    assert f'version = "{newest}"' in (ROOT / "pyproject.toml").read_text()
    assert f'version: "{newest}"' in (ROOT / "dbt_project.yml").read_text()


def test_what_a_page_loads_from_the_network_is_found() -> None:
    page = """
        <link rel="stylesheet" href="https://example.com/a.css"><link href="b.css">
        <script src="//example.com/c.js"></script><script src="d.js"></script>
        <img src="https://example.com/e.png"><a href="https://example.com/f">f</a>
    """
    assert loaded(page) == [
        "https://example.com/a.css", "//example.com/c.js", "https://example.com/e.png"
    ]  # fmt: skip
