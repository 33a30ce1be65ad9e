"""What the pages tell somebody to type."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.documents.generated import AT_ONCE
from tests.documents.pages import DOCS, EVERY, named, written

#: What stands for something that only the reader has.
STANDS_FOR = {
    "LINK": "https://discord.com/channels/1/2/3",
    "SHA256": "ab" * 32,
    "HASH": "ab" * 32,
    "5c1f…": "5c1f",
    "USER_ID": "5",
    "GUILD_ID": "7",
    "N": "3",
    "PATH": "backups/today",
    "…": "a deepfake",
}

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_SHELL = "sh"
_SEPARATORS = {"&&", "||", "|", ";"}
_ASSIGNMENT = re.compile(r"[A-Z][A-Z_]*=")


@dataclass(frozen=True, slots=True)
class Typed:
    """One command of a page, as a shell would split it."""

    page: str
    words: tuple[str, ...]
    in_block: bool

    def __str__(self) -> str:
        return f"{self.page}: {shlex.join(self.words)}"

    def after(self, *program: str) -> tuple[str, ...] | None:
        """What this program is given; None: it is not called."""
        size = len(program)
        for start in range(len(self.words) - size + 1):
            called = tuple(word.rpartition("/")[2] for word in self.words[start : start + size])
            if called == program:
                return self.words[start + size :]
        return None


def prose(page: Path) -> str:
    """The page without what is written from the code."""
    text = page.read_text(encoding="utf-8")
    for name, part in AT_ONCE:
        if page == DOCS / name:
            text = written(text, part, "")
    return text


def assigned() -> Iterator[str]:
    """The names that blocks of shell give a value."""
    for page in EVERY:
        for _, language, block in _BLOCK.findall(prose(page)):
            if language == _SHELL:
                yield from re.findall(r"^([A-Z][A-Z_]*)=", block, re.MULTILINE)


def everything() -> list[Typed]:
    """Each command once for each page, in the order of the pages."""
    return list(dict.fromkeys(each for page in EVERY for each in _of(page)))


def _of(page: Path) -> Iterator[Typed]:
    text = prose(page)
    for _, language, block in _BLOCK.findall(text):
        if language == _SHELL:
            for line in block.replace("\\\n", " ").splitlines():
                for words in _commands(line):
                    yield Typed(named(page), words, in_block=True)
    for span in re.findall(r"`([^`]+)`", _BLOCK.sub("", text)):
        if re.match(r"(python -m|make) \w", span):
            yield Typed(named(page), tuple(_split(span)), in_block=False)


def _commands(line: str) -> Iterator[tuple[str, ...]]:
    words: list[str] = []
    for word in [*_split(line), ";"]:
        if word in _SEPARATORS:
            if words:
                yield tuple(words)
            words = []
        elif words or not _ASSIGNMENT.match(word):
            words.append(word)


def _split(line: str) -> list[str]:
    """As a shell does, closely enough; brackets say what may be left out."""
    return shlex.split(line.replace("[", "").replace("]", ""), comments=True)
