"""The buttons of the review desk: of a card, of a form, and the one that tells why."""

from __future__ import annotations

import discord

from bot.domain.act import REASON_LENGTH
from bot.language import _
from bot.views.actions import Press
from bot.views.panel import Field, PanelButton, form
from bot.wording import appeals
from bot.wording import desk as words

PANEL = "desk"
#: The verbs that ask for a reason first.
REJECT, BLOCK = "reject", "block"
APPEAL = "appeal"


def card_view(subject: str) -> discord.ui.View:
    """`subject` is the request's interaction and the status that is decided about."""
    view = discord.ui.View(timeout=None)
    green, red = discord.ButtonStyle.green, discord.ButtonStyle.red
    for verb, label, style in (
        ("approve", _(words.APPROVE), green),
        ("spoiler", _(words.SPOILER), discord.ButtonStyle.grey),
        (REJECT, _(words.REJECT), red),
        (BLOCK, _(words.BLOCK), red),
    ):
        view.add_item(PanelButton(Press(PANEL, verb, subject), label, style))
    return view


def why_view(generation_id: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(PanelButton(Press(PANEL, "why", generation_id), _(words.WHY)))
    return view


def appeal_view(generation_id: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(PanelButton(Press(PANEL, APPEAL, generation_id), _(appeals.APPEAL)))
    return view


def appeal_form(generation_id: str) -> discord.ui.Modal:
    text = Field(
        "appeal",
        _(appeals.TEXT),
        _(appeals.TEXT_ABOUT),
        longest=appeals.APPEAL_LENGTH,
        lines=True,
        required=True,
    )
    return form(Press(PANEL, APPEAL, generation_id), _(appeals.TITLE), [text])


def reason_form(verb: str, subject: str) -> discord.ui.Modal:
    why = Field(
        "reason",
        _(words.REASON),
        _(words.REASON_ABOUT),
        longest=REASON_LENGTH,
        lines=True,
        required=True,
    )
    fields, title = [why], _(words.REJECT_TITLE)
    if verb == BLOCK:
        fields.append(Field("duration", _(words.HOW_LONG), _(words.HOW_LONG_ABOUT)))
        title = _(words.BLOCK_TITLE)
    return form(Press(PANEL, verb, subject), title, fields)
