"""Every sentence a person reads. Pure: values in, text out; nothing here pings anyone.

Here: the reply of a generation, and what buttons answer; other nouns have modules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from itertools import starmap

from bot.domain.generation import Entry, Generation, Request, Status, Turn, Value
from bot.language import N_, _, _n
from bot.refusals.pictures import Failure
from bot.text import (
    MESSAGE_LIMIT,
    duration,
    escaped,
    escaped_within,
    fitting,
    number,
    shorten,
    units,
    visible,
    when,
)
from bot.wording.reasons import failure
from bot.wording.styles import worn

#: Shown of a prompt in a message: enough to recognise it, little enough not to bury the image.
PROMPT_SHOWN = 280
#: UTF-16 units that a style leaves it, and what stands around it.
_PROMPT_LEAST, _QUOTED = 80, 3
MODELS_NAMED = 5
#: And of each option.
OPTION_SHOWN = 60
#: UTF-16 units of all of them; less where the message has no room for so many.
OPTIONS_SHOWN = 900
_BETWEEN, _MORE = " · ", 20
#: And of how many of several are ready, which comes after it.
_COUNTED = 40
#: Discord's limit for alt text.
ALT_TEXT_LIMIT = 1024


class Phase(Enum):
    """What a waiting person is told; each is true when it is shown."""

    PICTURE = N_("Taking in the picture")
    WAITING = N_("Waiting for a turn")
    ASKING = N_("Asking the provider")
    STARTING = N_("Starting the model")
    GENERATING = N_("Generating")
    CHECKING = N_("The provider did not answer; checking whether it has begun")
    CANCELING = N_("Canceling")
    NOT_WAITING = N_("This provider cannot cancel: the image still arrives here, and counts")
    UNREACHABLE = N_("The provider is not answering; still trying")


_GUARDING = re.compile("safety|nsfw|moderation")
_SHORT = {
    "block_low_and_above": N_("strict filter"),
    "block_medium_and_above": N_("medium filter"),
    "block_only_high": N_("lenient filter"),
    "jpg": "JPG",
    "png": "PNG",
    "webp": "WebP",
    "match_input_image": N_("as the picture"),
}


def alt_text(request: Request) -> str:
    wordless = _("Made of a picture by {model}").format(model=request.model)
    return shorten(visible(request.prompt) or wordless, ALT_TEXT_LIMIT)


def options(request: Request, most: int = OPTIONS_SHOWN) -> str:
    """The model and what it was told: words as they are, figures with their names.

    In at most so many UTF-16 units; what there is no room for is counted.
    """
    parts = [part for part in starmap(_option, request.options.items()) if part]
    first = f"`{request.model}`"
    shown = fitting(parts, most - units(first) - _MORE, len(_BETWEEN))
    if shown < len(parts):
        parts[shown:] = [_("… and {count} more").format(count=len(parts) - shown)]
    return _BETWEEN.join([first, *parts])


def _option(name: str, value: Value) -> str:
    words = name.replace("_", " ")
    if isinstance(value, bool):  # what only guards is not worth a word
        said = _("{option}: yes") if value else _("{option}: no")
        return "" if _GUARDING.search(name) else said.format(option=words)
    if isinstance(value, str) and not value.isdecimal():
        return escaped(_(_SHORT[value]) if value in _SHORT else value, OPTION_SHOWN)
    return f"{escaped(words, OPTION_SHOWN)} {value}"


def progress(
    generation: Generation, phase: Phase, usual_seconds: float | None, standing: str = ""
) -> str:
    """The reply while one waits. The elapsed time ticks by itself: no edit is needed for it."""
    parts = [f"⏳ **{_(phase.value)}**"]
    if phase is Phase.WAITING:
        asked = _("asked {when}").format(when=when(generation.created_at))
        parts += [asked, standing] if standing else [asked]
    elif phase in (Phase.STARTING, Phase.GENERATING, Phase.UNREACHABLE):
        began = when(generation.submitted_at or generation.created_at)
        parts.append(_("began {when}").format(when=began))
        if usual_seconds is not None:
            parts.append(_("usually about {time}").format(time=duration(usual_seconds)))
    return reply(generation.request, _BETWEEN.join(parts), _COUNTED)


def standing(generation: Generation, turn: Turn, begins_at: int | None) -> str:
    """Where in the line it stands, and when its turn should come, as far as anybody knows."""
    place = _("number {number} in line").format(number=number(turn.position))
    parts = [_("next in line") if turn.position == 1 else place]
    if turn.paused:
        parts.append(_("images are paused for now"))
    elif generation.not_before is not None:
        said = _("the provider asks to wait, next try {when}")
        parts.append(said.format(when=when(generation.not_before)))
    elif begins_at is not None:
        parts.append(_("should begin {when}").format(when=when(begins_at)))
    return _BETWEEN.join(parts)


def finished(generation: Generation, change: str, source: str = "", apart: int = 0) -> str:
    """The reply with the image; `change` says what was done to it so that it fits.

    `source`: from which image it comes; `apart`: as in `reply`.
    """
    began = generation.queued_at or generation.created_at
    took = ((generation.provider_ended_at or 0) - began) / 1000
    person = f"<@{generation.request.user_id}>"
    made = _("AI-generated in {time} for {person}")
    notes = [made.format(time=duration(max(took, 0)), person=person)]
    if source:
        notes.append(source)
    if change in CHANGES:
        notes.append(_(CHANGES[change]))
    if generation.instead_of is not None:
        said = _("instead of `{model}`, which was not available")
        notes.append(said.format(model=generation.instead_of))
    request = generation.request
    if request.private and not request.publish and request.guild_id is not None:
        notes.append(_(NOT_FROM_MODERATORS))
    if generation.cancel_requested_at is not None:
        notes.append(_("it could not be canceled in time"))
    return reply(generation.request, f"-# {_BETWEEN.join(notes)}", apart)


def ready(generation: Generation) -> str:
    """A note to whoever asked and has been waiting for long."""
    person = f"<@{generation.request.user_id}>"
    count = generation.request.asked
    return _n("{person} Your image is ready.", "{person} Your images are ready.", count).format(
        person=person
    )


def ended(generation: Generation, error: Failure) -> str:
    """The reply when there is no image to show; `error` matters where the status is failed."""
    charged = generation.quota is Entry.SETTLED
    if generation.status is Status.CANCELED and generation.error == "blocked":
        return reply(generation.request, _(CANCELED_BY_STAFF))
    if generation.status is Status.CANCELED:
        return reply(generation.request, _(CANCELED_LATE if charged else CANCELED))
    line = _ENDED.get(generation.status)
    return reply(generation.request, _(line) if line else f"⚠️ {failure(error)}")


CHANGES = {
    "quality": N_("compressed to fit the upload limit here"),
    "format": N_("converted to another format to fit the upload limit here"),
    "size": N_("made smaller to fit the upload limit here"),
}
_ENDED = {
    Status.EXPIRED: N_(
        "⌛ **Its turn did not come in time.** You were not charged. Try again later."
    ),
    Status.UNKNOWN: N_(
        "❔ **The provider gave no answer.** It may have made the image, but there is no way to "
        "find out. You were not charged; the operator sees it in the ledger."
    ),
    Status.KEPT: N_("📦 **The image is ready, but cannot be posted here.** Find it in `/history`."),
}
CANCELED = N_("🚫 **Canceled.** You were not charged.")
CANCELED_LATE = N_(
    "🚫 **Canceled.** It was already sent to the provider, so it counts as one image."
)
CANCELED_BY_STAFF = N_(
    "🚫 **Canceled by a moderator.** Nothing was bought, and nobody was charged."
)
NOT_FROM_MODERATORS = N_("private from members, not from this server's moderators")
CANCEL = N_("Cancel")
STOP_WAITING = N_("Stop waiting")
NOT_STORED = N_("This image is no longer stored.")
NOT_GENERATED = N_("Not generated.")
ALREADY_ENDED = N_("This one has already ended.")
ON_ITS_WAY = N_("It is already on its way.")
NOT_YOURS = N_("Only the person who asked, or a moderator of this server, can cancel this.")
UNRECORDABLE = N_(
    "The bot cannot record anything right now, so nothing was bought or charged. Its "
    "operator needs to look at the disk."
)
UNEXPECTED = N_("Something went wrong on our side. Nothing was charged. Try again in a minute.")

HELP = N_("""\
**Imagine** turns words into images, here in the channel.
`/imagine` Describe what you want; choose a model, a shape, and what else it takes. The reply \
shows progress, then the image; **Cancel** stops it (you, or a moderator). With `count` you get \
several, with `image` one starts from your picture, with `style` this server adds its own words \
to yours, with `private` only you see the reply.
*Apps → Use as input* on a message changes its picture, where a model here can.
Below an image: **Again** makes another one, **Change image** changes it by your words, **Edit \
prompt** lets you ask anew, **More** (*Apps → Image details*) shows how it was made and what \
else can be done; each new image is yours, and counts for you. *Apps → Report image* tells the \
moderators about somebody else's.
`/history` Your images, and what is saved here: find, send again, save, delete.
`/usage` What you made, what is left, and your last ten images. Only you see it.
`/me` Your preferences, and what is stored about you.
`/settings` The settings of this server and its channels, for members with Manage Server.
`/moderation` What waits for a decision, words, blocks, and what is on record, for moderators.
-# Images are generated by AI ({models}). Each one counts for the person who asked; what fails, \
or is refused before it is made, does not. Prompts are sent to the provider and stored with the \
image's record.""")


