"""Why a request is not carried out, as values; the sentences are in `bot.wording`.

Refused                         decided before anything was bought
├── PromptEmpty
├── PromptTooLong
├── OptionNotTaken          by the model that was chosen
├── ValueNotTaken
├── SafetyBelowFloor        more lenient than this place allows
├── PicturesNotTaken
├── PictureMissing
├── PictureRefused          this picture; the rest of its name says why
│   ├── PictureKindNotTaken
│   ├── PictureTooLarge
│   ├── PictureTooManyPixels
│   ├── PictureMistyped     its bytes are not what it says it is
│   ├── PictureAnimated
│   ├── PictureBroken
│   ├── PictureGone         Discord does not hand it over (any more)
│   └── PictureUnsendable   too large for a provider that takes no files
├── TooManyImages
├── ServerNotAllowed
├── PermissionsMissing
├── AgeRestricted
├── QuotaExceeded
├── QueueFull
├── PriceUnknown            a limit of money, and no price
├── TooNew                  an account or a membership
├── Paused
├── PolicyChanged           while it was being applied
├── AlreadyRequested        the same interaction, delivered twice
└── Closing                 the bot is shutting down
"""

from __future__ import annotations

from dataclasses import dataclass

from bot import errors
from bot.errors import ImagineError, ProviderError


class Refused(ImagineError):
    """The request will not be carried out, and nothing was bought."""


class PromptEmpty(Refused):
    """Nothing but white space was typed."""


@dataclass(eq=False)
class PromptTooLong(Refused):
    """The prompt has more characters than `limit`."""

    length: int
    limit: int


@dataclass(eq=False)
class OptionNotTaken(Refused):
    """The model (its title) has no such option; `having` are the titles of those that do."""

    option: str
    model: str
    having: tuple[str, ...]


@dataclass(eq=False)
class ValueNotTaken(Refused):
    """The model does not take this value of the option: only `taken`, or `least` to `most`."""

    option: str
    model: str
    taken: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


@dataclass(eq=False)
class SafetyBelowFloor(Refused):
    """The option was set to something more lenient than this place allows: `allowed`."""

    option: str
    allowed: tuple[str, ...]


@dataclass(eq=False)
class PicturesNotTaken(Refused):
    """The model takes at most so many pictures; `having` are titles of models that take some."""

    model: str
    most: int
    having: tuple[str, ...]


@dataclass(eq=False)
class PictureMissing(Refused):
    """The model only changes pictures, and there is none."""

    model: str


@dataclass(eq=False)
class PictureRefused(Refused):
    """A picture that cannot be used, as its attachment says at once, or its bytes do later.

    Its values are lost at a restart, so each has a default, and the words do without them.
    """

    #: Stable word for the ledger's `error` column and for logs.
    code = "picture"


@dataclass(eq=False)
class PictureKindNotTaken(PictureRefused):
    """It is no picture of a type that models take; `kind` is what it is, where that is known."""

    kind: str = ""
    code = "picture_kind"


@dataclass(eq=False)
class PictureTooLarge(PictureRefused):
    """It has `size` bytes of at most `limit`."""

    size: int = 0
    limit: int = 0
    code = "picture_too_large"


@dataclass(eq=False)
class PictureTooManyPixels(PictureRefused):
    """It has `pixels` of at most `limit`."""

    pixels: int = 0
    limit: int = 0
    code = "picture_pixels"


@dataclass(eq=False)
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


@dataclass(eq=False)
class PictureUnsendable(PictureRefused):
    """Without the provider's Files API a picture has at most `limit` bytes."""

    limit: int = 0
    code = "picture_unsendable"


@dataclass(eq=False)
class TooManyImages(Refused):
    """The model makes at most `most` images at once."""

    model: str
    count: int
    most: int


class ServerNotAllowed(Refused):
    """This installation serves other servers only (`ALLOWED_GUILDS`)."""


@dataclass(eq=False)
class PermissionsMissing(Refused):
    """The bot lacks `names` in the channel, so the image could not be posted there."""

    names: tuple[str, ...]


class AgeRestricted(Refused):
    """The model is for age-restricted channels only (`AGE_RESTRICTED_MODELS`), unlike this one."""


@dataclass(eq=False)
class QuotaExceeded(Refused):
    """A limit has no room for one more image until `resets_at` (UTC milliseconds).

    In the words of `bot.limits`: whose (`scope`), of what (`unit`), in which `period`, the
    `limit` and how much of it is `used`.
    """

    scope: str
    unit: str
    period: str
    limit: int
    used: int
    resets_at: int


@dataclass(eq=False)
class PriceUnknown(Refused):
    """A limit of money holds here, and nobody has said what an image of `model` costs."""

    model: str


@dataclass(eq=False)
class TooNew(Refused):
    """The person's account, or their membership of the server (`what`), is younger than asked.

    It is old enough at `until` (UTC milliseconds).
    """

    what: str
    until: int


@dataclass(eq=False)
class Paused(Refused):
    """Nothing is generated for now, and `scope` says by whose decision.

    A server's managers ("guild"), the operator ("installation"), or this program itself, since
    the provider or its account is in trouble ("provider"), of which the operator may be `told`.
    """

    scope: str
    told: bool = False


class PolicyChanged(Refused):
    """The server's settings changed while they were being applied."""


@dataclass(eq=False)
class QueueFull(Refused):
    """`scope` ("user" or "installation") has `limit` images waiting for a turn already."""

    scope: str
    limit: int


class AlreadyRequested(Refused):
    """A row for this interaction exists: Discord delivered it twice, and the first one answers."""


class Closing(Refused):
    """The bot is stopping and takes no new work."""


#: Why a generation that was under way brought no image.
Failure = ProviderError | PictureRefused


def failure(code: str | None) -> Failure:
    """What a ledger row names, without its values."""
    kinds: tuple[type[PictureRefused], ...] = (PictureRefused, *PictureRefused.__subclasses__())
    known = {kind.code: kind for kind in kinds}
    return known[code]() if code in known else errors.by_code(code)
