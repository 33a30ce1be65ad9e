"""Names and descriptions as Discord allows them; which names speak of safety. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from bot.domain.command import COMMON, DESCRIPTION
from bot.text import shorten, units, visible

#: An input of such a name is about safety, whatever its description says.
ABOUT_SAFETY = re.compile(
    r"safe(?:ty|guard)|(?:^|_|un)safe(?:_|$)|nsfw|moderat|censor|(?:content|word)_?filter|adult"
    r"|explicit|toxic|sfw|nudity|(?:^|_)sc$",
    re.IGNORECASE,
)
#: Discord's limit, and the characters beside letters and digits.
NAME_LENGTH = 32
_ALSO = "-_'"
#: What a common option's name becomes where a model has an input of that name.
_RENAMED = {"model": "variant", "style": "model_style"}


def option_name(name: str, taken: Collection[str]) -> str:
    """The input's own name wherever Discord allows it, else the nearest that is not `taken`."""
    plain = _fitting("".join(c if _allowed(c) else "_" for c in name.lower())) or "input"
    if not any(c.isalnum() for c in plain):
        plain = "input"
    if plain in COMMON:
        plain = _RENAMED.get(plain, f"{plain}_option")
    found, number = plain, 1
    while found in taken:
        number += 1
        found = f"{_fitting(plain, NAME_LENGTH - len(f'_{number}'))}_{number}"
    return found


def _allowed(character: str) -> bool:
    lower = character.lower() == character
    return lower and (character in _ALSO or unicodedata.category(character)[0] in "LN")


def _fitting(text: str, length: int = NAME_LENGTH) -> str:
    while units(text) > length:
        text = text[:-1]
    return text


def title(name: str) -> str:
    """Make "Flux 1.1 Pro" of "flux-1.1-pro", and of an input's name."""
    said = " ".join(part for part in name.replace("-", " ").replace("_", " ").split() if part)
    return visible(said[:1].upper() + said[1:])


def about(description: str, name: str) -> str:
    """The description within Discord's limit; its name in words where there is none."""
    text = description if any(c.isalnum() for c in description) else title(name)
    return shorten(text, DESCRIPTION) or "A setting of the model"
