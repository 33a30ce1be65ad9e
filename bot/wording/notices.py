"""What the operator and a server's managers are told without having asked."""

from __future__ import annotations

from bot import errors
from bot.limits import Scope, Spent, Unit
from bot.text import escaped, money, plural, when

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
    name = f"The server {escaped(guild, 100)}" if guild else "This server"
    whose = name if limit.scope is Scope.GUILD else "This installation"
    if limit.unit is Unit.MICROS:
        used = f"has spent {money(spent.used)} of its {money(limit.most)}"
    else:
        used = f"has made {spent.used:,} of its {plural(limit.most, 'image')}"
    window = "today" if limit.period == "day" else "this month"
    what = "All further requests are refused until then" if step >= 100 else "It begins anew then"
    head = f"📊 **{step} % of a budget**: {whose} {used} for {window}."
    return f"{head} {what}: {when(limit.resets_at)}."


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
