"""The buttons of every finished image, and its private panel: details, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import discord

from bot.domain.act import REASON_LENGTH
from bot.domain.generation import Request
from bot.domain.origin import Derivation
from bot.language import _
from bot.views.actions import Press
from bot.views.panel import Field, PanelButton, PanelMenu, form
from bot.wording import derivations
from bot.wording import images as words

PANEL = "image"
#: Of a panel's buttons and of forms. A removal from a report's card is another verb: it holds only
#: as long as nobody has decided about the report.
DELETE, REMOVE, REPORT, UPHOLD, DISMISS = "delete", "remove", "report", "uphold", "dismiss"
DELETE_NOW, OPEN, PICK, SPOILER = "delete-now", "open", "pick", "spoiler"
#: What begins another image: the values of `bot.domain.origin.Derivation`.
AGAIN, EDIT, CHANGE, UPSCALE, VARY = "again", "edit", "change", "upscale", "vary"
#: Those below an image, in this order; the others are in its panel.
BELOW = (Derivation.AGAIN, Derivation.CHANGE, Derivation.EDIT)

#: The buttons below a request's images, as they are to be by now.
Below: TypeAlias = Callable[[Request], discord.ui.View]

_LABELS: Mapping[str, str] = {
    **{by.value: label for by, label in derivations.LABELS.items()},
    SPOILER: words.SPOILER,
    DELETE: words.DELETE,
    REMOVE: words.REMOVE,
    REPORT: words.REPORT,
}
_RED, _GREY = discord.ButtonStyle.red, discord.ButtonStyle.grey
_STYLES = {DELETE: _RED, REMOVE: _RED, REPORT: _RED}


def more_id(generation_id: str) -> str:
    """By which an image's message is known before the image is in it."""
    return PanelButton(Press(PANEL, OPEN, generation_id)).custom_id


def below_view(generation_id: str, possible: Iterable[Derivation]) -> discord.ui.View:
    """Below every finished image, in one row; its panel is always there."""
    view, found = discord.ui.View(timeout=None), set(possible)
    for verb in BELOW:
        if verb in found:
            view.add_item(PanelButton(Press(PANEL, verb, generation_id), _(_LABELS[verb])))
    view.add_item(PanelButton(Press(PANEL, OPEN, generation_id), _(words.MORE)))
    return view


def details_view(
    subject: str,
    verbs: Iterable[str],
    images: Sequence[str] = (),
    more: Iterable[PanelButton] = (),
) -> discord.ui.View:
    """What this person may do with the image `subject`, and which it is of several `images`.

    `more` stands before what takes something away.
    """
    view = discord.ui.View(timeout=None)
    if len(images) > 1:
        view.add_item(_which(subject, images))
    buttons = [
        PanelButton(Press(PANEL, verb, subject), _(_LABELS[verb]), _STYLES.get(verb, _GREY))
        for verb in verbs
    ]
    red = [button for button in buttons if button.press.verb in _STYLES]
    for button in (*(each for each in buttons if each not in red), *more, *red):
        view.add_item(button)
    return view


def _which(subject: str, images: Sequence[str]) -> PanelMenu:
    options = [
        discord.SelectOption(label=label, value=value, default=value == subject)
        for value, label in choices(images)
    ]
    menu: discord.ui.Select[Any] = discord.ui.Select(
        placeholder=_(derivations.WHICH), options=options
    )
    first = images[0].rpartition("-")[0]
    return PanelMenu(Press(PANEL, PICK, first), menu)


def choices(images: Sequence[str]) -> list[tuple[str, str]]:
    """What tells a request's images apart: each one's subject, and its number in words."""
    said = _(derivations.WHICH_IMAGE)
    return [(subject, said.format(number=number)) for number, subject in enumerate(images, 1)]


def confirm_view(generation_id: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    label = _(words.DELETE_NOW)
    view.add_item(PanelButton(Press(PANEL, DELETE_NOW, generation_id), label, _RED))
    return view


def reported_view(generation_id: str) -> discord.ui.View:
    """Of a report's card."""
    view = discord.ui.View(timeout=None)
    view.add_item(PanelButton(Press(PANEL, UPHOLD, generation_id), _(words.REMOVE), _RED))
    view.add_item(PanelButton(Press(PANEL, DISMISS, generation_id), _(words.DISMISS), _GREY))
    return view


def remove_form(verb: str, generation_id: str) -> discord.ui.Modal:
    why = Field("reason", _(words.WHY), _(words.WHY_REMOVE), longest=REASON_LENGTH, lines=True)
    return form(Press(PANEL, verb, generation_id), _(words.REMOVE_TITLE), [why])


def report_form(generation_id: str) -> discord.ui.Modal:
    why = Field(
        "reason",
        _(words.WHY),
        _(words.WHY_REPORT),
        longest=REASON_LENGTH,
        lines=True,
        required=True,
    )
    return form(Press(PANEL, REPORT, generation_id), _(words.REPORT_TITLE), [why])
