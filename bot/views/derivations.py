"""The forms by which one image becomes another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import discord

from bot.domain.command import MOST_CHOICES
from bot.domain.generation import Value
from bot.domain.model import Kind, Option
from bot.domain.origin import Derivation
from bot.language import _
from bot.request.input import LONGEST_TEXT
from bot.views.actions import Press
from bot.views.image import PANEL, choices
from bot.views.panel import Field, form
from bot.wording import derivations as words

PROMPT, WHICH = "prompt", "which"
#: Of an option that is a number, or yes and no.
LONGEST_NUMBER = 30


def change_form(subject: str, images: Sequence[str], longest: int) -> discord.ui.Modal:
    """What should change, and in which of several images."""
    fields = [_words(_(words.CHANGE_QUESTION), "", _(words.CHANGE_ABOUT), longest)]
    if len(images) > 1:
        menu = Field(WHICH, _(words.WHICH), value=images[0], required=True, choices=choices(images))
        fields.insert(0, menu)
    return form(Press(PANEL, Derivation.CHANGE, subject), _(words.CHANGE_TITLE), fields)


def edit_form(
    subject: str,
    prompt: str,
    options: Iterable[tuple[Option, Value | None]],
    kept: Sequence[str],
    longest: int,
) -> discord.ui.Modal:
    """The prompt and some options as they were; `kept` are those that there is no room for."""
    about = _(words.CUT_ABOUT) if len(prompt) > longest else words.kept(kept)
    fields = [_words(_(words.PROMPT), prompt[:longest], about, longest)]
    fields += [_option(option, value) for option, value in options]
    return form(Press(PANEL, Derivation.EDIT, subject), _(words.EDIT_TITLE), fields)


def _words(label: str, prompt: str, about: str, longest: int) -> Field:
    return Field(PROMPT, label, about, prompt, longest, lines=True, required=True)


def _option(option: Option, value: Value | None) -> Field:
    """A menu where all its values fit one; what is empty is left to the model."""
    written = "" if value is None else str(value)
    shown: list[tuple[str, str]] = []
    if option.kind is Kind.BOOLEAN:
        shown = [("yes", _(words.YES)), ("no", _(words.NO))]
        written = "" if value is None else "yes" if value else "no"
    elif len(option.choices) <= MOST_CHOICES:
        shown = [(str(each.value), each.label) for each in option.choices]
    is_text = option.kind is Kind.STRING and not option.choices
    return Field(
        option.name,
        option.name.replace("_", " "),
        option.description,
        written,
        LONGEST_TEXT if is_text else LONGEST_NUMBER,
        required=option.required and option.default is None,
        choices=shown,
    )


def chosen_from(
    said: Mapping[str, str], options: Iterable[Option], before: Mapping[str, Value]
) -> dict[str, Value]:
    """The options as a form has left them; what it did not ask for stays as it was."""
    after = dict(before)
    for option in options:
        if option.name in said:
            after.pop(option.name, None)
            if said[option.name]:
                after[option.name] = said[option.name]
    return after
