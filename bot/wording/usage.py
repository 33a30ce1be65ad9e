"""`/usage` in words: a person's figures, a server's; what is left of a limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain import Generation, Price, Usage
from bot.limits import Period, Scope, Spent, Unit
from bot.sums import Figures, ServerFigures
from bot.text import MESSAGE_LIMIT, escaped, money, plural, units, when

#: Whoever has so many images left is told.
FEW_LEFT = 3

_SCOPES = {
    Scope.USER: "",
    Scope.MEMBER: " in this server",
    Scope.CHANNEL: " in this channel",
    Scope.GUILD: " in this server",
    Scope.INSTALLATION: " in all servers",
}
_PERIODS = {Period.DAY: "today", Period.MONTH: "this month"}
NOBODY_ELSES = "Only members with Manage Server see other people's figures, or the server's."
ONE_AT_A_TIME = "Ask for a member or for the server, not for both at once."


def usage(figures: Figures, price: str, whose: str = "") -> str:
    """A person's figures on one screen, within Discord's 2,000 characters; `price` ends it."""
    lines = [
        *([whose] if whose else []),
        f"**Today** · {summary(figures.today)}",
        f"**This month** · {summary(figures.month)}",
        f"**All time** · {summary(figures.all_time)}",
        *(_limits(figures.limits) or ["**Limit** · none"]),
    ]
    if figures.recent:
        lines += ["**Last ones**", *map(_recent, figures.recent)]
    elif not whose:
        lines.append("Nothing generated yet. Try `/imagine`.")
    return _fitting(lines, price)


def server(figures: ServerFigures, price: str) -> str:
    """A server's figures; people appear as mentions that notify nobody."""
    others = figures.others
    lines = [
        "**This server**",
        f"**Today** · {summary(figures.today)}",
        f"**This month** · {summary(figures.month)}",
        *_limits(figures.limits),
    ]
    if figures.people:
        lines.append("**Most images this month**")
        lines += [f"<@{id}> · {summary(usage)}" for id, usage in figures.people.items()]
    if others.images or others.failed or others.canceled or others.unknown or others.pending:
        lines.append(f"Others · {summary(others)}")
    return _fitting(lines, price)


def price_note(model: str, price: Price | None) -> str:
    """What costs are computed from, as small print."""
    if price is None:
        return f"-# No price is set for `{model}`: costs are unknown."
    as_of = f" as of {price.as_of}" if price.as_of else ""
    source = f", according to {escaped(price.source, 100)}" if price.source else ""
    return f"-# Costs are estimates: {money(price.micros)} an image of `{model}`{as_of}{source}."


def few_left(spent: Iterable[Spent], asked: int = 1) -> str | None:
    """Said privately to whoever has only FEW_LEFT images left, by the tightest of their limits.

    Once: to whom the images just `asked` for have brought there.
    """
    own = [each for each in spent if each.limit.scope in (Scope.USER, Scope.MEMBER)]
    if not own:
        return None
    least = min(own, key=lambda each: each.left)
    if not least.left <= FEW_LEFT < least.left + asked:
        return None
    where, window = _SCOPES[least.limit.scope], _PERIODS[least.limit.period]
    left = plural(least.left, "image") if least.left else "no images"
    return f"You have {left} left{where} {window}; more {when(least.limit.resets_at)}."


def summary(usage: Usage) -> str:
    """Counts and costs on one line."""
    parts = [plural(usage.images, "image")]
    for count, word in (
        (usage.pending, "in progress"),
        (usage.failed, "failed"),
        (usage.canceled, "canceled"),
        (usage.unknown, "unknown"),
    ):
        if count:
            parts.append(f"{count:,} {word}")
    if usage.cost_micros is not None and usage.cost_micros:
        parts.append(f"about ${usage.cost_micros / 1_000_000:,.2f}")
    return " · ".join(parts)


def _limits(limits: Sequence[Spent]) -> list[str]:
    return [
        f"**Left {_PERIODS[each.limit.period]}**{_SCOPES[each.limit.scope]} · {_left(each)} · "
        f"resets {when(each.limit.resets_at)}"
        for each in limits
        if each.limit.period in _PERIODS
    ]


def _left(spent: Spent) -> str:
    if spent.limit.unit is Unit.MICROS:
        return f"{money(spent.left)} of {money(spent.limit.most)}"
    return f"{spent.left:,} of {spent.limit.most:,}"


def _fitting(lines: Sequence[str], last: str) -> str:
    """As many of the lines, from the first, as one message takes together with the last."""
    text = ""
    for line in lines:
        if units(text) + units(line) + 1 + units(last) > MESSAGE_LIMIT:
            break
        text += line + "\n"
    return text + last


def _recent(generation: Generation) -> str:
    request = generation.request
    place = request.guild_id or "@me"
    seen = None if request.private else generation.message_id  # else there is no link to it
    removed = generation.removed_by is not None
    message_id = None if removed else generation.published_id or seen
    link = f"https://discord.com/channels/{place}/{request.channel_id}/{message_id}"
    prompt = escaped(request.prompt, 60) or "(prompt erased)"
    named = f"[{prompt}](<{link}>)" if message_id else prompt
    became = "removed" if removed else generation.status.value
    return f"{when(generation.created_at)} · {became} · {named}"
