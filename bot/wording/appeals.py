"""The words of appeals: to whoever asked, and to those who decide."""

from __future__ import annotations

from bot import wording
from bot.domain import Generation
from bot.storage.appeals import APPEAL_MS, Rejection, open_to
from bot.text import MESSAGE_LIMIT, escaped, escaped_within, units, when

#: UTF-16 units on a card, once they are escaped: with all the rest within Discord's limit. What is
#: longer is attached whole.
PROMPT_SHOWN = 400
OPTIONS_SHOWN = 250
REASON_SHOWN = 350
APPEAL_SHOWN = 500
APPEAL_LENGTH = 500

APPEAL, TITLE = "Appeal …", "Appeal against the rejection"
TEXT, TEXT_ABOUT = (
    "Why it should be shown",
    "Read by moderators. There is one appeal; what they decide is final.",
)
ASK = "An appeal: publish this after all?"
FINAL = "This is final."
NOT_YOURS = "Only the person who asked can appeal."
NO_TEXT = "Nothing was sent: an appeal needs a text."
NOT_REJECTED = "There is nothing to appeal against."
NOTHING_MADE = (
    "A prompt that was rejected has no appeal: nothing was made, and nothing was charged. Ask "
    "again in other words."
)
OVER = "It is too late for an appeal: the image is deleted, or about to be."
DECIDED = f"There was an appeal already. {FINAL}"


def deadline(row: Generation) -> int:
    """Until when an appeal has to be decided."""
    return APPEAL_MS + (row.appealed_at or row.created_at)


def waiting(row: Generation) -> str:
    """The private reply while nobody has decided."""
    line = (
        f"⚖️ **Your appeal waits for a moderator** · until {when(deadline(row))}\n"
        "-# Where there is another one than who rejected this, they decide. If nobody does, the "
        "rejection stands."
    )
    return wording.reply(row.request, line)


def undecided(row: Generation) -> bool:
    """Whether nobody decided about its appeal in time."""
    return row.appealed_at is not None and row.error == "undecided"


def outcome(row: Generation) -> str:
    """How the rejection of an image came to stand, before the reason."""
    if row.appealed_at is None:
        return "A moderator rejected this."
    if undecided(row):
        return "No other moderator decided in time; the rejection stands."
    return "The appeal was rejected."


def outlook(row: Generation) -> str:
    """What is left to whoever asked, as a sentence with a space before it; "": nothing is."""
    if open_to([row]) is not None:
        return f" You can appeal once, until {when(row.sealed_until or 0, 'f')}."
    return f" {FINAL}" if row.appealed_at is not None else ""


def later(refusal: str, row: Generation) -> str:
    """Moderators cannot be asked now; `refusal` says why."""
    return f"{refusal}\nYou can still appeal until {when(row.sealed_until or 0, 'f')}."


def against(row: Generation, rejection: Rejection, actor_id: int | None) -> str:
    """On the card: what is appealed against, by what words, and who is to decide."""
    who = f" by <@{actor_id}>" if actor_id else ""
    if rejection.others:
        note = f"They can decide this from {when(rejection.alone_until, 'f')} on."
    else:
        note = "Nobody else has decided here lately, so they can decide this as well."
    reason = f": {escaped_within(row.reason, REASON_SHOWN)}" if row.reason else ""
    whose = f"\n-# {note}" if who else ""
    said = escaped_within(row.appeal or "", APPEAL_SHOWN)
    return f"⛔ Rejected{who}{reason}{whose}\n⚖️ **The appeal**: {said}"


def is_cut(row: Generation) -> bool:
    """Whether a card does not show what they wrote whole."""
    told = ((row.reason, REASON_SHOWN), (row.appeal, APPEAL_SHOWN))
    return any(units(escaped(text or "", MESSAGE_LIMIT)) > most for text, most in told)


def whole(row: Generation) -> list[str]:
    """What they wrote, for the file."""
    return [f"Rejected: {row.reason or ''}", f"The appeal: {row.appeal or ''}"]


def not_yet(rejection: Rejection) -> str:
    """To whoever rejected it."""
    return (
        "You rejected this, and others decide at this desk too: the appeal is theirs. You can "
        f"decide it from {when(rejection.alone_until, 'f')} on ({when(rejection.alone_until)}), if "
        "nobody has."
    )
