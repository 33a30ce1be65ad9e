"""The arithmetic of the record: the hash of each entry covers the one before it. Pure.

Of what is personal it covers a commitment, the hash of a salt and the value: once both are erased,
nobody can guess the value from what is left, and the chain is still whole.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping

from bot.record import Hidden, Record, astuple

#: A salt nobody can try all of.
SALT_BYTES = 16
#: Names this way of writing entries down, so that another one can follow it some day.
_FORM = "imagine-audit-1"


class Link(Record):
    """What an entry's hash covers: `actor`, `subject` and `reason` as commitments (None: none)."""

    guild_id: int
    number: int
    at: int
    action: str
    details: str
    actor: str | None = None
    subject: str | None = None
    reason: Hidden[str | None] = None


class Sealed(Record):
    """A personal value beside its commitment; None, None and a mark: it was erased."""

    value: int | str | None = None
    salt: Hidden[str | None] = None
    mark: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the value is what was committed to, or rightly not there."""
        if self.value is None or self.salt is None or self.mark is None:
            return self.value is None and self.salt is None
        return commitment(self.salt, self.value) == self.mark


def sealed(value: int | str | None) -> Sealed:
    """The value with a new salt; nothing for no value."""
    if value is None or value == "":
        return Sealed()
    salt = secrets.token_hex(SALT_BYTES)
    return Sealed(value, salt, commitment(salt, value))


def commitment(salt: str, value: int | str) -> str:
    return _digest([salt, str(value)])


def genesis(guild_id: int, begun_after: int) -> str:
    """What the first entry follows: whose chain it is, and which entries are older than it."""
    return _digest([_FORM, guild_id, begun_after])


def following(previous: str, link: Link) -> str:
    """The hash of an entry that stands after one with the hash `previous`."""
    return _digest([_FORM, previous, *astuple(link)])


def canonical(details: Mapping[str, str]) -> str:
    """The same text for the same details, whatever their order."""
    return json.dumps(details, sort_keys=True, separators=(",", ":"))


def _digest(parts: list[object]) -> str:
    written = json.dumps(parts, separators=(",", ":"))  # ASCII only: the same bytes everywhere
    return hashlib.sha256(written.encode()).hexdigest()
