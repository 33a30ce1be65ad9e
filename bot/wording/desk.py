"""The words of the review desk: to whoever asked, and to those who decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import wording
from bot.domain import Entry, Generation, Request, Status
from bot.storage.reviews import Review, Verdict
from bot.text import MESSAGE_LIMIT, escaped, escaped_within, fitting, plural, units, when
from bot.wording import appeals

#: UTF-16 units of a prompt on a card, once it is escaped: with all the rest within Discord's limit.
#: What is longer, there or in an option, is attached whole.
PROMPT_SHOWN = 900
OPTIONS_SHOWN = 400
#: What escaping adds to options on a card, about.
MARGIN = 80
REASON_LENGTH = 500
#: Of a reason on a card that is closed, once it is escaped.
REASON_SHOWN = 800
QUEUE_PROMPT = 60

APPROVE, SPOILER, REJECT, WHY = "Approve", "Approve as spoiler", "Reject …", "See why"
BLOCK = "Reject and block …"
REJECT_TITLE, BLOCK_TITLE = "Reject this request", "Reject this, and block who asked"
HOW_LONG, HOW_LONG_ABOUT = "For how long", "30m, 12h, 3d, 2w. Empty: until somebody unblocks them."
REASON, REASON_ABOUT = "Why", "Shown to whoever asked, with your decision."
OWN_REQUEST = "This is your own request: somebody else has to decide it."
NO_REASON = "Nothing was decided: a rejection needs a reason."
NOT_PENDING = "There is nothing to decide about this (any more)."
NOT_YOURS = "Only the person who asked is told why."
PRESS_AGAIN = "That took too long. Press it again."
NOT_CHARGED = "You were not charged."
NOTHING_PENDING = "Nothing waits for a moderator."
DECIDED_ASIDE = "There is news about your request."

_ASK: Mapping[Status, str] = {
    Status.PROPOSED: "Buy this?",
    Status.REVIEWING: "Publish this?",
    Status.APPEALING: appeals.ASK,
}
_BECAME: Mapping[Verdict | None, str] = {
    Verdict.APPROVED: "✅ **Approved**",
    Verdict.SPOILER: "✅ **Approved as a spoiler**",
    Verdict.REJECTED: "⛔ **Rejected**",
    Verdict.EXPIRED: "⌛ **Expired**: nobody decided in time",
    None: "🚫 **Withdrawn**: it is not to be decided any more",
}


def waiting(row: Generation) -> str:
    """The private reply while nobody has decided."""
    if row.status is Status.APPEALING:
        return appeals.waiting(row)
    if row.status is Status.PROPOSED:
        note = "Nothing is bought before that"
    else:
        note = "The image is made; only the moderators see it until then"
    line = f"🛂 **Waiting for a moderator** · asked {when(row.created_at)}\n-# {note}."
    return wording.reply(row.request, line)


def ended(row: Generation) -> str | None:
    """How it ended at the desk; None: it did not end there."""
    if row.status is Status.REJECTED:
        counts = "It counts as one image." if row.quota is Entry.SETTLED else NOT_CHARGED
        line = f"⛔ **{appeals.outcome(row)}** {reason(row)}{counts}{appeals.outlook(row)}"
        return wording.reply(row.request, line)
    if row.status is Status.EXPIRED and row.error == "undecided":
        line = f"⌛ **No moderator decided in time.** {NOT_CHARGED} Try again later."
        return wording.reply(row.request, line)
    return None


def reason(row: Generation) -> str:
    """The moderator's own words, as a sentence."""
    return f"Their reason: {escaped(row.reason, REASON_LENGTH)} · " if row.reason else ""


def published(request: Request, message_id: int | None) -> str:
    """The private reply once the image is a message of its own."""
    link = f"https://discord.com/channels/{request.guild_id}/{request.channel_id}/{message_id}"
    return wording.reply(request, f"✅ **Approved and published:** {link}")


def whose(request: Request) -> str:
    """The first line of a published image."""
    return f"<@{request.user_id}>'s image\n"


def announced(request: Request) -> str:
    """A published image's message before the image is in it."""
    return f"{whose(request)}-# It is on its way."


def aside(user_id: int) -> str:
    """In the channel, where no private reply can be edited any more."""
    return f"<@{user_id}> {DECIDED_ASIDE}"


def card(row: Generation, due: int, past: tuple[int, int], pictures: str) -> str:
    """What a moderator decides about; `past`: how many of theirs were approved, rejected.

    `pictures` says what is attached.
    """
    request, (prompt, options) = row.request, _room(row)
    private = "" if request.publish else " · only they are to see it"
    whose = f"<@{request.user_id}> in <#{request.channel_id}>{private}"
    lines = (
        f"🛂 **{_ASK[row.status]}** · {whose} · expires {when(due)}",
        f"> {escaped_within(request.styled_prompt, prompt)}",
        f"-# {wording.options(request, options)} · {plural(request.asked, 'image')}",
        f"-# Their requests here: {past[0]:,} approved, {past[1]:,} rejected{pictures}",
    )
    return "\n".join(lines)


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
    more = appeals.whole(row) if row.status is Status.APPEALING else []
    return "\n\n".join([row.request.styled_prompt, *options, *more])


def closed(row: Generation, review: Review, actor_id: int | None) -> str:
    """The card once it is decided: no picture, and who, what, why."""
    who = f" by <@{actor_id}>" if actor_id else ""
    at = f" · {when(review.decided_at, 'f')}" if review.decided_at else ""
    told = row.reason if review.verdict is Verdict.REJECTED else None
    why = f"\n-# Reason: {escaped_within(told, REASON_SHOWN)}" if told else ""
    request = row.request
    about = "⚖️ Appeal · " if review.stage is Status.APPEALING else ""
    first = f"{about}{_BECAME[review.verdict]}{who}{at}"
    whose = f"<@{request.user_id}> in <#{request.channel_id}>"
    return f"{first} · {whose}\n> {escaped_within(request.styled_prompt, PROMPT_SHOWN)}{why}"


def closed_in_short(review: Review) -> str:
    """The same where Discord refuses that."""
    return _BECAME[review.verdict]


def too_late(review: Review, actor_id: int | None) -> str:
    """To whoever was not the first."""
    if review.verdict is None:
        return NOT_PENDING
    who = f" by <@{actor_id}>" if actor_id else ""
    at = f" {when(review.decided_at)}" if review.decided_at else ""
    return f"Somebody was first. {_BECAME[review.verdict]}{who}{at}."


def queue(lines: Sequence[str]) -> str:
    """What waits, as much as fits a message."""
    if not lines:
        return NOTHING_PENDING
    head = f"**{plural(len(lines), 'request')} waiting for a decision**"
    shown = fitting(lines, MESSAGE_LIMIT - 100)
    more = [f"-# … and {len(lines) - shown:,} more"] if shown < len(lines) else []
    return "\n".join([head, *lines[:shown], *more])


def queued(row: Generation, review: Review | None) -> str:
    """One line of that list."""
    link = "no card: the desk cannot be used"
    if review is not None and review.card_id is not None:
        link = (
            f"https://discord.com/channels/{review.guild_id}/{review.channel_id}/{review.card_id}"
        )
    prompt = escaped(row.request.prompt, QUEUE_PROMPT)
    since = f"{when(row.created_at)}"
    if row.status is Status.APPEALING:
        since = f"appeal, {when(row.appealed_at or 0)}"
    return f"- {since} · <@{row.request.user_id}> · {prompt} · {link}"
