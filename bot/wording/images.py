"""The words about one finished image: its details, and what is done about it after the fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import wording
from bot.domain.act import REASON_LENGTH
from bot.domain.generation import Delivery, Generation, RemovedBy, Request
from bot.language import N_, _, _n
from bot.storage.reports import Filed, Outcome, Report, Reported
from bot.text import (
    MESSAGE_LIMIT,
    duration,
    escaped,
    escaped_within,
    fitting,
    number,
    units,
    when,
)
from bot.wording.styles import worn

#: UTF-16 units of a prompt, once it is escaped, in the details and on a card.
PROMPT_SHOWN, CARD_PROMPT = 900, 500
OPTIONS_SHOWN = 500
#: What else there is leaves the prompt so many in the details; with the signs that stand around it.
_PROMPT_LEAST, _AROUND = 200, 80
#: Of one reporter's words on a card.
WORDS_SHOWN = 300
QUEUE_PROMPT = 60

DETAILS_MENU, REPORT_MENU = N_("Image details"), N_("Report image")
TITLE = N_("**Image details** · made by AI")
MORE = N_("More")
DELETE, REMOVE, REPORT = N_("Delete …"), N_("Remove …"), N_("Report …")
SPOILER, DISMISS = N_("Spoiler"), N_("Dismiss")
DELETE_NOW = N_("Delete it")
REMOVE_TITLE, REPORT_TITLE = N_("Remove this image"), N_("Report this image")
WHY = N_("Why")
WHY_REMOVE = N_("Shown to whoever asked for it, and kept on record.")
WHY_REPORT = N_("Shown to this server's moderators, with your name.")
NONE_OF_MINE = N_("That is not an image of mine, or its record is no longer stored.")
NOT_TO_BE_SEEN = N_("There is nothing here that you can see.")
REMOVED_ALREADY = N_("This image was already removed.")
UNDER_WAY = N_("Part of this request is still being made. Try again in a minute.")
NOT_YOURS = N_("Only the person who asked for this image can delete it.")
NOT_YOURS_TO_COVER = N_("Only the person who asked for this image, or a moderator, can do that.")
COVERED = N_("It is behind a spoiler now, here and wherever it is sent again.")
COVERED_LATER = N_(
    "It will be behind a spoiler wherever it is sent again. Discord does not let me change "
    "its message."
)
YOUR_OWN = N_("This is your own image. *Image details* on it lets you delete it.")
OWN_REPORTED = N_("This report is about your own image: somebody else has to decide.")
NO_REASON = N_("Nothing was reported: say why.")
FILED = N_("🚩 Reported. The moderators see who reported, nobody else does.")
CONFIRM = N_(
    "**Delete this image?** Its message and the stored images are deleted for good. What "
    "it cost stays in the accounts, and it still counts."
)
DELETED = N_("Deleted.")
REMOVED = N_(
    "Removed. Its message goes, nobody sees the image any more, and it is deleted in 30 days. "
    "Whoever asked is told that a moderator did it, and why."
)
STILL_THERE = N_(
    "Discord does not let its message be deleted just now; it is tried again every minute."
)
NOT_LET_NEAR = N_("Discord does not let me delete its message: please delete it by hand.")
ASK_MODERATOR = N_("Discord does not let me delete its message: please ask a moderator to.")
PRIVATE_STAYS = N_("The private reply stays with whoever asked until they dismiss it.")
YOURS_STAYS = N_("Your private reply stays until you dismiss it.")
DISMISSED = N_("Dismissed: the image stays.")
NOTHING_REPORTED = N_("There is no open report about this.")
_NO_PROMPT = N_("The prompt is no longer stored.")

_DECIDED: Mapping[Outcome | None, str] = {
    Outcome.REMOVED: N_("🗑️ **Removed**"),
    Outcome.DISMISSED: N_("✅ **Dismissed**: the image stays"),
    Outcome.LAPSED: N_("⌛ **Lapsed**: nobody decided in 30 days"),
}
_BY = {
    RemovedBy.MODERATOR: (
        N_("🗑️ **A moderator removed this image.**"),
        N_("🗑️ **A moderator removed this image.** Their reason: {reason}"),
    ),
    RemovedBy.OPERATOR: (
        N_("🗑️ **The bot's operator removed this image.**"),
        N_("🗑️ **The bot's operator removed this image.** Their reason: {reason}"),
    ),
}


def details(rows: Sequence[Generation], descent: Sequence[str] = (), which: int = 0) -> str:
    """What was asked for, by whom, when, with what; of all rows of one request.

    `descent`: lines about what it comes from. Of several images it is about this one, from 1.
    """
    first = rows[0]
    request = first.request
    begun = first.queued_at or first.created_at
    took = max((row.provider_ended_at or 0) - begun for row in rows) / 1000
    count = sum(len(row.outputs) for row in rows) or len(rows)
    asked = _("{person} asked {when} ({ago})")
    made = _n("{count} image in {time}", "{count} images in {time}", count)
    lines = [
        asked.format(
            person=f"<@{request.user_id}>",
            when=when(first.created_at, "f"),
            ago=when(first.created_at),
        ),
        made.format(count=count, time=duration(max(took, 0))),
        *descent,
    ]
    if first.instead_of is not None:
        said = _("Instead of `{model}`, which was not available.")
        lines.append(f"-# {said.format(model=first.instead_of)}")
    if which:
        lines.append(_("**Image {number} of {all}**").format(number=which, all=count))
    return "\n".join([_(TITLE), *_chosen(request, "\n".join([_(TITLE), *lines])), *lines])


def _chosen(request: Request, others: str) -> list[str]:
    """What was asked for, as far as there is room beside the other lines.

    The options give way first, then the prompt, then the style's words.
    """
    room = MESSAGE_LIMIT - units(others) - units(wording.options(request, 0)) - _AROUND
    style = worn(request.style, room - _PROMPT_LEAST)
    most = max(_PROMPT_LEAST, min(PROMPT_SHOWN, room - units(style)))
    prompt = escaped_within(request.prompt, most)
    room += units(wording.options(request, 0)) - units(style) - units(prompt)
    asked = f"> {prompt}" if prompt else f"-# {_(_NO_PROMPT)}"
    return [
        *([asked] if request.prompt_input or request.prompt else []),
        *style.splitlines(),
        f"-# {wording.options(request, min(room, OPTIONS_SHOWN))}",
    ]


def link(row: Generation) -> str:
    """Where it is to be seen; empty: it was private."""
    request = row.request
    message_id = row.published_id or (None if request.private else row.message_id)
    if message_id is None:
        return ""
    where = f"{request.guild_id or '@me'}/{request.channel_id}/{message_id}"
    return f"https://discord.com/channels/{where}"


def removed(rows: Sequence[Generation], messages: Delivery) -> str:
    """To the moderator; `messages`: what became of those."""
    return "\n".join([_(REMOVED), *_messages(rows, messages, NOT_LET_NEAR, PRIVATE_STAYS)])


def deleted(rows: Sequence[Generation], messages: Delivery) -> str:
    """To whoever asked for it."""
    return "\n".join([_(DELETED), *_messages(rows, messages, ASK_MODERATOR, YOURS_STAYS)])


def _messages(
    rows: Sequence[Generation], messages: Delivery, refused: str, stays: str
) -> list[str]:
    trouble = {Delivery.LATER: [STILL_THERE], Delivery.REFUSED: [refused]}
    is_private = rows[0].request.private and not rows[0].request.publish
    told = trouble.get(messages, []) + ([stays] if is_private else [])
    return [f"-# {_(each)}" for each in told]


def why_removed(row: Generation) -> str:
    """To whoever asked, privately."""
    if row.removed_by not in _BY:
        return wording.reply(row.request, _("🗑️ **You deleted this image.**"))
    plain, reasoned = _BY[row.removed_by]
    said = _(reasoned if row.reason else plain)
    reason = escaped(row.reason or "", REASON_LENGTH)
    return wording.reply(row.request, said.format(reason=reason))


def not_filed(filed: Filed, free: int) -> str:
    """Why nothing was reported."""
    if filed is Filed.ALREADY:
        return _("You have already reported this. The moderators will look at it.")
    if filed is Filed.TOO_MANY:
        said = _(
            "You have made as many reports as one member may in this server (5 an hour, 15 "
            "a day); more {when}."
        )
        return said.format(when=when(free))
    return _(NOT_TO_BE_SEEN)


def card(rows: Sequence[Generation], reports: Sequence[Report], people: Mapping[int, int]) -> str:
    """What a moderator decides about; `people`: whose pseudonyms are whose."""
    request = rows[0].request
    count = len(reports)
    said = _n(
        "🚩 **Reported once** · {person}'s image in {channel} {link}",
        "🚩 **Reported {count} times** · {person}'s image in {channel} {link}",
        count,
    )
    person, channel = f"<@{request.user_id}>", f"<#{request.channel_id}>"
    head = [
        said.format(count=number(count), person=person, channel=channel, link=link(rows[0])),
        f"> {escaped_within(request.styled_prompt, CARD_PROMPT)}",
        f"-# {wording.options(request, OPTIONS_SHOWN)}",
    ]
    lines = [_said(each, people) for each in reversed(reports)]
    room = MESSAGE_LIMIT - units("\n".join(head)) - 60
    shown = fitting(lines, room)
    more = _("… and {count} more").format(count=number(count - shown))
    return "\n".join([*head, *lines[:shown], *([f"-# {more}"] if shown < count else [])])


def _said(report: Report, people: Mapping[int, int]) -> str:
    who = people.get(report.reporter)
    name = _("somebody whose data was erased") if who is None else f"<@{who}>"
    said = f": {escaped_within(report.reason, WORDS_SHOWN)}" if report.reason else ""
    return f"- {name} {when(report.at)}{said}"


def decided(reported: Reported, actor_id: int | None) -> str:
    """Who, what, when; the card says no more, since it outlives an erasure."""
    became = _DECIDED.get(reported.verdict)
    said = _(became) if became else ""
    if actor_id:
        said = _("{what} by {person}").format(what=said, person=f"<@{actor_id}>")
    at = f" · {when(reported.decided_at, 'f')}" if reported.decided_at else ""
    return f"{said}{at}"


def too_late(reported: Reported | None, actor_id: int | None) -> str:
    """To whoever was not the first."""
    if reported is None or reported.verdict is None:
        return _(NOTHING_REPORTED)
    return _("Somebody else was faster. {what}.").format(what=decided(reported, actor_id))


def queued(rows: Sequence[Generation], reported: Reported, count: int) -> str:
    """One line of what waits for a decision."""
    where = link(rows[0]) if rows else ""
    if reported.card_id is not None:
        card = f"{reported.guild_id}/{reported.channel_id}/{reported.card_id}"
        where = f"https://discord.com/channels/{card}"
    prompt = escaped(rows[0].request.prompt, QUEUE_PROMPT) if rows else ""
    whose = f" · <@{rows[0].request.user_id}>" if rows else ""
    times = _n("🚩 reported once", "🚩 reported {count} times", count).format(count=number(count))
    if reported.card_id is None:
        where = _("{link} (no card: no desk can be used)").format(link=where)
    return f"- {when(reported.opened_at)}{whose} · {times} · {prompt} · {where}"


def to_operator(row: Generation, guild: str, reason: str) -> str:
    """Where the server has no desk; the image is not sent."""
    said = _("🚩 An image was reported in {server}, where no desk can be used: {link}")
    head = said.format(server=escaped(guild, 100), link=link(row))
    return f"{head}\n-# {escaped_within(reason, 2 * WORDS_SHOWN)}"
