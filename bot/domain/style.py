"""A server's own words around a prompt. Pure."""

from __future__ import annotations

import hashlib

from bot.record import Hidden, Record

#: Of one server: what Discord suggests at once while somebody types, and a menu holds.
MOST_STYLES = 25
#: Characters: names are typed; the words before and after are shown whole below each image.
LONGEST_NAME, LONGEST_PART = 32, 200
_ID_LENGTH = 16


class Style(Record):
    """A server's words around a prompt, shown to everybody with each image made in it."""

    name: str
    prefix: Hidden[str] = ""
    suffix: Hidden[str] = ""

    def around(self, prompt: str) -> str:
        return " ".join(part for part in (self.prefix, prompt, self.suffix) if part)

    @property
    def key(self) -> str:
        """By which it is known in its server: however its name is typed."""
        return key_of(self.name)

    @property
    def id(self) -> str:
        """Its key as a custom id can hold it; the same for as long as it has its name."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:_ID_LENGTH]

    @property
    def line(self) -> str:
        """As it goes on record."""
        return f"{self.name}: {self.around('…')}"


def key_of(name: str) -> str:
    return " ".join(name.split()).casefold()
