"""Everything that can go wrong, as values; the sentences are in `bot.wording`.

ImagineError
├── ConfigError                 settings that cannot be used (every bad key at once)
├── StorageError                the database cannot be opened or trusted
├── Unanswered                  Discord did not take our answer to the command
├── Refused                     decided before anything was bought
│   ├── PromptEmpty
│   ├── PromptTooLong
│   ├── ServerNotAllowed
│   ├── PermissionsMissing
│   ├── AgeRestricted
│   ├── QuotaExceeded
│   ├── QueueFull
│   ├── PriceUnknown            a limit of money, and no price
│   ├── TooNew                  an account or a membership
│   ├── Paused
│   ├── PolicyChanged           while it was being applied
│   ├── AlreadyRequested        the same interaction, delivered twice
│   └── Closing                 the bot is shutting down
└── ProviderError               the predictions API said no, or said nothing
    ├── SafetyRefused
    ├── InputInvalid
    ├── AuthenticationFailed
    ├── OutOfCredit
    ├── ModelNotFound
    ├── PredictionNotFound
    ├── RateLimited
    ├── ProviderTrouble         5xx, nonsense, a broken image, no connection
    │   └── CreateUnknown       a create that may or may not have been accepted
    ├── PredictionTimeout
    ├── PredictionCanceled
    └── CancelUnsupported       this provider has no cancel
"""

from __future__ import annotations

from dataclasses import dataclass


class ImagineError(Exception):
    """Base of every error that this program raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One unusable setting: which key, what is wrong, what to do. Never its value."""

    key: str
    what: str
    remedy: str


class ConfigError(ImagineError):
    """Settings are missing or malformed; carries every problem found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.key}: {p.what}" for p in problems))
        self.problems = problems


@dataclass(eq=False)
class StorageError(ImagineError):
    """The database cannot be used: what happened, and what the operator does about it."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


class Unanswered(ImagineError):
    """The command could not be acknowledged (too late, answered elsewhere, no connection)."""


class Refused(ImagineError):
    """The request will not be carried out, and nothing was bought."""


class PromptEmpty(Refused):
    """Nothing but white space was typed."""


@dataclass(eq=False)
class PromptTooLong(Refused):
    """The prompt has more characters than `limit`."""

    length: int
    limit: int


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


@dataclass(eq=False)
class ProviderError(ImagineError):
    """The predictions API did not give what was asked.

    `detail` is the provider's own text, for the operator's log only: it may reveal the account's
    balance. `status` is the HTTP status, where there was one.
    """

    detail: str = ""
    status: int | None = None

    #: Stable word for the ledger's `error` column and for logs.
    code = "provider_error"


class SafetyRefused(ProviderError):
    """The provider's safety filter took the prompt or the image."""

    code = "safety"


@dataclass(eq=False)
class InputInvalid(ProviderError):
    """The provider rejected the input; `fields` are its own words, one line a field."""

    fields: tuple[str, ...] = ()
    code = "invalid_input"


class AuthenticationFailed(ProviderError):
    """The API token is missing, wrong or revoked."""

    code = "authentication"


class OutOfCredit(ProviderError):
    """The account has no credit left."""

    code = "out_of_credit"


@dataclass(eq=False)
class ModelNotFound(ProviderError):
    """The configured model does not exist (any more) at this provider."""

    model: str = ""
    code = "model_not_found"


class PredictionNotFound(ProviderError):
    """The provider does not know this prediction."""

    code = "prediction_not_found"


@dataclass(eq=False)
class RateLimited(ProviderError):
    """Too many requests; try again after `retry_after` seconds.

    `per_minute`: how many the provider says it takes, where it says so.
    """

    retry_after: float = 1.0
    per_minute: int | None = None
    code = "rate_limited"


class ProviderTrouble(ProviderError):
    """The provider is unwell: 5xx, unreadable answers, broken images, no connection."""

    code = "provider_trouble"


class CreateUnknown(ProviderTrouble):
    """A create was sent and may have been accepted: it must be looked up, never sent again."""

    code = "create_unknown"


class PredictionTimeout(ProviderError):
    """The prediction did not end within `GENERATION_TIMEOUT`."""

    code = "timeout"


class PredictionCanceled(ProviderError):
    """The provider ended the prediction early."""

    code = "canceled"


class CancelUnsupported(ProviderError):
    """This provider has no way to cancel a prediction."""

    code = "cancel_unsupported"


def by_code(code: str | None) -> ProviderError:
    """The error that a ledger row names, without its details."""
    pending: list[type[ProviderError]] = [ProviderError]
    while pending:
        kind = pending.pop()
        if kind.code == code:
            return kind()
        pending += kind.__subclasses__()
    return ProviderError()
