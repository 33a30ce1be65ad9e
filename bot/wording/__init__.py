"""Every sentence a person reads. Pure: values in, text out; nothing here pings anyone.

Here: the reply of a generation, and what buttons answer; other nouns have modules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from itertools import starmap

from bot.domain import Entry, Generation, Request, Status, Turn, Value
from bot.picture_refusals import Failure
from bot.text import MESSAGE_LIMIT, duration, escaped, fitting, shorten, units, visible, when
from bot.wording.reasons import failure
from bot.wording.styles import worn

#: Shown of a prompt in a message: enough to recognise it, little enough not to bury the image.
PROMPT_SHOWN = 280
MODELS_NAMED = 5
#: And of each option.
OPTION_SHOWN = 60
#: UTF-16 units of all of them; less where the message has no room for so many.
OPTIONS_SHOWN = 900
_BETWEEN, _MORE = " · ", 20
#: Discord's limit for alt text.
ALT_TEXT_LIMIT = 1024


class Phase(Enum):
    """What a waiting person is told; each is true when it is shown."""

    PICTURE = "Taking in the picture"
    WAITING = "Waiting for a turn"
    ASKING = "Asking the provider"
    STARTING = "Starting the model"
    GENERATING = "Generating"
    CHECKING = "The provider did not answer; checking whether it has begun"
    CANCELING = "Canceling"
    NOT_WAITING = "This provider cannot cancel: the image still arrives here, and counts"
    UNREACHABLE = "The provider is not answering; still trying"


_GUARDING = re.compile("safety|nsfw|moderation")
_SHORT = {
    "block_low_and_above": "strict filter",
    "block_medium_and_above": "medium filter",
    "block_only_high": "lenient filter",
    "jpg": "JPG",
    "png": "PNG",
    "webp": "WebP",
    "match_input_image": "as the picture",
}


def alt_text(request: Request) -> str:
    return shorten(visible(request.prompt), ALT_TEXT_LIMIT)


def options(request: Request, most: int = OPTIONS_SHOWN) -> str:
    """The model and what it was told: words as they are, figures with their names.

    In at most so many UTF-16 units; what there is no room for is counted.
    """
    parts = [part for part in starmap(_option, request.options.items()) if part]
    first = f"`{request.model}`"
    shown = fitting(parts, most - units(first) - _MORE, len(_BETWEEN))
    if shown < len(parts):
        parts[shown:] = [f"… and {len(parts) - shown} more"]
    return _BETWEEN.join([first, *parts])


def _option(name: str, value: Value) -> str:
    words = name.replace("_", " ")
    if isinstance(value, bool):  # what only guards is not worth a word
        return "" if _GUARDING.search(name) else f"{words}: {'yes' if value else 'no'}"
    if isinstance(value, str) and not value.isdecimal():
        return escaped(_SHORT.get(value, value), OPTION_SHOWN)
    return f"{escaped(words, OPTION_SHOWN)} {value}"


def progress(
    generation: Generation, phase: Phase, usual_seconds: float | None, standing: str = ""
) -> str:
    """The reply while one waits. The elapsed time ticks by itself: no edit is needed for it."""
    line = f"⏳ **{phase.value}**"
    if phase is Phase.WAITING:
        line += f" · asked {when(generation.created_at)}{standing}"
    elif phase in (Phase.STARTING, Phase.GENERATING, Phase.UNREACHABLE):
        line += f" · began {when(generation.submitted_at or generation.created_at)}"
        if usual_seconds is not None:
            line += f" · usually about {duration(usual_seconds)}"
    return reply(generation.request, line)


def standing(generation: Generation, turn: Turn, begins_at: int | None) -> str:
    """Where in the line it stands, and when its turn should come, as far as anybody knows."""
    text = f" · {'next' if turn.position == 1 else f'number {turn.position:,}'} in line"
    if turn.paused:
        return f"{text} · images are paused for now"
    if generation.not_before is not None:
        return f"{text} · the provider asks to wait, next try {when(generation.not_before)}"
    return text if begins_at is None else f"{text} · should begin {when(begins_at)}"


def finished(generation: Generation, change: str) -> str:
    """The reply with the image; `change` says what was done to it so that it fits."""
    began = generation.queued_at or generation.created_at
    took = ((generation.provider_ended_at or 0) - began) / 1000
    notes = [f"AI-generated in {duration(max(took, 0))} for <@{generation.request.user_id}>"]
    if change in CHANGES:
        notes.append(f"{CHANGES[change]} to fit the upload limit here")
    if generation.instead_of is not None:
        notes.append(f"instead of `{generation.instead_of}`, which was not to be had")
    request = generation.request
    if request.private and not request.publish and request.guild_id is not None:
        notes.append(NOT_FROM_MODERATORS)
    if generation.cancel_requested_at is not None:
        notes.append("it could not be canceled in time")
    return reply(generation.request, "-# " + " · ".join(notes))


def ready(generation: Generation) -> str:
    """A note to whoever asked and has been waiting for long."""
    return f"<@{generation.request.user_id}> Your image is ready."


def ended(generation: Generation, error: Failure) -> str:
    """The reply when there is no image to show; `error` matters where the status is failed."""
    charged = generation.quota is Entry.SETTLED
    if generation.status is Status.CANCELED and generation.error == "blocked":
        return reply(generation.request, CANCELED_BY_STAFF)
    lines = {
        Status.CANCELED: "🚫 **Canceled.** "
        + (SENT_ALREADY if charged else "You were not charged."),
        Status.EXPIRED: "⌛ **No turn came up in time.** You were not charged. Try again later.",
        Status.UNKNOWN: "❔ **The provider gave no answer.** It may have made the image, but there "
        "is no way to find out. You were not charged; the operator sees it in the ledger.",
        Status.KEPT: "📦 **The image is ready, but cannot be posted here.** Get it by `/history`.",
    }
    return reply(generation.request, lines.get(generation.status) or f"⚠️ {failure(error)}")


CHANGES = {
    "quality": "compressed",
    "format": "converted to another format",
    "size": "made smaller",
}
CANCELED_BY_STAFF = "🚫 **Canceled by a moderator.** Nothing was bought, and nobody was charged."
NOT_FROM_MODERATORS = "private from members, not from this server's moderators"
SENT_ALREADY = "It was already sent to the provider, so it counts as one image."
CANCEL = "Cancel"
STOP_WAITING = "Stop waiting"
NOT_STORED = "This image is not stored (any more)."
NOT_GENERATED = "Not generated."
ALREADY_ENDED = "This one has already ended."
ON_ITS_WAY = "It is already on its way."
NOT_YOURS = "Only the person who asked, or a moderator of this server, can cancel this."
UNRECORDABLE = (
    "The bot cannot record anything right now, so nothing was bought or charged. "
    "Its operator has to look at the disk."
)
UNEXPECTED = "Something went wrong on our side. Nothing was charged; try again in a minute."

HELP = """\
**Imagine** turns words into images, here in the channel.
`/imagine` Describe what you want; choose a model, a shape, and what else it takes. The reply \
shows progress, then the image; **Cancel** stops it (you, or a moderator). With `count` you get \
several, with `image` one starts from your picture, with `style` this server's own words are \
around yours, with `private` only you see the reply.
*Apps → Use as input* on a message changes its picture, where a model here can.
**More** below an image (*Apps → Image details*) shows how it was made, and lets you delete your \
own; *Apps → Report image* tells the moderators about somebody else's.
`/history` Your last images, to be sent again. Only you see them.
`/usage` What you made, what is left, and your last ten images. Only you see it.
`/me` What you prefer where you choose nothing, and what is stored about you.
`/settings` What holds in this server and its channels, for members with Manage Server.
`/moderation` What waits for a decision, words, blocks, and what is on record, for moderators.
-# Images are generated by AI ({models}). Each one counts for the person who asked; what fails, or \
is refused before it is made, does not. Prompts are sent to the provider and stored with the \
image's record."""


def models(titles: Sequence[str]) -> str:
    """Some of the models, for the last line of HELP."""
    more = f" and {len(titles) - MODELS_NAMED} more" if len(titles) > MODELS_NAMED else ""
    return ", ".join(escaped(title, OPTION_SHOWN) for title in titles[:MODELS_NAMED]) + more


def reply(request: Request, line: str) -> str:
    """A message about a request: what it was, then the line."""
    prompt = escaped(request.prompt, PROMPT_SHOWN)
    style = worn(request.style)
    room = MESSAGE_LIMIT - units(f"> {prompt}\n{style}-# \n{line}")
    return f"> {prompt}\n{style}-# {options(request, min(room, OPTIONS_SHOWN))}\n{line}"
