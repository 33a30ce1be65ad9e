"""Where an image comes from, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from bot.domain.generation import Generation, Status
from bot.domain.origin import Derivation
from bot.language import N_, _, _n
from bot.wording.images import link

#: Told of a longer line.
STEPS_SHOWN = 5
#: Where its message is to be seen, and where it is not (any more).
_FROM: Mapping[Derivation, tuple[str, str]] = {
    Derivation.AGAIN: (N_("again from [↗]({link})"), N_("again from an earlier image")),
    Derivation.EDIT: (N_("edited from [↗]({link})"), N_("edited from an earlier image")),
    Derivation.CHANGE: (N_("changed from [↗]({link})"), N_("changed from an earlier image")),
    Derivation.UPSCALE: (N_("upscaled from [↗]({link})"), N_("upscaled from an earlier image")),
    Derivation.VARY: (N_("varied from [↗]({link})"), N_("varied from an earlier image")),
}


def source(row: Generation, parent: Generation | None) -> str:
    """From which image it comes, and by what; empty: from none."""
    if row.request.origin is None:
        return ""
    where = "" if parent is None else _shown_at(parent)
    linked, plain = _FROM[row.request.origin.by]
    return _(linked).format(link=where) if where else _(plain)


def descent(row: Generation, ancestors: Sequence[Generation]) -> list[str]:
    """A line for each step back, the nearest first; `ancestors` as far as they are on record."""
    pairs = zip_longest((row, *ancestors), ancestors)
    steps = [source(child, parent) for child, parent in pairs if child is not None]
    steps = [f"-# ↳ {step}" for step in steps if step]
    more = len(steps) - STEPS_SHOWN
    if more > 0:
        said = _n("… and {count} step more", "… and {count} steps more", more)
        steps[STEPS_SHOWN:] = [f"-# {said.format(count=more)}"]
    return steps


def _shown_at(row: Generation) -> str:
    """Where everybody there sees it."""
    seen = row.status in (Status.DELIVERING, Status.DELIVERED) and row.removed_by is None
    return link(row) if seen else ""
