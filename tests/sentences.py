"""The sentences that the code marks as translatable, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: What marks a sentence, and how many of its first arguments are one: a plural has two.
MARKS = {"_": 1, "N_": 1, "_n": 2, "N_n": 2, "counted": 2}


@dataclass(frozen=True, slots=True)
class Marked:
    """As in gettext; `sentence` is None where what is marked is no literal."""

    where: str
    mark: str
    node: ast.Call
    sentence: str | None
    plural: str = ""


def sources() -> list[Path]:
    return sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "cogs").rglob("*.py")])


def marked() -> Iterator[Marked]:
    for path in sources():
        if path.parent.name != "language":
            yield from _marked(path)


def _marked(path: Path) -> Iterator[Marked]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = _name(node)
        if isinstance(node, ast.Call) and name in MARKS:
            said = [_literal(each) for each in node.args[: MARKS[name]]]
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            yield Marked(where, name, node, said[0], (said[1:] or [""])[0] or "")


def _name(node: ast.AST) -> str:
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Attribute) and ast.unparse(called.value) == "language":
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def constants(path: Path) -> set[str]:
    """The names of a module's constants that are marked sentences."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            pairs = [(node.targets[0], node.value)]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            names = node.targets[0]
            pairs = list(zip(getattr(names, "elts", ()), node.value.elts, strict=False))
        else:
            continue
        found |= {name.id for name, value in pairs if _name(value) == "N_"}
    return found
