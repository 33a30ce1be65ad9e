"""Why there is no image, in words: what failed, what was refused, and what to do."""

from __future__ import annotations

from bot import errors
from bot.text import escaped, plural, when


def failure(error: errors.ProviderError) -> str:
    """What went wrong at the provider, what to do, and that it was not charged.

    Never the provider's own text (it may reveal the account's balance), but for what it says
    about a field of the input.
    """
    what, remedy = _failure(error)
    return f"**{what}** You were not charged. {remedy}"


def _failure(error: errors.ProviderError) -> tuple[str, str]:  # noqa: PLR0911 - a table of cases
    match error:
        case errors.SafetyRefused():
            return (
                "The provider's safety filter refused this.",
                "Change the prompt and try again.",
            )
        case errors.InputInvalid(fields=fields):
            words = "; ".join(escaped(field, 200) for field in fields[:3])
            return (
                f"The provider did not accept the input{': ' + words if words else ''}.",
                "Change it and try again.",
            )
        case errors.AuthenticationFailed():
            return (
                "The provider does not accept this bot's credential.",
                "The operator has to renew it.",
            )
        case errors.OutOfCredit():
            return (
                "The provider's account has no credit left.",
                "The operator has to top it up.",
            )
        case errors.ModelNotFound(model=model):
            named = f" `{model}`" if model else ""
            return (
                f"The model{named} is not available at the provider (any more).",
                "The operator can name another one in DEFAULT_MODEL.",
            )
        case errors.RateLimited():
            return ("The provider is too busy.", "Try again in a few minutes.")
        case errors.PredictionTimeout():
            return ("It took too long.", "Try again later.")
        case errors.PredictionCanceled():
            return ("The provider ended it early.", "Try again.")
        case _:
            return ("The provider had a problem.", "Try again in a few minutes.")


def refusal(refused: errors.Refused) -> str:
    """Why nothing was generated; shown only to the person who asked."""
    return f"{_refusal(refused)} Nothing was charged."


def _refusal(refused: errors.Refused) -> str:  # noqa: C901, PLR0911 - a table of cases
    match refused:
        case errors.PromptEmpty():
            return "The prompt is empty. Describe the image you want."
        case errors.PromptTooLong(length=length, limit=limit):
            return f"The prompt has {length:,} characters; the limit is {limit:,}. Shorten it."
        case errors.ServerNotAllowed():
            return "This bot does not serve this server. Ask its operator to allow it."
        case errors.PermissionsMissing(names=names):
            words = ", ".join(name.replace("_", " ").title() for name in names)
            return f"I can't post images here: I lack **{words}**. Ask a server admin to grant it."
        case errors.AgeRestricted():
            return "This model is only for age-restricted channels. Ask in one of those."
        case errors.QuotaExceeded(scope="user", limit=limit, resets_at=resets_at):
            return f"You've used {_all(limit)} for today; more {when(resets_at)}."
        case errors.QuotaExceeded(limit=limit, resets_at=resets_at):
            return (
                f"This bot has made {_all(limit)} of its month; more {when(resets_at)}. "
                "Its operator can raise the limit."
            )
        case errors.QueueFull(scope="user", limit=limit):
            return (
                f"You have {plural(limit, 'image')} waiting already. "
                "Wait until one has its turn, or cancel one."
            )
        case errors.QueueFull(limit=limit):
            return (
                f"The queue is full: {plural(limit, 'image')} are waiting. Try again in a minute."
            )
        case errors.Closing():
            return "The bot is restarting. Try again in a minute."
        case _:
            return "This was refused."


def _all(limit: int) -> str:
    return "the one image" if limit == 1 else f"all {limit:,} images"
