"""`/history` in words, and what is said about saving an image for the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import wording
from bot.domain.filter import Filter
from bot.domain.generation import Generation
from bot.language import N_, _, _n
from bot.storage.saved import Outcome
from bot.text import escaped_within, shorten, visible, when
from bot.wording import several

#: UTF-16 units of a prompt, once it is escaped: on a page, where five fit 4,000, and alone.
PAGE_PROMPT, ALONE_PROMPT = 400, 1500
OPTIONS_SHOWN = 700
#: Discord's limits for the alt text of a thumbnail and a menu's placeholder.
ALT_LENGTH, PLACEHOLDER_LENGTH = 256, 150

#: By tab.
TITLES: Mapping[str, str] = {
    "mine": N_("## Your images"),
    "here": N_("## What members saved here"),
}
MINE, HERE = N_("Mine"), N_("Saved here")
ONE = N_("## An image")
NONE_YET = N_("No images yet. Try `/imagine`.")
NONE_SAVED = N_(
    "Nobody has saved an image yet that you can see from here. **More** below your own image has "
    "**Save**."
)
NONE_FOUND = N_("No image fits the filter.")
NOTHING_OLDER = N_("There is nothing older.")
GONE = N_("This image is not there (any more).")
NO_PROMPT = N_("-# The prompt is not stored any more.")
AI_IMAGE = N_("An image made by AI")

NEWER, OLDER, FILTER, CLEAR, BACK = (
    N_("Newer"),
    N_("Older"),
    N_("Filter"),
    N_("Clear filter"),
    N_("Back"),
)
SEND_AGAIN, RUN_AGAIN, DELETE, OPEN = (
    N_("Send again"),
    N_("Run again"),
    N_("Delete …"),
    N_("Open message"),
)
FILTER_TITLE = N_("Which images")
#: The form's fields: label, and what it takes.
FIELDS: Mapping[str, tuple[str, str]] = {
    "text": (N_("Words in the prompt"), N_("Upper and lower case are the same")),
    "model": (N_("Model"), N_("Its name, or a part of it")),
    "first": (N_("From this day"), N_("Like 2026-11-01, in UTC")),
    "last": (N_("Until this day"), N_("Like 2026-11-30, in UTC; that day included")),
}
NO_DAY = N_("Nothing was changed: a day is written like `2026-11-01`.")

SAVING_OFF = N_("Images of that channel are not saved in this server.")
NOT_YOURS = N_("Only the person who asked for this image, or a moderator, decides about that.")
NOT_TO_BE_SAVED = N_(
    "This image cannot be saved: only your own that everybody in its channel sees, in its server."
)
PRIVATE_THREAD = N_("This image cannot be saved: it was made in a private thread.")
FULL = N_(
    "Nothing was saved: this server keeps {most} images, and that many are there. Take one of "
    "yours out, or ask a moderator to."
)
SAVED_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.SAVED: N_(
        "Saved: everybody who can read its channel finds it in `/history`, with your name."
    ),
    Outcome.ALREADY: N_("This image is saved already."),
    Outcome.BARRED: N_("A moderator took this image out of the saved ones."),
    Outcome.NOT_PUBLIC: NOT_TO_BE_SAVED,
}
UNSAVED = N_("Taken out of the saved images. Its message stays.")
NOT_SAVED = N_("This image is not saved.")


def button(which: int, of: int, *, saved: bool) -> str:
    """The label for one of several pictures, or for the only one."""
    if of == 1:
        return _("Unsave") if saved else _("Save")
    text = _("Unsave image {number}") if saved else _("Save image {number}")
    return text.format(number=which)


def choice(number: int) -> str:
    return _("Image {number}").format(number=number)


def line(number: int, rows: Sequence[Generation], count: int, *, by: bool) -> str:
    """One entry of a page; `by`: with who made it."""
    request = rows[0].request
    parts = {
        "number": number,
        "when": when(rows[0].created_at, "f"),
        "model": f"`{request.model}`",
        "images": _n("{count} image", "{count} images", count).format(count=count),
        "person": f"<@{request.user_id}>",
    }
    text = _("**{number}** · {when} · {model} · by {person}") if by else ""
    text = text or _("**{number}** · {when} · {model} · {images}")
    return f"{text.format(**parts)}\n{_prompt(request.prompt, PAGE_PROMPT)}"


def alone(rows: Sequence[Generation]) -> str:
    """All about one request."""
    first = rows[0]
    asked = _("<@{user}> asked {when} ({ago})").format(
        user=first.request.user_id, when=when(first.created_at, "f"), ago=when(first.created_at)
    )
    options = wording.options(first.request, OPTIONS_SHOWN)
    return f"{_(ONE)}\n{_prompt(first.request.prompt, ALONE_PROMPT)}\n-# {options}\n{asked}"


def alts(rows: Sequence[Generation], count: int) -> list[str]:
    """The alt texts of a request's thumbnails."""
    request = rows[0].request
    if not visible(request.prompt):
        return [_(AI_IMAGE)] * count
    return [shorten(each, ALT_LENGTH) for each in several.alt_texts(request, count)]


def filtered(wanted: Filter) -> str:
    """What is looked for, in one line of plain text."""
    labels = {
        "text": _("Words: “{value}”"),
        "model": _("Model: {value}"),
        "first": _("From: {value}"),
        "last": _("Until: {value}"),
    }
    shown = [labels[name].format(value=visible(value)) for name, value in wanted.parts.items()]
    return shorten(" · ".join(shown), PLACEHOLDER_LENGTH)


def _prompt(prompt: str, most: int) -> str:
    text = escaped_within(prompt, most)
    return f"> {text}" if text else _(NO_PROMPT)
