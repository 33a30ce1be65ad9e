"""The words about one finished image: its details, and what is done about it after the fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import wording
from bot.act import REASON_LENGTH
from bot.domain import Delivery, Generation, RemovedBy
from bot.storage.reports import Filed, Outcome, Report, Reported
from bot.text import (
    MESSAGE_LIMIT,
    duration,
    escaped,
    escaped_within,
    fitting,
    plural,
    units,
    when,
)
from bot.wording.styles import worn

#: UTF-16 units of a prompt, once it is escaped, in the details and on a card.
PROMPT_SHOWN, CARD_PROMPT = 900, 500
OPTIONS_SHOWN = 500
#: Of one reporter's words on a card.
WORDS_SHOWN = 300
QUEUE_PROMPT = 60

DETAILS_MENU, REPORT_MENU = "Image details", "Report image"
TITLE = "**Image details** · made by AI"
MORE = "More"
DELETE, REMOVE, REPORT, DISMISS = "Delete …", "Remove …", "Report …", "Dismiss"
DELETE_NOW = "Delete it"
REMOVE_TITLE, REPORT_TITLE = "Remove this image", "Report this image"
WHY = "Why"
WHY_REMOVE = "Shown to whoever asked for it, and kept on record."
WHY_REPORT = "Shown to this server's moderators, with your name."
NONE_OF_MINE = "That is no image of mine, or it is not stored (any more) whose it is."
NOT_TO_BE_SEEN = "There is nothing here that you can see."
REMOVED_ALREADY = "This image was removed already."
UNDER_WAY = "Some of this request is still being made. Try again in a minute."
NOT_YOURS = "Only the person who asked for this image deletes it."
YOUR_OWN = "This is your own image. *Image details* on it lets you delete it."
OWN_REPORTED = "This report is about your own image: somebody else has to decide."
NO_REASON = "Nothing was reported: say why."
FILED = "🚩 Reported. The moderators see who reported, nobody else does."
CONFIRM = (
    "**Delete this image?** Its message goes, and so do the stored images, for good. What it cost "
    "stays in the accounts, and it still counts."
)
DELETED = "Deleted."
REMOVED = (
    "Removed. Its message goes, nobody sees the image any more, and it is deleted in 30 days. "
    "Whoever asked is told that a moderator did it, and why."
)
STILL_THERE = (
    "-# Discord does not let its message be deleted just now; it is tried again every minute."
)
NOT_LET_NEAR = "-# Discord does not let me delete its message: please delete it by hand."
ASK_MODERATOR = "-# Discord does not let me delete its message: please ask a moderator to."
PRIVATE_STAYS = "-# A private reply stays with whoever asked until they dismiss it."
YOURS_STAYS = "-# A private reply stays until you dismiss it."
DISMISSED = "Dismissed: the image stays."
NOTHING_REPORTED = "Nobody has reported this (any more)."

_DECIDED: Mapping[Outcome | None, str] = {
    Outcome.REMOVED: "🗑️ **Removed**",
    Outcome.DISMISSED: "✅ **Dismissed**: the image stays",
    Outcome.LAPSED: "⌛ **Lapsed**: nobody decided in 30 days",
}
_BY = {RemovedBy.MODERATOR: "A moderator", RemovedBy.OPERATOR: "The bot's operator"}


def details(rows: Sequence[Generation]) -> str:
    """What was asked for, by whom, when, with what; of all rows of one request."""
    first = rows[0]
    request = first.request
    begun = first.queued_at or first.created_at
    took = max((row.provider_ended_at or 0) - begun for row in rows) / 1000
    prompt = escaped_within(request.prompt, PROMPT_SHOWN) or "-# The prompt is not stored any more."
    count = sum(len(row.outputs) for row in rows) or len(rows)
    lines = [
        TITLE,
        f"> {prompt}",
        *worn(request.style).splitlines(),
        f"-# {wording.options(request, OPTIONS_SHOWN)}",
        f"<@{request.user_id}> asked {when(first.created_at, 'f')} ({when(first.created_at)})",
        f"{plural(count, 'image')} in {duration(max(took, 0))}",
    ]
    if first.instead_of is not None:
        lines.append(f"-# Instead of `{first.instead_of}`, which was not to be had.")
    return "\n".join(lines)


def link(row: Generation) -> str:
    """Where it is to be seen; empty: it was private."""
    request = row.request
    message_id = row.published_id or (None if request.private else row.message_id)
    if message_id is None:
        return ""
    return f"https://discord.com/channels/{request.guild_id}/{request.channel_id}/{message_id}"


def _is_in_private(rows: Sequence[Generation]) -> bool:
    """Whether a private reply shows the image; a published one has only the link."""
    return rows[0].request.private and not any(row.published_id for row in rows)


def removed(rows: Sequence[Generation], messages: Delivery) -> str:
    """To the moderator; `messages`: what became of those."""
    return "\n".join([REMOVED, *_messages(rows, messages, NOT_LET_NEAR, PRIVATE_STAYS)])


def deleted(rows: Sequence[Generation], messages: Delivery) -> str:
    """To whoever asked for it."""
    return "\n".join([DELETED, *_messages(rows, messages, ASK_MODERATOR, YOURS_STAYS)])


def _messages(
    rows: Sequence[Generation], messages: Delivery, refused: str, stays: str
) -> list[str]:
    trouble = {Delivery.LATER: [STILL_THERE], Delivery.REFUSED: [refused]}
    is_private = rows[0].request.private and not rows[0].request.publish
    return trouble.get(messages, []) + ([stays] if is_private else [])


def why_removed(row: Generation) -> str:
    """To whoever asked, privately."""
    if row.removed_by not in _BY:
        return wording.reply(row.request, "🗑️ **You deleted this image.**")
    who = _BY[row.removed_by]
    reason = f" Their reason: {escaped(row.reason, REASON_LENGTH)}" if row.reason else ""
    return wording.reply(row.request, f"🗑️ **{who} removed this image.**{reason}")


def not_filed(filed: Filed, free: int) -> str:
    """Why nothing was reported."""
    if filed is Filed.ALREADY:
        return "You have reported this already. The moderators have it."
    if filed is Filed.TOO_MANY:
        return (
            "You have reported all that one member may in this server (5 an hour, 15 a day); "
            f"more {when(free)}."
        )
    return NOT_TO_BE_SEEN


def card(rows: Sequence[Generation], reports: Sequence[Report], people: Mapping[int, int]) -> str:
    """What a moderator decides about; `people`: whose pseudonyms are whose."""
    request = rows[0].request
    whose = f"<@{request.user_id}>'s image in <#{request.channel_id}>"
    head = [
        f"🚩 **Reported {_times(len(reports))}** · {whose} {link(rows[0])}",
        f"> {escaped_within(request.styled_prompt, CARD_PROMPT)}",
        f"-# {wording.options(request, OPTIONS_SHOWN)}",
    ]
    said = [_said(each, people) for each in reversed(reports)]
    room = MESSAGE_LIMIT - units("\n".join(head)) - 60
    shown = fitting(said, room)
    more = [f"-# … and {len(said) - shown:,} more"] if shown < len(said) else []
    return "\n".join([*head, *said[:shown], *more])


def _said(report: Report, people: Mapping[int, int]) -> str:
    who = people.get(report.reporter)
    name = "somebody whose data was erased" if who is None else f"<@{who}>"
    said = f": {escaped_within(report.reason, WORDS_SHOWN)}" if report.reason else ""
    return f"- {name} {when(report.at)}{said}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def decided(reported: Reported, actor_id: int | None) -> str:
    """Who, what, when; the card says no more, since it outlives an erasure."""
    who = f" by <@{actor_id}>" if actor_id else ""
    at = f" · {when(reported.decided_at, 'f')}" if reported.decided_at else ""
    return f"{_DECIDED.get(reported.verdict, '')}{who}{at}"


def too_late(reported: Reported | None, actor_id: int | None) -> str:
    """To whoever was not the first."""
    if reported is None or reported.verdict is None:
        return NOTHING_REPORTED
    return f"Somebody was first. {decided(reported, actor_id)}."


def queued(rows: Sequence[Generation], reported: Reported, count: int) -> str:
    """One line of what waits for a decision."""
    where = link(rows[0]) if rows else ""
    if reported.card_id is not None:
        card = f"{reported.guild_id}/{reported.channel_id}/{reported.card_id}"
        where = f"https://discord.com/channels/{card}"
    prompt = escaped(rows[0].request.prompt, QUEUE_PROMPT) if rows else ""
    whose = f" · <@{rows[0].request.user_id}>" if rows else ""
    no_card = "" if reported.card_id is not None else " (no card: no desk can be used)"
    return (
        f"- {when(reported.opened_at)}{whose} · 🚩 reported {_times(count)} · {prompt} · "
        f"{where}{no_card}"
    )


def to_operator(row: Generation, guild: str, reason: str) -> str:
    """Where the server has no desk; the image is not sent."""
    return (
        f"🚩 An image was reported in {escaped(guild, 100)}, where no desk can be used: "
        f"{link(row)}\n-# {escaped_within(reason, 2 * WORDS_SHOWN)}"
    )
