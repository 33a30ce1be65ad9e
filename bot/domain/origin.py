"""How an image came from an earlier one. Pure."""

from __future__ import annotations

from enum import StrEnum

from bot.record import Record


class Derivation(StrEnum):
    """How an image came from an earlier one: by which button."""

    AGAIN = "again"  # the same request, another seed
    EDIT = "edit"  # the request, edited
    CHANGE = "change"  # the image itself, changed by words
    UPSCALE = "upscale"
    VARY = "vary"

    @property
    def takes_image(self) -> bool:
        """Whether it starts from the image itself, not only from the words that made it."""
        return self in (Derivation.CHANGE, Derivation.UPSCALE, Derivation.VARY)


class Origin(Record):
    """Where a request born from a button comes from: which image, by what, on which message.

    `generation_id` made the earlier image; it is the one at `picture` of those that are stored.
    """

    generation_id: str
    picture: int
    by: Derivation
    message_id: int

    @property
    def key(self) -> str:
        """By which a second press is known: action, message, image."""
        return f"{self.by}:{self.message_id}:{self.generation_id}-{self.picture}"
