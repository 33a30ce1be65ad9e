"""Why a picture that somebody attached cannot be used, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot import picture_refusals
from bot.text import escaped

TITLE = "Use as input"
QUESTION = "What should become of it?"
NO_PICTURE = "This message has no picture attached."
NO_MODEL = "No model here starts from a picture."
#: Of a prompt that is given back: with the reason it fits one message.
_RETURNED = 1500
_ANOTHER = "Attach a PNG, JPEG or WebP picture."
_SHOWN = 40


def refusal(refused: picture_refusals.PictureRefused) -> str:
    match refused:
        case picture_refusals.PictureKindNotTaken(kind=kind):
            what = f" ({escaped(kind, _SHOWN)})" if kind else ""
            return f"The attached file is no picture that models take{what}. {_ANOTHER}"
        case picture_refusals.PictureTooLarge(size=size, limit=limit):
            return f"The picture is too large{_of(size, limit, _megabytes)}. Make it smaller."
        case picture_refusals.PictureTooManyPixels(pixels=pixels, limit=limit):
            return (
                f"The picture has too many pixels{_of(pixels, limit, _megapixels)}. Scale it down."
            )
        case picture_refusals.PictureMistyped(declared=declared, found=found):
            what = f": it says {_type(declared)} and is {_type(found)}" if found else ""
            return f"The picture is not of the type it says{what}. Save it again, and attach that."
        case picture_refusals.PictureUnsendable(limit=limit):
            most = f" of more than {_megabytes(limit)}" if limit else " of this size"
            return f"The provider takes no pictures{most}. Make it smaller."
        case _:
            return _PLAIN.get(type(refused), f"The picture is damaged or incomplete. {_ANOTHER}")


_PLAIN: Mapping[type[picture_refusals.PictureRefused], str] = {
    picture_refusals.PictureAnimated: (
        "The picture moves, and models take a single one. Attach one frame of it."
    ),
    picture_refusals.PictureGone: (
        "Discord does not hand over the picture (any more). Attach it again."
    ),
    picture_refusals.PictureTakenDown: (
        "This bot's operator has taken this picture down, so it is not used."
    ),
}


def returned(reason: str, prompt: str) -> str:
    """A form is gone once it was sent; its words need not be typed again."""
    return f"{reason}\n>>> {escaped(prompt, _RETURNED)}" if prompt else reason


def _of(amount: int, limit: int, said: Callable[[int], str]) -> str:
    """Nothing where the values were lost at a restart."""
    return f": {said(amount)} of at most {said(limit)}" if amount and limit else ""


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):,.1f}".removesuffix(".0") + " MiB"


def _megapixels(pixels: int) -> str:
    return f"{pixels / 1_000_000:,.1f}".removesuffix(".0") + " megapixels"


def _type(media_type: str) -> str:
    return escaped(media_type.removeprefix("image/").upper(), _SHOWN)
