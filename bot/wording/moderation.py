"""`/moderation` in words: what was done to whom, why not, what is on record; the blocked person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.act import OPERATOR, Action, Entry
from bot.guild import Holder, Record
from bot.sanctions import Blocked, Spared
from bot.text import escaped, plural, when
from bot.wording import settings

#: Shown of a reason: ten entries with the longest ones fit a message.
REASON_SHOWN = 120
DETAIL_SHOWN = 60
NEEDS_MODERATOR = (
    "Only this server's moderators can do that: members with Moderate Members, Manage Messages or "
    "Manage Server."
)
DURATION = (
    "Nothing was done. A duration is a number with m, h, d or w: `30m`, `12h`, `3d`, `2w`, at most "
    "ten years. Leave it out to block until somebody unblocks."
)
SINCE = "`from` takes a day like `2026-11-01`, or how far to look back like `30d`."
NOT_BLOCKED = "Nothing was done: this person is not blocked in this server."
LOG, NOTHING = "## What is on record here", "Nothing is on record (any more) that fits."
OLDER, NEWEST, CSV = "Older", "Newest", "CSV"
NOT_ONESELF = "Nobody unblocks themselves. Ask another moderator."
SPARED: Mapping[Spared, str] = {
    Spared.SELF: "Nobody moderates themselves. Ask another moderator.",
    Spared.BOT: "That is me.",
    Spared.MANAGER: "Nobody blocks or warns who can manage this server.",
    Spared.MODERATOR: "Only who can manage this server blocks or warns its moderators.",
}
_VERBS = {
    Action.SETTING: "setting",
    Action.BLOCK: "blocked",
    Action.UNBLOCK: "unblocked",
    Action.WARN: "warned",
    Action.APPROVE: "approved",
    Action.REJECT: "rejected",
    Action.APPEAL: "appeal",
    Action.EXPIRE: "expired",
    Action.REPORT: "reported",
    Action.DISMISS: "dismissed a report about",
    Action.REMOVE: "removed",
    Action.TAKEDOWN: "taken down",
    Action.UNSAVE: "took out of the saved images",
}


def blocked(refused: Blocked) -> str:
    """To the person who is: by whom, until when, why, and who can end it."""
    who = "This bot's operator has" if refused.everywhere else "This server's moderators have"
    where = "" if refused.everywhere else " here"
    until = "" if refused.until is None else f" until {_end(refused.until)}"
    why = f" Their reason: {_quoted(refused.reason, len(refused.reason))}" if refused.reason else ""
    end = "" if refused.until is not None else " They can take it back."
    return f"{who} blocked you from making images{where}{until}.{why}{end}"


def block_begun(user_id: int, until: int | None, waiting: int) -> str:
    """To the moderator."""
    end = "until somebody unblocks them" if until is None else f"until {_end(until)}"
    text = f"🚫 <@{user_id}> is blocked from making images in this server, {end}."
    if waiting:
        text += f" {plural(waiting, 'request')} of theirs that waited here will not be bought."
    return text


def block_ended(user_id: int) -> str:
    return f"<@{user_id}> can make images in this server again."


def warned(user_id: int, *, told: bool) -> str:
    """To the moderator."""
    if told:
        return f"⚠️ <@{user_id}> is warned: it is on record, and they have a direct message."
    return (
        f"⚠️ It is on record. <@{user_id}> was not told: they take no direct messages from here. "
        "Say it to them in the channel."
    )


def warning(guild: str, reason: str) -> str:
    """To the person, by direct message."""
    why = f" {_quoted(reason, len(reason))}" if reason else ""
    return (
        f"⚠️ The moderators of {escaped(guild, 100)} warn you about images you ask for there.{why}"
    )


def entries(found: Sequence[Entry], people: Mapping[int, int]) -> str:
    """A line for each; `people`: whose pseudonyms are whose, where that is still known."""
    return "\n".join(_entry(each, people) for each in found) if found else NOTHING


def csv_sent(count: int, *, complete: bool) -> str:
    rest = "" if complete else " There is more: look at older ones with `from` or by member."
    return f"{plural(count, 'line')} of the record, newest first. Only you see this.{rest}"


def head(number: int, hash: str) -> str:
    """The daily line in the server's channel for notices."""
    return f"🔗 **This server's record** ends with entry {number}: `{hash}`"


def by(actor: int | None, people: Mapping[int, int]) -> str:
    """Who did it."""
    if actor == OPERATOR:
        return "the operator"
    person = None if actor is None else people.get(actor)
    return "somebody whose data was erased" if person is None else f"<@{person}>"


def _entry(entry: Entry, people: Mapping[int, int]) -> str:
    head = f"`{entry.number}` {when(entry.at, 'f')} {by(entry.actor, people)}"
    if entry.action == Action.SETTING and entry.details.get("holder") in set(Holder):
        return f"{head}: {settings.changed(_record(entry), people)}"
    verb = _VERBS.get(Action(entry.action)) if entry.action in set(Action) else None
    parts = [f"{head}: **{verb or escaped(entry.action, DETAIL_SHOWN)}**"]
    if entry.subject is not None:
        parts.append(by(entry.subject, people))
    parts += [_detail(name, value or "") for name, value in entry.details.items()]
    if entry.reason:
        parts.append(_quoted(entry.reason, REASON_SHOWN))
    return " · ".join(parts)


def _detail(name: str, value: str) -> str:
    if name == "until" and value.isdecimal():
        return f"until {_end(int(value))}"
    return f"{escaped(name, DETAIL_SHOWN)}: {escaped(value, DETAIL_SHOWN)}"


def _record(entry: Entry) -> Record:
    about = entry.details
    return Record(
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
    return f"“{escaped(text, most)}”"
