"""Everything that can go wrong, as values; the sentences are in `bot.wording`.

ImagineError
├── ConfigError                 settings that cannot be used (every bad key at once)
├── StorageError                the database cannot be opened or trusted
├── SchemaUnusable              a model's schema that no command can be made of
├── Unanswered                  Discord did not take our answer to the command
├── Refused                     decided before anything was bought: see `bot.refusals`
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
    ├── OutputTakenDown         it made what was taken down before
    ├── WebhookRefused          a create was not accepted, and perhaps for its webhook
    ├── CancelUnsupported       this provider has no cancel
    └── UploadUnsupported       this provider takes no files
"""

from __future__ import annotations

from bot.record import Raisable, Record


class ImagineError(Raisable):
    """Base of every error that this program raises on purpose."""


class Problem(Record):
    """One unusable setting: which key, what is wrong, what to do. Never its value."""

    key: str
    what: str
    remedy: str


class ConfigError(ImagineError):
    """Settings are missing or malformed; carries every problem found."""

    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "; ".join(f"{each.key}: {each.what}" for each in self.problems)


class StorageError(ImagineError):
    """The database cannot be used: what happened, and what the operator does about it."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


class NoDatabaseYet(StorageError):
    """Nothing was ever written there."""

    def __init__(self) -> None:
        super().__init__("There is no database yet.", "The first `python -m bot run` creates it.")


class SchemaUnusable(ImagineError):
    """A model cannot be offered, going by what the API says of it: `reason`, in words."""

    reason: str

    def __str__(self) -> str:
        return self.reason


class Unanswered(ImagineError):
    """The command could not be acknowledged (too late, answered elsewhere, no connection)."""

    why: str

    def __str__(self) -> str:
        return self.why


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


class ModelNotFound(ProviderError):
    """The configured model does not exist (any more) at this provider."""

    model: str = ""
    code = "model_not_found"


class PredictionNotFound(ProviderError):
    """The provider does not know this prediction."""

    code = "prediction_not_found"


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


class OutputTakenDown(ProviderError):
    """What it made is byte for byte an image that the operator has taken down."""

    code = "taken_down"


class WebhookRefused(ProviderError):
    """A create was definitely not accepted, and the refusal speaks of its webhook."""

    code = "webhook_refused"


class CancelUnsupported(ProviderError):
    """This provider has no way to cancel a prediction."""

    code = "cancel_unsupported"


class UploadUnsupported(ProviderError):
    """This provider takes no files; pictures are sent in the input itself."""

    code = "upload_unsupported"


def by_code(code: str | None) -> ProviderError:
    """The error that a ledger row names, without its details."""
    pending: list[type[ProviderError]] = [ProviderError]
    while pending:
        kind = pending.pop()
        if kind.code == code:
            return kind()
        pending += kind.__subclasses__()
    return ProviderError()
