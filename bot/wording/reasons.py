"""Why there is no image, in words: what failed, what was refused, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot import errors, refusals
from bot.domain import sanctions
from bot.domain.improvement import ImprovementRefused
from bot.language import N_, _
from bot.policy.automod.refusals import AutoModRefused, AutoModUnread
from bot.refusals import access as access_refusals
from bot.refusals import desks as desk_refusals
from bot.refusals import pictures as picture_refusals
from bot.refusals import sources as source_refusals
from bot.text import counted, escaped, money, number, when
from bot.wording import (
    access,
    automod,
    choices,
    desks,
    exceeded,
    improvement,
    moderation,
    permissions,
    pictures,
    screening,
    sources,
    styles,
)

#: The button under what a request costs.
GENERATE = N_("Generate")


def failure(error: picture_refusals.Failure) -> str:
    """What went wrong, at the provider or with a picture, what to do, that it was not charged.

    Never the provider's own text (it may reveal the account's balance), but for what it says
    about a field of the input.
    """
    if isinstance(error, picture_refusals.PictureRefused):
        return refusal(error)
    what, remedy = _failure(error)
    return f"**{what}** {_('You were not charged.')} {remedy}"


def what_failed(error: errors.ProviderError) -> str:
    """What went wrong, within a sentence: small at its beginning, without its stop."""
    what = _failure(error)[0]
    return what[0].lower() + what[1:].rstrip(".。")


def _failure(error: errors.ProviderError) -> tuple[str, str]:
    match error:
        case errors.SafetyRefused():
            return (
                _("The provider's safety filter refused this."),
                _("Change the prompt and try again."),
            )
        case errors.InputInvalid(fields=fields):
            words = "; ".join(escaped(field, 200) for field in fields[:3])
            form = _("The provider did not accept the input: {why}.")
            return (
                form.format(why=words) if words else _("The provider did not accept the input."),
                _("Change it and try again."),
            )
        case errors.AuthenticationFailed():
            return (
                _("The provider does not accept this bot's credential."),
                _("The operator has to renew it."),
            )
        case errors.OutOfCredit():
            return (
                _("The provider's account has no credit left."),
                _("The operator has to top it up."),
            )
        case errors.ModelNotFound(model=model):
            form = (
                _("The model `{model}` is not available at the provider (any more).")
                if model
                else _("The model is not available at the provider (any more).")
            )
            return (
                form.format(model=model),
                _("Choose another model; the operator can offer others (MODELS, DEFAULT_MODEL)."),
            )
        case _:
            what, remedy = _PLAIN_FAILURES.get(type(error), _TROUBLE)
            return _(what), _(remedy)


_TROUBLE = (N_("The provider had a problem."), N_("Try again in a few minutes."))
_PLAIN_FAILURES: Mapping[type[errors.ProviderError], tuple[str, str]] = {
    errors.RateLimited: (N_("The provider is too busy."), N_("Try again in a few minutes.")),
    errors.PredictionTimeout: (N_("It took too long."), N_("Try again later.")),
    errors.PredictionCanceled: (N_("The provider ended it early."), N_("Try again.")),
    errors.OutputTakenDown: (
        N_("The image is one that this bot's operator has taken down."),
        N_("Change the prompt and try again."),
    ),
}


def refusal(refused: refusals.Refused) -> str:
    """Why nothing was generated; shown only to the person who asked."""
    return f"{_refusal(refused)} {_('Nothing was charged.')}"


#: Whole families of refusals have modules of their own.
_ELSEWHERE: Sequence[tuple[Any, Callable[[Any], str]]] = (
    (refusals.QuotaExceeded, exceeded.refusal),
    (sanctions.Blocked, moderation.blocked),
    (ImprovementRefused, improvement.refusal),
    (AutoModRefused | AutoModUnread, automod.refusal),
    (access_refusals.AccessRefused, access.refusal),
    (picture_refusals.PictureRefused, pictures.refusal),
    (source_refusals.SourceRefused, sources.refusal),
    (desk_refusals.DeskUnusable, desks.refusal),
)


def _refusal(refused: refusals.Refused) -> str:
    match refused:
        case refusals.PromptTooLong(length=length, limit=limit):
            form = _("The prompt has {length} characters; the limit is {limit}. Shorten it.")
            return form.format(length=number(length), limit=number(limit))
        case refusals.PermissionsMissing(names=names):
            return _(
                "I can't post images here: I lack **{permissions}**. Ask a server admin to grant "
                "it."
            ).format(permissions=permissions.named(names))
        case refusals.PriceUnknown() | refusals.CostNotAccepted():
            return _cost(refused)
        case refusals.TooNew(what=what, until=until):
            return _(_AGED[what]).format(time=when(until))
        case refusals.Paused(scope=scope, told=told):
            known = told and scope == "provider"
            return _(_TOLD) if known else _(_PAUSED[scope])
        case refusals.QueueFull():
            return _full(refused)
        case _:
            elsewhere = (say for kind, say in _ELSEWHERE if isinstance(refused, kind))
            if (say := next(elsewhere, None)) is not None:
                return say(refused)
            said = choices.refusal(refused) or screening.refusal(refused)
            return said or styles.refusal(refused) or _(_PLAIN.get(type(refused), _REFUSED))


def _cost(refused: refusals.PriceUnknown | refusals.CostNotAccepted) -> str:
    match refused:
        case refusals.PriceUnknown(model=model):
            return _(
                "Money is limited here, and nobody has said what an image of `{model}` costs. "
                "The operator can set its price in MODEL_PRICES."
            ).format(model=model)
        case refusals.CostNotAccepted(micros=micros, left=None):
            form = _("This costs about {cost}: press **{button}** to go on.")
            return form.format(cost=money(micros), button=_(GENERATE))
        case refusals.CostNotAccepted(micros=micros, left=left):
            form = _("This costs about {cost}, and {left} is left: press **{button}** to go on.")
            gaps = {"cost": money(micros), "left": money(left or 0)}
            return form.format(button=_(GENERATE), **gaps)


def _full(line: refusals.QueueFull) -> str:
    limit, asked = line.limit, line.asked
    if line.scope != "user":
        return counted(
            "The queue is full: {count} image is waiting. Try again in a minute.",
            "The queue is full: {count} images are waiting. Try again in a minute.",
            limit,
        )
    if asked == 1:
        return counted(
            "You have {count} image waiting already. Wait until one has its turn, or cancel one.",
            "You have {count} images waiting already. Wait until one has its turn, or cancel one.",
            limit,
        )
    return counted(
        "At most {count} image of yours may wait, and {asked} more would be too many. "
        "Ask for fewer, or wait until some have had their turn.",
        "At most {count} images of yours may wait, and {asked} more would be too many. "
        "Ask for fewer, or wait until some have had their turn.",
        limit,
        asked=number(asked),
    )


_REFUSED = N_("This was refused.")
_PLAIN: Mapping[type[refusals.Refused], str] = {
    refusals.PromptEmpty: N_("The prompt is empty. Describe the image you want."),
    refusals.ServerNotAllowed: N_(
        "This bot does not serve this server. Ask its operator to allow it."
    ),
    refusals.AgeRestricted: N_(
        "This model is only for age-restricted channels. Ask in one of those."
    ),
    refusals.PolicyChanged: N_("This server's settings were just being changed. Try again."),
    refusals.QuoteGone: N_("That offer is gone: ask again."),
    refusals.PressedTwice: N_("It is already on its way."),
    refusals.Closing: N_("The bot is restarting. Try again in a minute."),
}
_AGED = {
    "account": N_("Your Discord account is too new for images in this server; try {time}."),
    "membership": N_("Your membership is too new for images in this server; try {time}."),
}
_PAUSED = {
    "guild": N_("Images are paused in this server. Its managers decide when they go on."),
    "installation": N_("The bot is paused. Its operator decides when it goes on."),
    "provider": N_(
        "The bot is paused: the provider or its account has trouble. It goes on by itself once "
        "that is over."
    ),
}
_TOLD = N_(
    "The bot is paused: the provider or its account has trouble, and the operator knows. It goes "
    "on by itself once that is over."
)
