"""The words of appeals: to whoever asked, and to those who decide."""

from __future__ import annotations

from bot import wording
from bot.domain.generation import Generation
from bot.language import N_, _
from bot.storage.appeals import APPEAL_MS, Rejection, open_to
from bot.text import MESSAGE_LIMIT, escaped, escaped_within, units, when

#: UTF-16 units on a card, once they are escaped: with all the rest within Discord's limit. What is
#: longer is attached whole.
PROMPT_SHOWN = 400
OPTIONS_SHOWN = 250
REASON_SHOWN = 350
APPEAL_SHOWN = 500
APPEAL_LENGTH = 500

APPEAL, TITLE = N_("Appeal …"), N_("Appeal against the rejection")
TEXT = N_("Why it should be shown")
TEXT_ABOUT = N_("Read by moderators. There is one appeal; what they decide is final.")
ASK = N_("An appeal: publish this after all?")
FINAL = N_("This is final.")
NOT_YOURS = N_("Only the person who asked can appeal.")
NO_TEXT = N_("Nothing was sent: an appeal needs a text.")
NOT_REJECTED = N_("There is nothing to appeal against.")
NOTHING_MADE = N_(
    "A prompt that was rejected has no appeal: nothing was made, and nothing was charged. Ask "
    "again in other words."
)
OVER = N_("It is too late for an appeal: the image is deleted, or about to be.")
DECIDED = N_("There was an appeal already. This is final.")


def deadline(row: Generation) -> int:
    """Until when an appeal has to be decided."""
    return APPEAL_MS + (row.appealed_at or row.created_at)


def waiting(row: Generation) -> str:
    """The private reply while nobody has decided."""
    line = _(
        "⚖️ **Your appeal waits for a moderator** · until {time}\n"
        "-# Where there is another one than who rejected this, they decide. If nobody does, the "
        "rejection stands."
    ).format(time=when(deadline(row)))
    return wording.reply(row.request, line)


def undecided(row: Generation) -> bool:
    """Whether nobody decided about its appeal in time."""
    return row.appealed_at is not None and row.error == "undecided"


def outcome(row: Generation) -> str:
    """How the rejection of an image came to stand, before the reason."""
    if row.appealed_at is None:
        return _("A moderator rejected this.")
    if undecided(row):
        return _("No other moderator decided in time; the rejection stands.")
    return _("The appeal was rejected.")


def outlook(row: Generation) -> str:
    """What is left to whoever asked, as a sentence with a space before it; "": nothing is."""
    if open_to([row]) is not None:
        until = when(row.sealed_until or 0, "f")
        return " " + _("You can appeal once, until {time}.").format(time=until)
    return f" {_(FINAL)}" if row.appealed_at is not None else ""


def later(refusal: str, row: Generation) -> str:
    """Moderators cannot be asked now; `refusal` says why."""
    until = when(row.sealed_until or 0, "f")
    return f"{refusal}\n" + _("You can still appeal until {time}.").format(time=until)


def against(row: Generation, rejection: Rejection, actor_id: int | None) -> str:
    """On the card: what is appealed against, by what words, and who is to decide."""
    who = _("⛔ Rejected by {person}").format(person=f"<@{actor_id}>")
    if rejection.others:
        note = _("They can decide this from {time} on.").format(
            time=when(rejection.alone_until, "f")
        )
    else:
        note = _("Nobody else has decided here lately, so they can decide this as well.")
    reason = f": {escaped_within(row.reason, REASON_SHOWN)}" if row.reason else ""
    first = f"{who}{reason}\n-# {note}" if actor_id else _("⛔ Rejected") + reason
    said = escaped_within(row.appeal or "", APPEAL_SHOWN)
    return first + "\n" + _("⚖️ **The appeal**: {text}").format(text=said)


def is_cut(row: Generation) -> bool:
    """Whether a card does not show what they wrote whole."""
    told = ((row.reason, REASON_SHOWN), (row.appeal, APPEAL_SHOWN))
    return any(units(escaped(text or "", MESSAGE_LIMIT)) > most for text, most in told)


def whole(row: Generation) -> list[str]:
    """What they wrote, for the file."""
    return [
        _("Rejected: {reason}").format(reason=row.reason or ""),
        _("The appeal: {text}").format(text=row.appeal or ""),
    ]


def not_yet(rejection: Rejection) -> str:
    """To whoever rejected it."""
    until = rejection.alone_until
    return _(
        "You rejected this, and others decide at this desk too: the appeal is theirs. You can "
        "decide it from {time} on ({in_time}), if nobody has."
    ).format(time=when(until, "f"), in_time=when(until))
