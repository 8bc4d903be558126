"""The files of the page: served one by one, or joined with its documents to a single file."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib.resources import files
from typing import Any, Final

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The content security policy of the served page: nothing from elsewhere, no inline script."""
FILE_POLICY: Final = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""That of the single file, which may run the script that it was made with and no other."""

_TYPES: Final = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
# In the order in which each needs only those before it.
_MODULES: Final = ("words.js", "charts.js", "parts.js", "main.js")
_STYLE: Final = "dashboard.css"
_PAGE: Final = "index.html"
_NAMES: Final = frozenset({*_MODULES, _STYLE})
_IMPORT: Final = re.compile(r"^import \{[^}]*\} from \"\./[a-z]+\.js\";\n", re.MULTILINE)
_EXPORT: Final = re.compile(r"^export ", re.MULTILINE)
_LINKS: Final = re.compile(r"^ *<!-- files -->\n.*?<!-- end -->\n", re.MULTILINE | re.DOTALL)


def asset(name: str | None = None) -> tuple[bytes, str] | None:
    """Return a file of the page and its media type: the page itself, or one that it loads.

    Returns:
        None if the page has no such file.

    """
    if name is None:
        return _text(_PAGE).encode(), "text/html; charset=utf-8"
    if name not in _NAMES:
        return None
    return _text(name).encode(), _TYPES[name.rpartition(".")[2]]


def single_file(documents: dict[str, Any]) -> str:
    """Return the page with its style, its script and its documents in it.

    Args:
        documents: What the page would ask the service for: `sites`, and documents by the path of
            their call.

    """
    style = _text(_STYLE)
    # One script instead of modules, since a file may not load others.
    script = '"use strict";\n' + "".join(
        _EXPORT.sub("", _IMPORT.sub("", _text(module))) for module in _MODULES
    )
    policy = FILE_POLICY.format(script=_hash(script), style=_hash(style))
    inlined = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<style>{style}</style>\n"
        f'<script type="application/json" id="documents">{_embedded(documents)}</script>\n'
    )
    page = _LINKS.sub(lambda _: inlined, _text(_PAGE))
    return page.replace("</body>", f"<script>{script}</script>\n</body>")


def _embedded(documents: dict[str, Any]) -> str:
    """Return JSON that cannot end the element around it, whatever titles have in them."""
    text = json.dumps(documents, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _text(name: str) -> str:
    return (files(__package__) / "page" / name).read_text("utf-8")
