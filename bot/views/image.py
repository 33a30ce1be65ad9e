"""The button of every finished image, and what it opens: details, and three things to do."""

from __future__ import annotations

from collections.abc import Iterable

import discord

from bot.act import REASON_LENGTH
from bot.views.actions import Press
from bot.views.panel import Field, PanelButton, form
from bot.wording import images as words

PANEL = "image"
#: Of a panel's buttons and of forms. A removal from a report's card is another verb: it holds only
#: as long as nobody has decided about the report.
DELETE, REMOVE, REPORT, UPHOLD, DISMISS = "delete", "remove", "report", "uphold", "dismiss"
DELETE_NOW, OPEN = "delete-now", "open"
#: What begins another image: the values of `bot.origin.Derivation`.
AGAIN, EDIT, CHANGE, UPSCALE, VARY = "again", "edit", "change", "upscale", "vary"

_LABELS = {DELETE: words.DELETE, REMOVE: words.REMOVE, REPORT: words.REPORT}
_RED, _GREY = discord.ButtonStyle.red, discord.ButtonStyle.grey


def more_id(generation_id: str) -> str:
    """By which an image's message is known before the image is in it."""
    return PanelButton(Press(PANEL, OPEN, generation_id)).custom_id


def more_view(generation_id: str) -> discord.ui.View:
    """Below every finished image."""
    view = discord.ui.View(timeout=None)
    view.add_item(PanelButton(Press(PANEL, OPEN, generation_id), words.MORE))
    return view


def details_view(generation_id: str, verbs: Iterable[str]) -> discord.ui.View:
    """What this person may do."""
    view = discord.ui.View(timeout=None)
    for verb in verbs:
        view.add_item(PanelButton(Press(PANEL, verb, generation_id), _LABELS[verb], _RED))
    return view


def confirm_view(generation_id: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(PanelButton(Press(PANEL, DELETE_NOW, generation_id), words.DELETE_NOW, _RED))
    return view


def reported_view(generation_id: str) -> discord.ui.View:
    """Of a report's card."""
    view = discord.ui.View(timeout=None)
    view.add_item(PanelButton(Press(PANEL, UPHOLD, generation_id), words.REMOVE, _RED))
    view.add_item(PanelButton(Press(PANEL, DISMISS, generation_id), words.DISMISS, _GREY))
    return view


def remove_form(verb: str, generation_id: str) -> discord.ui.Modal:
    why = Field("reason", words.WHY, words.WHY_REMOVE, longest=REASON_LENGTH, lines=True)
    return form(Press(PANEL, verb, generation_id), words.REMOVE_TITLE, [why])


def report_form(generation_id: str) -> discord.ui.Modal:
    why = Field(
        "reason",
        words.WHY,
        words.WHY_REPORT,
        longest=REASON_LENGTH,
        lines=True,
        required=True,
    )
    return form(Press(PANEL, REPORT, generation_id), words.REPORT_TITLE, [why])
