"""Why a picture that somebody attached cannot be used, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.language import N_, _
from bot.refusals import pictures as picture_refusals
from bot.text import MESSAGE_LIMIT, escaped, escaped_within, tenths, units

TITLE = N_("Use as input")
QUESTION = N_("What should become of it?")
NO_PICTURE = N_("This message has no picture attached.")
NO_MODEL = N_("No model here starts from a picture.")
#: Before a prompt that is given back: as much of it as fits one message with the reason.
_QUOTED = "\n>>> "
_SHOWN = 40


def refusal(refused: picture_refusals.PictureRefused) -> str:
    match refused:
        case picture_refusals.PictureKindNotTaken(kind=kind):
            known, plain = _NO_PICTURE
            return _(known).format(kind=escaped(kind, _SHOWN)) if kind else _(plain)
        case picture_refusals.PictureTooLarge(size=size, limit=limit):
            return _measured(_TOO_LARGE, size, limit, _megabytes)
        case picture_refusals.PictureTooManyPixels(pixels=pixels, limit=limit):
            return _measured(_TOO_MANY, pixels, limit, _megapixels)
        case picture_refusals.PictureMistyped(declared=declared, found=found):
            known, plain = _MISTYPED
            told = _(known).format(declared=_type(declared), found=_type(found))
            return told if found else _(plain)
        case picture_refusals.PictureUnsendable(limit=limit):
            known, plain = _UNSENDABLE
            return _(known).format(most=_megabytes(limit)) if limit else _(plain)
        case _:
            return _(_PLAIN.get(type(refused), _BROKEN))


#: With what was measured, and without: it is lost at a restart.
_NO_PICTURE = (
    N_(
        "The attached file is no picture that models take ({kind}). "
        "Attach a PNG, JPEG or WebP picture."
    ),
    N_("The attached file is no picture that models take. Attach a PNG, JPEG or WebP picture."),
)
_TOO_LARGE = (
    N_("The picture is too large: {amount} of at most {most}. Make it smaller."),
    N_("The picture is too large. Make it smaller."),
)
_TOO_MANY = (
    N_("The picture has too many pixels: {amount} of at most {most}. Scale it down."),
    N_("The picture has too many pixels. Scale it down."),
)
_MISTYPED = (
    N_(
        "The picture is not of the type it says: it says {declared} and is {found}. "
        "Save it again, and attach that."
    ),
    N_("The picture is not of the type it says. Save it again, and attach that."),
)
_UNSENDABLE = (
    N_("The provider takes no pictures of more than {most}. Make it smaller."),
    N_("The provider takes no pictures of this size. Make it smaller."),
)
_BROKEN = N_("The picture is damaged or incomplete. Attach a PNG, JPEG or WebP picture.")
_PLAIN: Mapping[type[picture_refusals.PictureRefused], str] = {
    picture_refusals.PictureAnimated: N_(
        "The picture moves, and models take a single one. Attach one frame of it."
    ),
    picture_refusals.PictureGone: N_(
        "The picture to start from is not to be had (any more). Attach it again."
    ),
    picture_refusals.PictureTakenDown: N_(
        "This bot's operator has taken this picture down, so it is not used."
    ),
}


def returned(reason: str, prompt: str) -> str:
    """A form is gone once it was sent; its words need not be typed again."""
    room = MESSAGE_LIMIT - units(reason) - len(_QUOTED)
    return f"{reason}{_QUOTED}{escaped_within(prompt, room)}" if prompt and room > 1 else reason


def _measured(said: tuple[str, str], amount: int, limit: int, shown: Callable[[int], str]) -> str:
    measured, plain = said
    if not (amount and limit):
        return _(plain)
    return _(measured).format(amount=shown(amount), most=shown(limit))


def _megabytes(size: int) -> str:
    return _("{count} MiB").format(count=tenths(size / (1 << 20)))


def _megapixels(pixels: int) -> str:
    return _("{count} megapixels").format(count=tenths(pixels / 1_000_000))


def _type(media_type: str) -> str:
    return escaped(media_type.removeprefix("image/").upper(), _SHOWN)
