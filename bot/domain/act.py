"""What goes on record: an act of a server's staff, of the operator, or of the bot itself."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.record import Hidden, Record, field

#: Who acts where no person of a server does: the operator at the command line, or the bot itself.
#: And the server of acts that hold in all of them.
OPERATOR = 0
INSTALLATION = 0
#: Characters of a reason: what a form's field takes, and a refusal has room for.
REASON_LENGTH = 500


class Action(StrEnum):
    """What was done; a newer version's actions are read as they are."""

    SETTING = "setting"
    BLOCK = "block"
    UNBLOCK = "unblock"
    WARN = "warn"
    APPROVE = "approve"
    REJECT = "reject"
    APPEAL = "appeal"
    EXPIRE = "expire"
    REPORT = "report"
    DISMISS = "dismiss"
    REMOVE = "remove"
    TAKEDOWN = "takedown"
    UNSAVE = "unsave"


class Act(Record):
    """One act, about to be recorded.

    `actor` and `subject` (whom it is about) are pseudonyms that are remembered
    (`Aliases.remembered`), `actor` may be OPERATOR. `reason` is what a person wrote; it can be
    erased. `details` stay for ever, so nothing personal belongs there: the generation's id, the
    end of a block, a setting's name and values.
    """

    actor: int
    action: Action
    subject: int | None = None
    reason: Hidden[str] = ""
    details: Mapping[str, str] = field(default_factory=dict)


class Entry(Record):
    """An act as it stands in a server's record; None, or no reason: none, or erased since."""

    guild_id: int
    number: int
    at: int
    action: str
    actor: int | None
    subject: int | None
    reason: Hidden[str]
    details: Mapping[str, str | None]
    hash: str | None


class Sought(Record):
    """Which entries: by or about this person (a pseudonym), of this action, from this time on.

    None: whatever it is. `since` in UTC milliseconds.
    """

    person: int | None = None
    action: str | None = None
    since: int | None = None


class Chain(Record):
    """A server's record as it was found: its last hash, and the first entry that does not fit.

    `earlier` entries are older than the chain.
    """

    guild_id: int
    entries: int
    earlier: int
    head: str
    broken: int | None = None
    why: str = ""
