"""Why nothing is begun from an image that is there, in words."""

from __future__ import annotations

from collections.abc import Mapping

from bot.language import N_, _
from bot.refusals import sources as source_refusals

ELSEWHERE = N_("Press it in the server where the image was made.")
RESTRICTED = N_(
    "This image is from an age-restricted channel, or from one that is gone: go on with it in an "
    "age-restricted channel."
)
WITHHELD = N_("Whoever made this image lets nobody else start from it.")
GONE = N_("This image is not stored any more.")
_REFUSED: Mapping[type[source_refusals.SourceRefused], str] = {
    source_refusals.SourceUnseen: N_("There is nothing here that you can see."),
    source_refusals.SourceRemoved: N_("This image was removed already."),
    source_refusals.SourceElsewhere: ELSEWHERE,
    source_refusals.SourceRestricted: RESTRICTED,
    source_refusals.SourceWithheld: WITHHELD,
    source_refusals.PictureNotKept: N_(
        "The picture that this image was made from is not stored any more."
    ),
    source_refusals.WordsNotKept: N_("No words for this image are stored (any more)."),
    source_refusals.NoModelFor: N_("No model here does that."),
}


def refusal(refused: source_refusals.SourceRefused) -> str:
    return _(_REFUSED.get(type(refused), GONE))
