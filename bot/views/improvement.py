"""What may be done with an improved prompt: buttons and a form."""

from __future__ import annotations

import discord

from bot.language import _
from bot.views.actions import Press
from bot.views.panel import TEXT_LENGTH, Field, PanelButton, form
from bot.wording import improvement as words

PANEL = "improve"
#: Of an offer, by the interaction that asked for it; ASK is about an image that is made.
USE, EDIT, MINE, DISMISS = "use", "edit", "mine", "dismiss"
ASK = "ask"
VERBS = (USE, EDIT, MINE, DISMISS, ASK)


def offer_view(offer_id: int, *, improved: bool) -> discord.ui.View:
    """Below both texts; without an improved one there is only one's own."""
    view = discord.ui.View(timeout=None)
    verbs = [(MINE, words.MINE), (DISMISS, words.DISMISS)]
    if improved:
        verbs[:0] = [(USE, words.USE), (EDIT, words.EDIT)]
    for verb, label in verbs:
        first = discord.ButtonStyle.blurple if verb == USE else discord.ButtonStyle.grey
        view.add_item(PanelButton(Press(PANEL, verb, str(offer_id)), _(label), first))
    return view


def edit_form(offer_id: int, prompt: str, longest: int) -> discord.ui.Modal:
    field = Field(
        "prompt",
        _(words.QUESTION),
        value=prompt,
        longest=min(longest, TEXT_LENGTH),
        lines=True,
        required=True,
    )
    return form(Press(PANEL, EDIT, str(offer_id)), _(words.TITLE), [field])


def improve_button(generation_id: str) -> PanelButton:
    """Of an image's details: its prompt, improved, for another image."""
    return PanelButton(Press(PANEL, ASK, generation_id), _(words.IMPROVE))
