"""What `check` found: one line each."""

from __future__ import annotations

from enum import StrEnum

from bot.record import Record


class Mark(StrEnum):
    """How a line begins."""

    GOOD = "✓"
    BAD = "✗"
    WARNING = "!"
    UNKNOWN = "–"


class Finding(Record):
    """One line of the report. Only `BAD` makes the exit code 1."""

    mark: Mark
    subject: str
    says: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{self.mark} {self.subject}: {self.says}"
        return f"{line}. {self.remedy}" if self.remedy else line
