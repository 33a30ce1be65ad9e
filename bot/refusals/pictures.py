"""Why an attached picture is not used, as values: before anything was reserved, or later."""

from __future__ import annotations

from bot import errors
from bot.errors import ProviderError
from bot.refusals import Refused


class PictureRefused(Refused):
    """A picture that cannot be used, as its attachment says at once, or its bytes do later.

    Its values are lost at a restart, so each has a default, and the words do without them.
    """

    #: Stable word for the ledger's `error` column and for logs.
    code = "picture"


class PictureKindNotTaken(PictureRefused):
    """It is no picture of a type that models take; `kind` is what it is, where that is known."""

    kind: str = ""
    code = "picture_kind"


class PictureTooLarge(PictureRefused):
    """It has `size` bytes of at most `limit`."""

    size: int = 0
    limit: int = 0
    code = "picture_too_large"


class PictureTooManyPixels(PictureRefused):
    """It has `pixels` of at most `limit`."""

    pixels: int = 0
    limit: int = 0
    code = "picture_pixels"


class PictureMistyped(PictureRefused):
    """It is `declared` as one media type, and its bytes are `found` to be another."""

    declared: str = ""
    found: str = ""
    code = "picture_mistyped"


class PictureAnimated(PictureRefused):
    """It has more than one frame, and nobody said which is meant."""

    code = "picture_animated"


class PictureBroken(PictureRefused):
    """It is cut short, or not laid out as its format says."""

    code = "picture_broken"


class PictureGone(PictureRefused):
    """Discord does not hand it over, or our copy is gone."""

    code = "picture_gone"


class PictureTakenDown(PictureRefused):
    """It is byte for byte what the operator has taken down."""

    code = "picture_taken_down"


class PictureUnsendable(PictureRefused):
    """Without the provider's Files API a picture has at most `limit` bytes."""

    limit: int = 0
    code = "picture_unsendable"


#: Why a generation that was under way brought no image.
Failure = ProviderError | PictureRefused


def failure(code: str | None) -> Failure:
    """What a ledger row names, without its values."""
    kinds: tuple[type[PictureRefused], ...] = (PictureRefused, *PictureRefused.__subclasses__())
    known = {kind.code: kind for kind in kinds}
    return known[code]() if code in known else errors.by_code(code)
