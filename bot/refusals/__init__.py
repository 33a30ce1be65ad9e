"""Why a request is not carried out, as values; the sentences are in `bot.wording`.

Refused                         decided before anything was bought
├── PromptEmpty
├── PromptTooLong
├── TextTooLong             of an option
├── PromptNotTaken          by the model that was chosen
├── ModelNotOffered
├── OptionNotTaken
├── OptionMissing
├── ValueNotTaken
├── SafetyUnknown           of a model, where a floor holds
├── SafetyBelowFloor        more lenient than this place allows
├── PictureMissing
├── PicturesNotTaken        by the model
├── PictureRefused          this very one: see `bot.refusals.pictures`
├── WordsRefused            by a rule of the server's: see `bot.refusals.words`
├── WordsUnjudged           such rules, and they cannot be applied
├── MinorsRefused           sexual content about minors
├── StyleUnknown            in this server: see `bot.refusals.styles`
├── StyledTooLong           the prompt with its style
├── TooManyImages
├── DeskUnusable            where moderators decide: see `bot.refusals.desks`
├── ServerNotAllowed
├── Blocked                 the person: see `bot.domain.sanctions`
├── PermissionsMissing
├── AgeRestricted
├── QuotaExceeded
├── QueueFull
├── CostNotAccepted         dear enough to be asked about first
├── QuoteGone               which was to be accepted
├── PriceUnknown            a limit of money, and no price
├── TooNew                  an account or a membership
├── AutoModRefused          see `bot.policy.automod.refusals`
├── AutoModUnread           in a moderated channel
├── Paused
├── PolicyChanged           while it was being applied
├── PressedTwice            a button, within three seconds
├── AlreadyRequested        the same interaction, delivered twice
└── Closing                 the bot is shutting down
"""

from __future__ import annotations

import re

from bot.errors import ImagineError


class Refused(ImagineError):
    """The request will not be carried out, and nothing was bought."""

    #: Stable word for logs and metrics: the class's name in small letters.
    code = "refused"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" not in vars(cls):
            cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __str__(self) -> str:
        """What stands in a traceback: never what somebody wrote."""
        return self.code


class PromptEmpty(Refused):
    """Nothing but white space was typed."""


class PromptTooLong(Refused):
    """The prompt has more characters than `limit`."""

    length: int
    limit: int


class TextTooLong(Refused):
    """An option's text has more characters than `limit`."""

    option: str
    length: int
    limit: int


class PromptNotTaken(Refused):
    """The model (its title) takes a picture, and no words."""

    model: str


class ModelNotOffered(Refused):
    """No such model is on offer; `offered` are the titles of those that are."""

    model: str
    offered: tuple[str, ...]


class OptionNotTaken(Refused):
    """The model (its title) has no such option; `having` are the titles of those that do."""

    option: str
    model: str
    having: tuple[str, ...]


class OptionMissing(Refused):
    """The model must be told this option, and it has no default."""

    option: str
    model: str


class ValueNotTaken(Refused):
    """The model does not take this value of the option: only `taken`, or `least` to `most`."""

    option: str
    model: str
    taken: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


class SafetyBelowFloor(Refused):
    """The option was set to something more lenient than this place allows: `allowed`."""

    option: str
    allowed: tuple[str, ...]


class SafetyUnknown(Refused):
    """This place is stricter than models are by themselves, and this one's safety is not known."""

    model: str


class PicturesNotTaken(Refused):
    """The model takes at most so many pictures; `having` are titles of models that take some."""

    model: str
    most: int
    having: tuple[str, ...]


class PictureMissing(Refused):
    """The model only changes pictures, and there is none."""

    model: str


class TooManyImages(Refused):
    """The model makes at most `most` images at once."""

    model: str
    count: int
    most: int


class ServerNotAllowed(Refused):
    """This installation serves other servers only (`ALLOWED_GUILDS`)."""


class PermissionsMissing(Refused):
    """The bot lacks `names` in the channel, so the image could not be posted there."""

    names: tuple[str, ...]


class AgeRestricted(Refused):
    """The model is for age-restricted channels only (`AGE_RESTRICTED_MODELS`), unlike this one."""


class QuotaExceeded(Refused):
    """A limit has no room for the `asked` images until `resets_at` (UTC milliseconds).

    In the words of `bot.domain.limits`: whose (`scope`), of what (`unit`), in which `period`, the
    `limit` and how much of it is `used`.
    """

    scope: str
    unit: str
    period: str
    limit: int
    used: int
    resets_at: int
    asked: int = 1


class CostNotAccepted(Refused):
    """By `model` (its name) it costs `micros` micro-dollars in all; nobody said yes to that yet.

    `left` is what the tightest limit of money still has, None where there is none.
    """

    micros: int
    left: int | None
    model: str


class QuoteGone(Refused):
    """The quote is too old, was answered already, or was given to somebody else."""


class PriceUnknown(Refused):
    """A limit of money holds here, and nobody has said what an image of `model` costs."""

    model: str


class TooNew(Refused):
    """The person's account, or their membership of the server (`what`), is younger than asked.

    It is old enough at `until` (UTC milliseconds).
    """

    what: str
    until: int


class Paused(Refused):
    """Nothing is generated for now, and `scope` says by whose decision.

    A server's managers ("guild"), the operator ("installation"), or this program itself, since
    the provider or its account is in trouble ("provider"), of which the operator may be `told`.
    """

    scope: str
    told: bool = False


class PolicyChanged(Refused):
    """The server's settings changed while they were being applied."""


class QueueFull(Refused):
    """`scope` ("user" or "installation") may have `limit` predictions waiting for a turn.

    `asked` more would be too many.
    """

    scope: str
    limit: int
    asked: int = 1


class AlreadyRequested(Refused):
    """A row for this interaction exists: Discord delivered it twice, and the first one answers."""


class PressedTwice(Refused):
    """The same button on the same message, by the same person, within three seconds."""


class Closing(Refused):
    """The bot is stopping and takes no new work."""
