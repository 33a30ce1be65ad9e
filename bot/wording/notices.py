"""What the operator, in English, and a server's managers are told without having asked."""

from __future__ import annotations

from bot import errors
from bot.domain.limits import Scope, Spent, Unit
from bot.language import _
from bot.text import counted, escaped, money, number, when

_REASONS = {
    errors.AuthenticationFailed.code: "the provider does not accept this bot's credential (401). "
    "Renew REPLICATE_API_TOKEN and start the bot again",
    errors.OutOfCredit.code: "the provider's account has no credit left (402). Top it up",
    errors.ModelNotFound.code: "the provider does not offer the model (any more), ten times in a "
    "row. Name another one in DEFAULT_MODEL",
}
_AGAIN = "You hear of this person again in an hour at the earliest."


def opened(reason: str) -> str:
    """To the operator: nothing is bought any more."""
    why = _REASONS.get(reason, "ten purchases in a row failed. See the provider's status page")
    return (
        f"⛔ **Imagine is paused**: {why}. People are told that you know. From time to time a "
        "single purchase tries whether it is over; then all goes on by itself, and you are told."
    )


CLOSED = "✅ **Imagine goes on**: the provider takes purchases again."


def budget(spent: Spent, step: int, guild: str = "") -> str:
    """To the operator, or a server's managers: a budget is half, nearly or wholly spent."""
    limit = spent.limit
    if limit.scope is not Scope.GUILD:
        whose = _("This bot")
    elif guild:
        whose = _("The server {name}").format(name=escaped(guild, 100))
    else:
        whose = _("This server")
    what = (
        _("All further requests are refused until then: {time}.")
        if step >= 100
        else _("It starts again {time}.")
    )
    return f"{_used(spent, step, whose)} {what.format(time=when(limit.resets_at))}"


def _used(spent: Spent, step: int, whose: str) -> str:
    limit, today = spent.limit, spent.limit.period == "day"
    about = {"percent": str(step), "whose": whose}
    if limit.unit is Unit.MICROS:
        form = (
            _("📊 **{percent} % of a budget**: {whose} has spent {used} of its {most} for today.")
            if today
            else _(
                "📊 **{percent} % of a budget**: {whose} has spent {used} of its {most} for this "
                "month."
            )
        )
        return form.format(used=money(spent.used), most=money(limit.most), **about)
    if today:
        return counted(
            "📊 **{percent} % of a budget**: {whose} has made {used} of its {count} image for "
            "today.",
            "📊 **{percent} % of a budget**: {whose} has made {used} of its {count} images for "
            "today.",
            limit.most,
            used=number(spent.used),
            **about,
        )
    return counted(
        "📊 **{percent} % of a budget**: {whose} has made {used} of its {count} image for this "
        "month.",
        "📊 **{percent} % of a budget**: {whose} has made {used} of its {count} images for this "
        "month.",
        limit.most,
        used=number(spent.used),
        **about,
    )


def minors(user_id: int, guild_id: int | None, channel_id: int) -> str:
    """To the operator: somebody asked for what is never made; not what they wrote."""
    return (
        f"🚨 **Sexual content about minors** was asked for by <@{user_id}> (`{user_id}`) in "
        f"{_where(guild_id, channel_id)}. It was refused before anything was bought, and nothing "
        f"of it is stored. {_AGAIN}"
    )


def brought_back(user_id: int, guild_id: int | None, channel_id: int) -> str:
    """To the operator: somebody attached what was taken down; not which of it."""
    return (
        f"🚨 **A picture that you took down** was attached by <@{user_id}> (`{user_id}`) in "
        f"{_where(guild_id, channel_id)}. It was refused before anything was bought, and is not "
        f"stored. {_AGAIN}"
    )


def _where(guild_id: int | None, channel_id: int) -> str:
    return f"<#{channel_id}> of the server `{guild_id}`" if guild_id else "a direct message"