def models(titles: Sequence[str]) -> str:
    """Some of the models, for the last line of HELP."""
    named = ", ".join(escaped(title, OPTION_SHOWN) for title in titles[:MODELS_NAMED])
    more = len(titles) - MODELS_NAMED
    return _("{models} and {count} more").format(models=named, count=more) if more > 0 else named


def reply(request: Request, line: str, apart: int = 0) -> str:
    """A message about a request: what it was, then the line.

    `apart`: UTF-16 units of what else will stand in it. Where there is little room the options give
    way first, then the prompt, then the style's words.
    """
    about = f"{_asked(request, MESSAGE_LIMIT)}{worn(request.style)}"
    whole = f"{about}-# {options(request)}\n{line}"
    if units(whole) <= MESSAGE_LIMIT - apart:
        return whole
    room = MESSAGE_LIMIT - apart - units(f"-# {options(request, 0)}\n{line}")
    style = worn(request.style, room - _PROMPT_LEAST)
    asked = _asked(request, room - units(style))
    room = MESSAGE_LIMIT - apart - units(f"{asked}{style}-# \n{line}")
    return f"{asked}{style}-# {options(request, min(room, OPTIONS_SHOWN))}\n{line}"


def _asked(request: Request, most: int) -> str:
    """The line with the prompt, with its end."""
    prompt = escaped(request.prompt, PROMPT_SHOWN)
    if units(prompt) > most - _QUOTED:
        prompt = escaped_within(request.prompt, max(most - _QUOTED, 2))
    return f"> {prompt}\n" if prompt or request.prompt_input else ""
