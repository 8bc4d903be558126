"""What mkdocs is told besides mkdocs.yml: pages that are made, links of files at the top level."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

from pages.loading import loaded

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

MADE: Final = {
    "erd.md": "erd.md",
    "dbt/index.html": "dbt/static_index.html",
    "lineage/index.html": "lineage/index.html",
}
"""What `make docs` makes before: where it is on the site, and where in its folder."""
FOLDER: Final = Path(__file__).parent.parent / "data/docs"
# Files at the top level link to pages by their place in the repository.
_TO_PAGES: Final = re.compile(r"\]\(docs/")
_TOP_LEVEL: Final = {"contributing.md": "CONTRIBUTING.md", "changelog.md": "CHANGELOG.md"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what was made before."""
    for place, source in MADE.items():
        file = FOLDER / source
        if not file.exists():
            raise PluginError(f"{file} is not there: `make docs` makes it")
        if place.endswith(".md"):
            files.append(File.generated(config, place, content=file.read_text()))
        else:
            files.append(File.generated(config, place, abs_src_path=str(file)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:  # noqa: ANN401
    """Put a file of the top level in its page, with links as they are from here."""
    name = _TOP_LEVEL.get(page.file.src_uri)
    if name is None:
        return markdown
    return _TO_PAGES.sub("](", (FOLDER.parent.parent / name).read_text())


def on_post_build(config: MkDocsConfig) -> None:
    """Refuse a site whose pages load anything from the network."""
    wrong: list[str] = []
    for file in sorted(Path(config.site_dir).rglob("*.html")):
        name = file.relative_to(config.site_dir)
        wrong += [f"{name} loads {address}" for address in loaded(file.read_text())]
    if wrong:
        raise PluginError("\n".join(wrong))
