"""Why nothing is begun from an image that is there, as values; the sentences are in `bot.wording`.

SourceRefused
├── SourceUnseen            by this person, from where they press
├── SourceRemoved           by whoever asked for it, a moderator, the operator
├── SourceElsewhere         in another server than the press
├── SourceRestricted        by age, and not where it is pressed
├── SourceWithheld          by whoever asked for it, from others
├── SourceGone              its file
├── PictureNotKept          what it was made from
├── WordsNotKept            what was asked for
└── NoModelFor              what is wanted
"""

from __future__ import annotations

from bot.refusals import Refused


class SourceRefused(Refused):
    """Nothing begins from this image."""


class SourceUnseen(SourceRefused):
    """This person does not see it from there, or it is none."""


class SourceRemoved(SourceRefused):
    """It is not to be seen any more."""


class SourceElsewhere(SourceRefused):
    """It was made in another server than it is pressed in, whose rules would not hold."""


class SourceRestricted(SourceRefused):
    """It was made where it is age-restricted, or nobody knows; it is pressed where it is not."""


class SourceWithheld(SourceRefused):
    """Whoever asked for it lets nobody else start from it."""


class SourceGone(SourceRefused):
    """It is not stored any more."""


class PictureNotKept(SourceRefused):
    """A picture that it was made from is not stored any more."""


class WordsNotKept(SourceRefused):
    """What was asked for is not stored any more, or it was made without words."""


class NoModelFor(SourceRefused):
    """No model on offer there does this."""
