"""The pages that are shared, and the parts of them that are written from the code.

A part stands between `<!-- its name -->` and `<!-- /its name -->`: a block on lines of its own, or
words within a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

#: What somebody may read first; what was is not corrected any more (CHANGELOG.md).
EVERY = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md")))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def part(text: str, name: str) -> str:
    """What stands there now, without the empty lines around it. Raises ValueError: nothing does."""
    return _place(text, name)[2].strip()


def written(text: str, name: str, content: str) -> str:
    """The page with this part in its place. Raises ValueError: it has none."""
    place = _place(text, name)
    around = "\n\n" if place[2].startswith("\n") else ""
    return f"{text[: place.start(2)]}{around}{content}{around}{text[place.end(2) :]}"


def parts(text: str) -> list[str]:
    """The names of all parts of a page."""
    return re.findall(r"<!-- /(\S+) -->", text)


def _place(text: str, name: str) -> re.Match[str]:
    found = re.search(rf"(<!-- {name} -->)(.*?)<!-- /{name} -->", text, re.DOTALL)
    if found is None:
        raise ValueError(f"<!-- {name} --> … <!-- /{name} --> is missing")
    return found


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """In Markdown; a cell's own bars and line breaks are no borders."""
    cells = [[cell.replace("|", "\\|").replace("\n", "<br>") for cell in row] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in ([*head], *cells)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])
