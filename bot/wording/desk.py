"""The words of the review desk: to whoever asked, and to those who decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import wording
from bot.domain.act import REASON_LENGTH
from bot.domain.generation import Entry, Generation, Request, Status
from bot.language import N_, _
from bot.storage.reviews import Review, Verdict
from bot.text import (
    MESSAGE_LIMIT,
    counted,
    escaped,
    escaped_within,
    fitting,
    more,
    number,
    units,
    when,
)
from bot.wording import appeals

#: UTF-16 units of a prompt on a card, once it is escaped: with all the rest within Discord's limit.
#: What is longer, there or in an option, is attached whole.
PROMPT_SHOWN = 900
OPTIONS_SHOWN = 400
#: What escaping adds to options on a card, about.
MARGIN = 80
#: Of a reason on a card that is closed, once it is escaped.
REASON_SHOWN = 800
QUEUE_PROMPT = 60

APPROVE, SPOILER = N_("Approve"), N_("Approve as spoiler")
REJECT, BLOCK, WHY = N_("Reject …"), N_("Reject and block …"), N_("See why")
REJECT_TITLE, BLOCK_TITLE = N_("Reject this request"), N_("Reject this, and block who asked")
HOW_LONG = N_("For how long")
HOW_LONG_ABOUT = N_("30m, 12h, 3d, 2w. Empty: until somebody unblocks them.")
REASON, REASON_ABOUT = N_("Why"), N_("Shown to whoever asked, with your decision.")
OWN_REQUEST = N_("This is your own request: somebody else has to decide it.")
NO_REASON = N_("Nothing was decided: a rejection needs a reason.")
NOT_PENDING = N_("There is nothing left to decide here.")
NOT_YOURS = N_("Only the person who asked is told why.")
PRESS_AGAIN = N_("That took too long. Press it again.")
NOT_CHARGED = N_("You were not charged.")
NOTHING_PENDING = N_("Nothing waits for a moderator.")

_ASK: Mapping[Status, str] = {
    Status.PROPOSED: N_("Buy this?"),
    Status.REVIEWING: N_("Publish this?"),
    Status.APPEALING: appeals.ASK,
}
_BECAME: Mapping[Verdict | None, str] = {
    Verdict.APPROVED: N_("✅ **Approved**"),
    Verdict.SPOILER: N_("✅ **Approved as a spoiler**"),
    Verdict.REJECTED: N_("⛔ **Rejected**"),
    Verdict.EXPIRED: N_("⌛ **Expired**: nobody decided in time"),
    None: N_("🚫 **Withdrawn**: there is nothing left to decide"),
}


def waiting(row: Generation) -> str:
    """The private reply while nobody has decided."""
    if row.status is Status.APPEALING:
        return appeals.waiting(row)
    if row.status is Status.PROPOSED:
        note = _("Nothing is bought before that.")
    else:
        note = _("The image is made; only the moderators see it until then.")
    line = _("🛂 **Waiting for a moderator** · asked {time}").format(time=when(row.created_at))
    return wording.reply(row.request, f"{line}\n-# {note}")


def ended(row: Generation) -> str | None:
    """How it ended at the desk; None: it did not end there."""
    if row.status is Status.REJECTED:
        counts = _("It counts as one image.") if row.quota is Entry.SETTLED else _(NOT_CHARGED)
        line = f"⛔ **{appeals.outcome(row)}** {reason(row)}{counts}{appeals.outlook(row)}"
        return wording.reply(row.request, line)
    if row.status is Status.EXPIRED and row.error == "undecided":
        line = _("⌛ **No moderator decided in time.** You were not charged. Try again later.")
        return wording.reply(row.request, line)
    return None


def reason(row: Generation) -> str:
    """The moderator's own words, as a sentence."""
    if not row.reason:
        return ""
    return _("Their reason: {reason} · ").format(reason=escaped(row.reason, REASON_LENGTH))


def published(request: Request, message_id: int | None) -> str:
    """The private reply once the image is a message of its own."""
    link = f"https://discord.com/channels/{request.guild_id}/{request.channel_id}/{message_id}"
    return wording.reply(request, _("✅ **Approved and published:** {link}").format(link=link))


def whose(request: Request) -> str:
    """The first line of a published image."""
    return _("{person}'s image").format(person=f"<@{request.user_id}>") + "\n"


def announced(request: Request) -> str:
    """A published image's message before the image is in it."""
    return f"{whose(request)}-# {_('It is on its way.')}"


def aside(user_id: int) -> str:
    """In the channel, where no private reply can be edited any more."""
    return _("{person} There is news about your request.").format(person=f"<@{user_id}>")


