"""Why there is no image, in words: what failed, what was refused, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from bot import access_refusals, desk_refusals, errors, picture_refusals, refusals, sanctions
from bot.automod.refusals import AutoModRefused, AutoModUnread
from bot.improvement import ImprovementRefused
from bot.text import escaped, money, plural, when
from bot.wording import (
    access,
    automod,
    choices,
    desks,
    improvement,
    moderation,
    pictures,
    screening,
)


def failure(error: picture_refusals.Failure) -> str:
    """What went wrong, at the provider or with a picture, what to do, that it was not charged.

    Never the provider's own text (it may reveal the account's balance), but for what it says
    about a field of the input.
    """
    if isinstance(error, picture_refusals.PictureRefused):
        return refusal(error)
    what, remedy = _failure(error)
    return f"**{what}** You were not charged. {remedy}"


def what_failed(error: errors.ProviderError) -> str:
    """What went wrong, within a sentence: small at its beginning, without its stop."""
    what, _ = _failure(error)
    return what[0].lower() + what[1:].removesuffix(".")


def _failure(error: errors.ProviderError) -> tuple[str, str]:
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
                "Choose another model; the operator can offer others (MODELS, DEFAULT_MODEL).",
            )
        case _:
            trouble = ("The provider had a problem.", "Try again in a few minutes.")
            return _PLAIN_FAILURES.get(type(error), trouble)


_PLAIN_FAILURES: Mapping[type[errors.ProviderError], tuple[str, str]] = {
    errors.RateLimited: ("The provider is too busy.", "Try again in a few minutes."),
    errors.PredictionTimeout: ("It took too long.", "Try again later."),
    errors.PredictionCanceled: ("The provider ended it early.", "Try again."),
    errors.OutputTakenDown: (
        "The image is one that this bot's operator has taken down.",
        "Change the prompt and try again.",
    ),
}


def refusal(refused: refusals.Refused) -> str:
    """Why nothing was generated; shown only to the person who asked."""
    return f"{_refusal(refused)} Nothing was charged."


def _refusal(refused: refusals.Refused) -> str:  # noqa: C901, PLR0911, PLR0912 - a table of cases
    match refused:
        case refusals.PromptTooLong(length=length, limit=limit):
            return f"The prompt has {length:,} characters; the limit is {limit:,}. Shorten it."
        case refusals.PermissionsMissing(names=names):
            words = ", ".join(name.replace("_", " ").title() for name in names)
            return f"I can't post images here: I lack **{words}**. Ask a server admin to grant it."
        case refusals.QuotaExceeded():
            return _exceeded(refused)
        case refusals.PriceUnknown(model=model):
            return (
                f"Money is limited here, and nobody has said what an image of `{model}` costs. "
                "The operator can set its price in MODEL_PRICES."
            )
        case refusals.CostNotAccepted(micros=micros, left=left):
            rest = "" if left is None else f", and {money(left)} is left"
            return f"This costs about {money(micros)}{rest}: press **Generate** to go on."
        case refusals.TooNew(what=what, until=until):
            return f"Your {_AGED[what]} is too new for images in this server; try {when(until)}."
        case refusals.Paused(scope=scope, told=told):
            return _PAUSED[scope].format(", and the operator knows" if told else "")
        case refusals.QueueFull():
            return _full(refused)
        case sanctions.Blocked():
            return moderation.blocked(refused)
        case ImprovementRefused():
            return improvement.refusal(refused)
        case AutoModRefused() | AutoModUnread():
            return automod.refusal(refused)
        case access_refusals.AccessRefused():
            return access.refusal(refused)
        case picture_refusals.PictureRefused():
            return pictures.refusal(refused)
        case desk_refusals.DeskUnusable():
            return desks.refusal(refused)
        case _:
            said = choices.refusal(refused) or screening.refusal(refused)
            return said or _PLAIN.get(type(refused), "This was refused.")


def _full(line: refusals.QueueFull) -> str:
    limit, asked = line.limit, line.asked
    if line.scope != "user":
        return f"The queue is full: {plural(limit, 'image')} are waiting. Try again in a minute."
    if asked == 1:
        already = f"You have {plural(limit, 'image')} waiting already."
        return f"{already} Wait until one has its turn, or cancel one."
    most = (
        f"At most {plural(limit, 'image')} of yours may wait, and {asked} more would be too many."
    )
    return f"{most} Ask for fewer, or wait until some have had their turn."


_PLAIN: Mapping[type[refusals.Refused], str] = {
    refusals.PromptEmpty: "The prompt is empty. Describe the image you want.",
    refusals.ServerNotAllowed: "This bot does not serve this server. Ask its operator to allow it.",
    refusals.AgeRestricted: "This model is only for age-restricted channels. Ask in one of those.",
    refusals.PolicyChanged: "This server's settings were just being changed. Try again.",
    refusals.QuoteGone: "That offer is gone: ask again.",
    refusals.PressedTwice: "It is already on its way.",
    refusals.Closing: "The bot is restarting. Try again in a minute.",
}
_AGED = {"account": "Discord account", "membership": "membership"}
_PAUSED = {
    "guild": "Images are paused in this server. Its managers decide when they go on.",
    "installation": "The bot is paused. Its operator decides when it goes on.",
    "provider": "The bot is paused: the provider or its account has trouble{}. It goes on by "
    "itself once that is over.",
}
_OWN = {"user": "", "member": " that this server gives you"}
_PLACES = {
    "channel": ("This channel", "Try another one, or ask a manager of this server."),
    "guild": ("This server", "Its managers can raise the limit in `/settings`."),
    "installation": ("This bot", "Its operator can raise the limit."),
}


def _exceeded(over: refusals.QuotaExceeded) -> str:
    """Which limit, how much of it, until when."""
    if over.scope == "filter":
        return (
            f"The provider's safety filter has refused {plural(over.limit, 'prompt')} of yours "
            f"within an hour. Try something else {when(over.resets_at)}."
        )
    window = "today" if over.period == "day" else "this month"
    left = max(0, over.limit - over.used)
    if over.asked > 1 and over.unit == "images" and left:
        whose = "You have" if over.scope in _OWN else f"{_PLACES[over.scope][0]} has"
        few = f"{whose} {plural(left, 'image')} left{_OWN.get(over.scope, '')} for {window}"
        return f"{few}, too few for {over.asked}. Ask for fewer; more {when(over.resets_at)}."
    if over.scope in _OWN:
        own = f"{_all(over.limit)}{_OWN[over.scope]} for {window}"
        return f"You've used {own}; more {when(over.resets_at)}."
    who, remedy = _PLACES[over.scope]
    if over.unit == "micros":
        spent = f"has spent {money(over.used)} of its {money(over.limit)} for {window}"
        more = "another image" if over.asked == 1 else f"{over.asked} images"
        spent += f", too little is left for {more}"
    else:
        spent = f"has made {_all(over.limit)} of {window}"
    return f"{who} {spent}; more {when(over.resets_at)}. {remedy}"


def _all(limit: int) -> str:
    return "the one image" if limit == 1 else f"all {limit:,} images"
