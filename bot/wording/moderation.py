"""`/moderation` in words: what was done to whom, why not, what is on record; the blocked person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.act import OPERATOR, Action, Entry
from bot.domain.guild import Changed, Holder
from bot.domain.sanctions import Blocked, Spared
from bot.language import N_, _
from bot.text import counted, escaped, when
from bot.wording import settings

#: Shown of a reason: ten entries with the longest ones fit a message.
REASON_SHOWN = 120
DETAIL_SHOWN = 60
NEEDS_MODERATOR = N_(
    "Only this server's moderators can do that: members with Moderate Members, Manage Messages or "
    "Manage Server."
)
DURATION = N_(
    "Nothing was done. A duration is a number with m, h, d or w: `30m`, `12h`, `3d`, `2w`, "
    "at most ten years. Leave it out to block them until somebody unblocks them."
)
SINCE = N_("`from` takes a day like `2026-11-01`, or how far to look back like `30d`.")
NOT_BLOCKED = N_("Nothing was done: this person is not blocked in this server.")
LOG, NOTHING = N_("## What is on record here"), N_("Nothing on record matches.")
OLDER, NEWEST, CSV = N_("Older"), N_("Newest"), N_("CSV")
NOT_ONESELF = N_("You cannot unblock yourself. Ask another moderator.")
SPARED: Mapping[Spared, str] = {
    Spared.SELF: N_("You cannot moderate yourself. Ask another moderator."),
    Spared.BOT: N_("That is me."),
    Spared.MANAGER: N_("Somebody who can manage this server cannot be blocked or warned."),
    Spared.MODERATOR: N_(
        "Only somebody who can manage this server can block or warn its moderators."
    ),
}
_VERBS = {
    Action.SETTING: N_("setting"),
    Action.BLOCK: N_("blocked"),
    Action.UNBLOCK: N_("unblocked"),
    Action.WARN: N_("warned"),
    Action.APPROVE: N_("approved"),
    Action.REJECT: N_("rejected"),
    Action.APPEAL: N_("appeal"),
    Action.EXPIRE: N_("expired"),
    Action.REPORT: N_("reported"),
    Action.DISMISS: N_("dismissed a report about"),
    Action.REMOVE: N_("removed"),
    Action.TAKEDOWN: N_("taken down"),
    Action.UNSAVE: N_("took out of the saved images"),
}


def blocked(refused: Blocked) -> str:
    """To the person who is: by whom, until when, why, and who can end it."""
    if refused.everywhere:
        form = _("This bot's operator has blocked you from making images.")
        until = _("This bot's operator has blocked you from making images until {time}.")
    else:
        form = _("This server's moderators have blocked you from making images here.")
        until = _("This server's moderators have blocked you from making images here until {time}.")
    if refused.until is not None:
        form = until.format(time=_end(refused.until))
    reason = _quoted(refused.reason, len(refused.reason))
    why = [_("Their reason: {reason}").format(reason=reason)] if refused.reason else []
    end = [] if refused.until is not None else [_("They can take it back.")]
    return " ".join([form, *why, *end])


def block_begun(user_id: int, until: int | None, waiting: int) -> str:
    """To the moderator."""
    person = f"<@{user_id}>"
    if until is None:
        text = _(
            "🚫 {person} is blocked from making images in this server, until somebody unblocks "
            "them."
        ).format(person=person)
    else:
        text = _("🚫 {person} is blocked from making images in this server, until {time}.").format(
            person=person, time=_end(until)
        )
    if waiting:
        text += " " + counted(
            "{count} of their requests was waiting here, and will not be bought.",
            "{count} of their requests were waiting here, and will not be bought.",
            waiting,
        )
    return text


def block_ended(user_id: int) -> str:
    return _("{person} can make images in this server again.").format(person=f"<@{user_id}>")


def warned(user_id: int, *, told: bool) -> str:
    """To the moderator."""
    if told:
        form = _("⚠️ {person} has been warned by direct message, and it is on record.")
    else:
        form = _(
            "⚠️ It is on record. {person} was not told: they accept no direct messages "
            "from here. Tell them in the channel."
        )
    return form.format(person=f"<@{user_id}>")


def warning(guild: str, reason: str) -> str:
    """To the person, by direct message."""
    why = f" {_quoted(reason, len(reason))}" if reason else ""
    form = _("⚠️ The moderators of {server} warn you about images you ask for there.")
    return f"{form.format(server=escaped(guild, 100))}{why}"


def entries(found: Sequence[Entry], people: Mapping[int, int]) -> str:
    """A line for each; `people`: whose pseudonyms are whose, where that is still known."""
    return "\n".join(_entry(each, people) for each in found) if found else _(NOTHING)


def csv_sent(count: int, *, complete: bool) -> str:
    head = counted(
        "{count} line of the record, newest first. Only you see this.",
        "{count} lines of the record, newest first. Only you see this.",
        count,
    )
    if complete:
        return head
    return f"{head} {_('There are more: use `from` or `member` to see others.')}"


def head(number: int, hash: str) -> str:
    """The daily line in the server's channel for notices."""
    form = _("🔗 **This server's record** ends with entry {number}: `{hash}`")
    return form.format(number=number, hash=hash)


def by(actor: int | None, people: Mapping[int, int]) -> str:
    """Who did it."""
    if actor == OPERATOR:
        return _("the operator")
    person = None if actor is None else people.get(actor)
    return _(settings.ERASED) if person is None else f"<@{person}>"


def _entry(entry: Entry, people: Mapping[int, int]) -> str:
    head = f"`{entry.number}` {when(entry.at, 'f')} {by(entry.actor, people)}"
    if entry.action == Action.SETTING and entry.details.get("holder") in set(Holder):
        return f"{head}: {settings.changed(_record(entry), people)}"
    verb = _VERBS.get(Action(entry.action)) if entry.action in set(Action) else None
    parts = [f"{head}: **{_(verb) if verb else escaped(entry.action, DETAIL_SHOWN)}**"]
    if entry.subject is not None:
        parts.append(by(entry.subject, people))
    parts += [_detail(name, value or "") for name, value in entry.details.items()]
    if entry.reason:
        parts.append(_quoted(entry.reason, REASON_SHOWN))
    return " · ".join(parts)


def _detail(name: str, value: str) -> str:
    if name == "until" and value.isdecimal():
        return _("until {time}").format(time=_end(int(value)))
    return f"{escaped(name, DETAIL_SHOWN)}: {escaped(value, DETAIL_SHOWN)}"


def _record(entry: Entry) -> Changed:
    about = entry.details
    return Changed(
        at=entry.at,
        actor=entry.actor or 0,
        holder=Holder(about.get("holder") or Holder.GUILD),
        subject=int(about.get("id") or 0) if entry.subject is None else entry.subject,
        name=about.get("name") or "",
        before=about.get("before"),
        after=about.get("after"),
        reason=entry.reason,
    )


def _end(ms: int) -> str:
    return f"{when(ms, 'f')} ({when(ms)})"


def _quoted(text: str, most: int) -> str:
    return _("“{text}”").format(text=escaped(text, most))