def card(row: Generation, due: int, past: tuple[int, int], pictures: str) -> str:
    """What a moderator decides about; `past`: how many of theirs were approved, rejected.

    `pictures` says what is attached.
    """
    request, (prompt, options) = row.request, _room(row)
    private = "" if request.publish else " · " + _("for their eyes only")
    expires = _("expires {time}").format(time=when(due))
    count = counted("{count} image", "{count} images", request.asked)
    record = _("Their requests here: {approved} approved, {rejected} rejected")
    lines = (
        f"🛂 **{_(_ASK[row.status])}** · {_whose(request)}{private} · {expires}",
        f"> {escaped_within(request.styled_prompt, prompt)}",
        f"-# {wording.options(request, options)} · {count}",
        f"-# {record.format(approved=number(past[0]), rejected=number(past[1]))}{pictures}",
    )
    return "\n".join(lines)


def attached(begun: int, missing: int) -> str:
    """What a card says of its pictures: that the request has some, and how many are not shown."""
    parts = []
    if begun:
        parts.append(counted("starts from {count} picture", "starts from {count} pictures", begun))
    if missing:
        parts.append(_("{count} not shown here").format(count=number(missing)))
    return "".join(f" · {part}" for part in parts)


def _whose(request: Request) -> str:
    return _("{person} in {channel}").format(
        person=f"<@{request.user_id}>", channel=f"<#{request.channel_id}>"
    )


def _room(row: Generation) -> tuple[int, int]:
    """UTF-16 units of prompt and options on its card."""
    if row.status is Status.APPEALING:
        return appeals.PROMPT_SHOWN, appeals.OPTIONS_SHOWN
    return PROMPT_SHOWN, OPTIONS_SHOWN


def is_cut(row: Generation) -> bool:
    """Whether a card does not show everything as it was typed."""
    request, (prompt, options) = row.request, _room(row)
    told = sum(units(f"{name}: {value} · ") for name, value in request.options.items())
    longest = max((units(str(value)) for value in request.options.values()), default=0)
    return (
        units(escaped(request.styled_prompt, MESSAGE_LIMIT)) > prompt
        or longest > wording.OPTION_SHOWN
        or told > options - units(request.model) - MARGIN
        or (row.status is Status.APPEALING and appeals.is_cut(row))
    )


def whole(row: Generation) -> str:
    """All that was typed, as a file."""
    options = [f"{name}: {value}" for name, value in row.request.options.items()]
    appeal = appeals.whole(row) if row.status is Status.APPEALING else []
    return "\n\n".join([row.request.styled_prompt, *options, *appeal])


def closed(row: Generation, review: Review, actor_id: int | None) -> str:
    """The card once it is decided: no picture, and who, what, why."""
    at = f" · {when(review.decided_at, 'f')}" if review.decided_at else ""
    told = row.reason if review.verdict is Verdict.REJECTED else None
    why = _("Reason: {reason}").format(reason=escaped_within(told, REASON_SHOWN)) if told else ""
    request = row.request
    about = _("⚖️ Appeal") + " · " if review.stage is Status.APPEALING else ""
    first = f"{about}{_became(review, actor_id)}{at} · {_whose(request)}"
    prompt = f"> {escaped_within(request.styled_prompt, PROMPT_SHOWN)}"
    return "\n".join([first, prompt, *([f"-# {why}"] if why else [])])


def closed_in_short(review: Review) -> str:
    """The same where Discord refuses that."""
    return _(_BECAME[review.verdict])


def _became(review: Review, actor_id: int | None) -> str:
    became = _(_BECAME[review.verdict])
    if not actor_id:
        return became
    return _("{became} by {person}").format(became=became, person=f"<@{actor_id}>")


def too_late(review: Review, actor_id: int | None) -> str:
    """To whoever was not the first."""
    if review.verdict is None:
        return _(NOT_PENDING)
    at = f" {when(review.decided_at)}" if review.decided_at else ""
    became = f"{_became(review, actor_id)}{at}"
    return _("Somebody else was faster. {became}.").format(became=became)


def queue(lines: Sequence[str]) -> str:
    """What waits, as much as fits a message."""
    if not lines:
        return _(NOTHING_PENDING)
    head = counted(
        "**{count} request waiting for a decision**",
        "**{count} requests waiting for a decision**",
        len(lines),
    )
    shown = fitting(lines, MESSAGE_LIMIT - 100)
    rest = [f"-# {more(len(lines) - shown)}"] if shown < len(lines) else []
    return "\n".join([head, *lines[:shown], *rest])


def queued(row: Generation, review: Review | None) -> str:
    """One line of that list."""
    link = _("no card: the desk cannot be used")
    if review is not None and review.card_id is not None:
        link = (
            f"https://discord.com/channels/{review.guild_id}/{review.channel_id}/{review.card_id}"
        )
    prompt = escaped(row.request.prompt, QUEUE_PROMPT)
    since = f"{when(row.created_at)}"
    if row.status is Status.APPEALING:
        since = _("appeal, {time}").format(time=when(row.appealed_at or 0))
    return f"- {since} · <@{row.request.user_id}> · {prompt} · {link}"
