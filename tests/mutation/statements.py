"""SQL with one thing wrong: another comparison, a condition or an assignment that is not there.

Only what SQLite still accepts counts: a statement that cannot be read needs no test.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from bot.storage import queries

_TOKEN = re.compile(r"--[^\n]*|'(?:[^']|'')*'|:\w+|[{]\w+[}]|<>|<=|>=|\|\||->>|->|\w+(?:\.\w+)?|\S")
_PARAMETER = re.compile(r":(\w+)")
_SWAPPED: Mapping[str, str] = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "=": "<>",
    "<>": "=",
    "+": "-",
    "-": "+",
    "and": "or",
    "or": "and",
    "min": "max",
    "max": "min",
    "desc": "asc",
    "not": "",
    "distinct": "",
    "is": "is not",
    "in": "not in",
    "exists": "not exists",
}
_NEGATED = ("is", "in", "exists")
#: Where a condition ends.
_ENDS = frozenset(
    {
        *("and", "or", "order", "group", "limit", "returning", "union", "on", "where", "join"),
        *("then", "else", "end", "when", "set", ";"),
    }
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file's text in which what stands between `start` and `end` is something else."""

    path: Path
    start: int
    end: int
    instead: str

    @property
    def text(self) -> str:
        whole = self.path.read_text(encoding="utf-8")
        return whole[: self.start] + self.instead + whole[self.end :]

    def __str__(self) -> str:
        whole = self.path.read_text(encoding="utf-8")
        line = whole.count("\n", 0, self.start) + 1
        was = " ".join(whole[self.start : self.end].split())
        return f"{self.path.name}:{line}:{self.start}: {was!r} -> {self.instead!r}"


def mutants(path: Path, schema: sqlite3.Connection) -> Sequence[Mutant]:
    """All of a file that the database takes, in its order."""
    text = path.read_text(encoding="utf-8")
    tokens = [each for each in _TOKEN.finditer(text) if not each[0].startswith("--")]
    found = [
        *(Mutant(path, *change) for at in range(len(tokens)) for change in _changes(tokens, at)),
        *(Mutant(path, *change) for change in _dropped(tokens)),
    ]
    return [each for each in dict.fromkeys(found) if _is_taken(each, schema)]


def _changes(tokens: Sequence[re.Match[str]], at: int) -> Iterator[tuple[int, int, str]]:
    """Of one token."""
    token, before = tokens[at], tokens[at - 1][0] if at else ""
    after = tokens[at + 1][0] if at + 1 < len(tokens) else ""
    word = token[0]
    if word.isdigit():
        yield (*token.span(), str(int(word) + 1))
    elif word.startswith("'"):
        yield (*token.span(), "'XX'")
    elif word in _NEGATED and "not" in (before, after):
        return
    elif word in _SWAPPED:
        yield (*token.span(), _SWAPPED[word])


def _dropped(tokens: Sequence[re.Match[str]]) -> Iterator[tuple[int, int, str]]:
    """Each condition as if it held, each assignment as if it were not made."""
    for at, token in enumerate(tokens):
        if (
            token[0] in ("where", "and", "on")
            and (last := _last(tokens, at + 1, _ENDS)) is not None
        ):
            yield (tokens[at + 1].start(), last.end(), "true")
        elif token[0] == "=" and tokens[at - 2][0] in ("set", ","):
            last = _last(tokens, at + 1, _ENDS | {","})
            if last is not None:
                yield (tokens[at + 1].start(), last.end(), tokens[at - 1][0])


def _last(
    tokens: Sequence[re.Match[str]], first: int, ends: frozenset[str]
) -> re.Match[str] | None:
    """The last token of what begins at `first`; what stands in brackets, or a case, is whole."""
    depth = 0
    for at in range(first, len(tokens)):
        word = tokens[at][0]
        if depth == 0 and (word in ends or word == ")"):
            return tokens[at - 1] if at > first else None
        depth += (word in ("(", "case")) - (word in (")", "end"))
    return None


def _is_taken(mutant: Mutant, schema: sqlite3.Connection) -> bool:
    before, after = statements(mutant.path), statements(mutant.path, mutant.text)
    changed = [text for name, text in after.items() if text != before.get(name)]
    try:
        for text in changed:
            bare = re.sub("--[^\n]*", "", text)
            schema.execute(f"explain {bare}", dict.fromkeys(_PARAMETER.findall(bare)))
    except sqlite3.Error:
        return False
    return bool(changed)


def statements(path: Path, text: str | None = None) -> Mapping[str, str]:
    """The file's statements by their names, or those of this text in its place."""
    if text is None:
        return queries.load(path)
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".sql") as file:
        file.write(text)
        file.flush()
        return queries.load(Path(file.name))
