"""One table of a catalogue file: what is asked for is read, what nobody asks for is a problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bot.domain.generation import Value
from bot.errors import Problem
from bot.replicate.body import number


class Entries:
    """Reads a table by its keys; collects the problems of it and of the tables below."""

    def __init__(self, where: str, table: Mapping[str, object]) -> None:
        self._where = where
        self._table = dict(table)
        self._below: list[Entries] = []
        self._problems: list[Problem] = []

    def problem(self, key: str, what: str, remedy: str) -> None:
        self._problems.append(Problem(f"{self._where}: {key}", what, remedy))

    def finish(self) -> tuple[Problem, ...]:
        """Every problem, with the keys that mean nothing."""
        for key in self._table:
            self.problem(key, "means nothing here", "Correct or remove it; see docs/models.md.")
        below = (problem for entries in self._below for problem in entries.finish())
        return (*self._problems, *below)

    def value(self, key: str, *, required: bool = False) -> Value | None:
        value = self._table.pop(key, None)
        if value is None:
            if required:
                self.problem(key, "is not set", "Add it.")
            return None
        if isinstance(value, date):  # TOML has days of its own
            return value.isoformat()
        if isinstance(value, str | bool) or number(value) == value:
            return value
        self.problem(key, "is no text, number or truth", "Correct it.")
        return None

    def text(self, key: str, *, required: bool = False) -> str:
        value = self.value(key, required=required)
        if value is None or isinstance(value, str):
            return value or ""
        self.problem(key, "is no text", "Put it in quotes.")
        return ""

    def truth(self, key: str) -> bool:
        value = self.value(key)
        if value is not None and not isinstance(value, bool):
            self.problem(key, "is neither true nor false", "Write one of them.")
        return value is True

    def number(self, key: str, *, required: bool = False) -> float | None:
        value = self.value(key, required=required)
        if value is None or number(value) is not None:
            return value  # type: ignore[return-value]  # a number, or None
        self.problem(key, "is no number", "Write one.")
        return None

    def whole(self, key: str, default: int, *, least: int | None = None) -> int:
        value = self.number(key)
        if value is None:
            return default
        if not isinstance(value, int) or (least is not None and value < least):
            self.problem(key, "is no whole number that can be meant", "Correct it.")
            return default
        return value

    def word(self, key: str, words: Sequence[str], default: str) -> str:
        value = self.text(key) or default
        if value in words:
            return value
        self.problem(key, "is not one of the words", f"Use one of: {', '.join(words)}.")
        return default

    def words(self, key: str, words: Sequence[str]) -> list[str]:
        found = [str(value) for value in self.listed(key)]
        if not found or not set(found) <= {*words}:
            self.problem(key, "is no list of the words", f"Use: {', '.join(words)}.")
        return [word for word in found if word in words]

    def listed(self, key: str) -> list[Value]:
        """A list of texts, numbers or truths."""
        values = self._table.pop(key, [])
        listed: list[Any] = values if isinstance(values, list) else [None]
        if all(isinstance(v, str | bool) or number(v) is not None for v in listed):
            return listed
        self.problem(key, "is no list of texts or numbers", "Correct it.")
        return []

    def values(self, key: str) -> dict[str, Value]:
        """A table of texts, numbers or truths."""
        entries = self.table(key)
        return {} if entries is None else entries.rest()

    def rest(self) -> dict[str, Value]:
        """All that is left, whatever its key."""
        found = {key: self.value(key) for key in list(self._table)}
        return {key: value for key, value in found.items() if value is not None}

    def table(self, key: str) -> Entries | None:
        value = self._table.pop(key, None)
        return None if value is None else self._entries(key, value)

    def tables(self, key: str) -> Iterator[Entries]:
        """A list of tables, `[[key]]`, each named by its number from 1."""
        values = self._table.pop(key, [])
        if not isinstance(values, list):
            self.problem(key, "is no list of tables", f"Write [[{key}]] above each.")
            return
        for index, value in enumerate(values, 1):
            yield self._entries(f"{key} {index}", value)

    def _entries(self, key: str, value: object) -> Entries:
        if not isinstance(value, Mapping):
            self.problem(key, "is no table", "Correct it.")
            value = {}
        found = Entries(f"{self._where}: {key}", value)
        self._below.append(found)
        return found
