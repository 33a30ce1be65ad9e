"""The words of the buttons that begin another image from one that is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.domain.origin import Derivation
from bot.language import N_, _
from bot.text import escaped
from bot.wording.pictures import returned

LABELS: Mapping[Derivation, str] = {
    Derivation.AGAIN: N_("Again"),
    Derivation.CHANGE: N_("Change image"),
    Derivation.EDIT: N_("Edit prompt"),
    Derivation.UPSCALE: N_("Upscale"),
    Derivation.VARY: N_("Vary"),
}
CHANGE_TITLE, EDIT_TITLE = N_("Change this image"), N_("Edit the prompt")
CHANGE_QUESTION = N_("What should change?")
CHANGE_ABOUT = N_("For example: make the hat red")
WHICH, WHICH_IMAGE = N_("Which image"), N_("Image {number}")
PROMPT = N_("Prompt")
KEPT_ABOUT = N_("Kept as they are: {options}")
CUT_ABOUT = N_("It is longer than a form takes: this is its beginning.")
YES, NO = N_("yes"), N_("no")
PRESS_AGAIN = N_("That took too long. Press it again.")
#: Of the options that stay as they are, in a refusal.
_NAMES = 300


def kept(names: Iterable[str]) -> str:
    """Which options a form has no room for; empty: there are none."""
    said = ", ".join(name.replace("_", " ") for name in names)
    return _(KEPT_ABOUT).format(options=said) if said else ""


def refused(reason: str, prompt: str, names: Iterable[str]) -> str:
    """A form's words are given back, and it is said what else would have been asked for."""
    others = escaped(kept(names), _NAMES)
    return returned(f"{reason}\n-# {others}" if others else reason, prompt)
