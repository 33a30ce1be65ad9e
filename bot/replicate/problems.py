"""What a provider's refusal means: HTTP answers and failed predictions as typed errors.

Providers have no machine-readable vocabulary in common: Replicate sends problem+json, Cog a list
of fields, the new-api gateways an `error` object, proxies HTML. The free text of errors is matched
by substrings, never by equality, since it comes with changing prefixes and suffixes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.prediction import Prediction, PredictionStatus
from bot.errors import (
    AuthenticationFailed,
    InputInvalid,
    ModelNotFound,
    OutOfCredit,
    PredictionCanceled,
    PredictionNotFound,
    PredictionTimeout,
    ProviderError,
    ProviderTrouble,
    RateLimited,
    SafetyRefused,
)
from bot.replicate.body import TEXT_LIMIT, clean, loads
from bot.replicate.wait import rate_per_minute, retry_after

#: More complaints about one input than a person would read.
FIELDS_LIMIT = 10

# Codes of the new-api family: certain whatever the status, since it reports them before anything
# is passed on (`model_not_found` as 503, an exhausted quota as 403).
_CREDIT_CODES = ("insufficient_user_quota", "pre_consume_token_quota_failed", "insufficient_quota")
_SAFETY_CODES = ("sensitive_words_detected", "prompt_blocked")

# Every repetition below is bounded, and texts are cut to TEXT_LIMIT: matching is linear. Compiled
# when something fails, and not while the bot starts.
_TRANSIENT = r"\((?:code: PA|E003|E004|E\d{4})\)"
_SAFETY = (
    r"(?i)\(E005\)|flagged as sensitive|\bnsfw\b|responsible ai|sensitive words|usage guidelines"
    r"|safety (?:filter|system|setting|check|polic)|content (?:filter|moderation|polic)"
    r"|blocked by .{0,40}moderation|violat\w{1,5} .{0,40}polic|prohibited[_ ]content|image_safety"
)
_CREDIT = (
    r"(?i)insufficient (?:credit|balance|funds|quota)|out of credit|spend(?:ing)? limit"
    r"|quota is not enough|额度不足|余额不足"
)
_RETIRED = (
    r"(?is)\bmodels?\b.{0,200}?\b(?:retired|deprecated|discontinued|decommissioned|shut down"
    r"|no longer (?:available|supported|served|offered|exists?))\b"
    r"|\bmodels?[ /:]{1,2}[`'\"]?[\w./:@-]{1,200}[`'\"]? (?:is |was )?(?:not found|does not exist)"
    r"|\b(?:model|version) (?:is |was )?(?:not found|does not exist)"
)
_INPUT = r"(?is)\binput validation (?:error|failed): ?(.{1,300})"
_TIMED_OUT = r"(?i)prediction timed out"
_TITLE = r"(?i)<title>([^<]{1,200})"


def problem(
    status: int, text: str, headers: Mapping[str, str], *, model: str = ""
) -> ProviderError:
    """The error that an HTTP answer stands for; `model` is the one a create or a look-up named.

    Outside 400-499, and for 408 and 409, only a recognised code makes it more than
    `ProviderTrouble`: their words do not prove that nothing was accepted.
    """
    body = loads(text)
    words = _words(body, text)
    if error := _by_code(body, words, status, model):
        return error
    if not 400 <= status < 500 or status in (408, 409):
        return ProviderTrouble(words, status)
    fields = _fields(body)
    if fields and status in (400, 422):
        return InputInvalid(words, status, fields)
    return _by_words(words, status, model) or _by_status(body, words, status, model, headers)


def failure(prediction: Prediction, model: str = "") -> ProviderError:
    """Why an ended `prediction` brought no image.

    Never `RateLimited`, never `CreateUnknown`: whatever its text says, it was accepted and is over.
    """
    words = prediction.error or f"The prediction ended as {prediction.status} without a reason."
    if prediction.status is PredictionStatus.SUCCEEDED:
        gone = "was removed" if prediction.data_removed else "is empty"
        return ProviderTrouble(f"The prediction succeeded, but its output {gone}.")
    if re.search(_TRANSIENT, words):
        return ProviderTrouble(words)
    if re.search(_TIMED_OUT, words):
        return PredictionTimeout(words)
    if error := _by_words(words, None, model):
        return error
    if found := re.search(_INPUT, words):
        return InputInvalid(words, None, (clean(found[1]),))
    if prediction.status in (PredictionStatus.CANCELED, PredictionStatus.ABORTED):
        return PredictionCanceled(words)
    return ProviderTrouble(words)


def _by_code(body: object, words: str, status: int, model: str) -> ProviderError | None:
    code = _member(_member(body, "error"), "code") or _member(body, "code")
    if code == "model_not_found":
        return ModelNotFound(words, status, model)
    if code in _CREDIT_CODES:
        return OutOfCredit(words, status)
    if code in _SAFETY_CODES:
        return SafetyRefused(words, status)
    return None


def _by_words(words: str, status: int | None, model: str) -> ProviderError | None:
    if status in (401, 402):
        return None
    if re.search(_SAFETY, words):
        return SafetyRefused(words, status)
    if re.search(_CREDIT, words):
        return OutOfCredit(words, status)
    # A poll (no model, but a status) of something long gone is not about the model.
    if status != 429 and (model or status is None) and re.search(_RETIRED, words):
        return ModelNotFound(words, status, model)
    return None


def _by_status(
    body: object, words: str, status: int, model: str, headers: Mapping[str, str]
) -> ProviderError:
    match status:
        case 400 | 413 | 422:
            return InputInvalid(words, status, _lines(words) if body is not None else ())
        # A 403 without JSON is a firewall's page, which says nothing about the token.
        case 401 | 403 if status == 401 or body is not None:
            return AuthenticationFailed(words, status)
        case 402:
            return OutOfCredit(words, status)
        case 404 | 410:
            return (
                ModelNotFound(words, status, model) if model else PredictionNotFound(words, status)
            )
        case 429:
            return RateLimited(
                words, status, retry_after(body, headers, words), rate_per_minute(words)
            )
    return ProviderTrouble(words, status)


def _words(body: object, text: str) -> str:
    """The provider's own sentence, for the operator's log."""
    error = _member(body, "error")
    candidates = (
        _member(body, "detail"),
        "\n".join(_fields(body)),
        error,
        _member(error, "message"),
        _member(body, "message"),
        _member(body, "title"),
    )
    for words in candidates:
        if isinstance(words, str) and words.strip():
            return clean(words)
    if body is not None:
        return "The answer names no reason."  # not the JSON itself: it may repeat the prompt
    title = re.search(_TITLE, text[:TEXT_LIMIT])
    return clean(title[1] if title else text, 200)


def _fields(body: object) -> tuple[str, ...]:
    """One line a field, from Replicate's `invalid_fields` or from Cog's list in `detail`."""
    for key, where, what in (("invalid_fields", "field", "description"), ("detail", "loc", "msg")):
        entries = _member(body, key)
        if isinstance(entries, list):
            found = (_line(_member(e, where), _member(e, what)) for e in entries[:FIELDS_LIMIT])
            return tuple(line for line in found if line)
    return ()


def _line(field: object, description: object) -> str:
    """Make "aspect_ratio: must be …", without naming a field twice."""
    if not isinstance(description, str):
        return ""
    if isinstance(field, list):
        field = field[-1] if field else ""
    name = field.removeprefix("input.") if isinstance(field, str) else ""
    named = name in ("", "input") or description.startswith(name)
    return clean(description if named else f"{name}: {description}", 300)


def _lines(words: str) -> tuple[str, ...]:
    lines = (line.strip().removeprefix("- ").removeprefix("input.") for line in words.splitlines())
    return tuple(clean(line, 300) for line in lines if line)[:FIELDS_LIMIT]


def _member(body: object, key: str) -> object:
    return body.get(key) if isinstance(body, Mapping) else None


def about_the_model(error: Exception, options: Mapping[str, object]) -> bool:
    """Whether a refusal is the model's own: it is not there, or it does not take these options.

    A refusal that may be about the prompt is not; providers say "inappropriate" in many words.
    """
    if isinstance(error, ModelNotFound):
        return True
    named = error.fields if isinstance(error, InputInvalid) else ()
    return bool(named) and all(re.split(r"[\s:]", field)[0] in options for field in named)
