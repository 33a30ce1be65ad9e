"""`/usage` in words: a person's figures, a server's; what is left of a limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.domain.generation import Generation, Price, Status, Usage
from bot.domain.limits import Period, Scope, Spent, Unit
from bot.language import N_, _
from bot.text import MESSAGE_LIMIT, cents, counted, escaped, money, number, units, when

if TYPE_CHECKING:
    from bot.domain.sums import Figures, ServerFigures

#: Whoever has so many images left is told.
FEW_LEFT = 3

_SERVER, _CHANNEL = N_("in this server"), N_("in this channel")
_SCOPES = {
    Scope.USER: "",
    Scope.MEMBER: _SERVER,
    Scope.CHANNEL: _CHANNEL,
    Scope.GUILD: _SERVER,
    Scope.INSTALLATION: N_("in all servers"),
}
_LEFT = {Period.DAY: N_("**Left today**"), Period.MONTH: N_("**Left this month**")}
_PERIODS = {Period.DAY: N_("today"), Period.MONTH: N_("this month")}
_STATUSES = {
    Status.PROPOSED: N_("proposed"),
    Status.QUEUED: N_("queued"),
    Status.SUBMITTING: N_("submitting"),
    Status.RUNNING: N_("running"),
    Status.REVIEWING: N_("reviewing"),
    Status.APPEALING: N_("appealing"),
    Status.DELIVERING: N_("delivering"),
    Status.DELIVERED: N_("delivered"),
    Status.KEPT: N_("kept"),
    Status.FAILED: N_("failed"),
    Status.CANCELED: N_("canceled"),
    Status.REJECTED: N_("rejected"),
    Status.EXPIRED: N_("expired"),
    Status.UNKNOWN: N_("unknown"),
}
NOBODY_ELSES = N_("Only members with Manage Server see other people's figures, or the server's.")
ONE_AT_A_TIME = N_("Ask for a member or for the server, not for both at once.")
_TODAY, _MONTH = N_("**Today** · {figures}"), N_("**This month** · {figures}")


def usage(figures: Figures, price: str, whose: str = "") -> str:
    """A person's figures on one screen, within Discord's 2,000 characters; `price` ends it."""
    lines = [
        *([whose] if whose else []),
        _(_TODAY).format(figures=summary(figures.today)),
        _(_MONTH).format(figures=summary(figures.month)),
        _("**All time** · {figures}").format(figures=summary(figures.all_time)),
        *(_limits(figures.limits) or [_("**Limit** · none")]),
    ]
    if figures.recent:
        lines += [_("**Last images**"), *map(_recent, figures.recent)]
    elif not whose:
        lines.append(_("Nothing generated yet. Try `/imagine`."))
    return _fitting(lines, price)


def member_here(person: str) -> str:
    """Whose figures they are."""
    return _("**{person} in this server**").format(person=person)


def server(figures: ServerFigures, price: str) -> str:
    """A server's figures; people appear as mentions that notify nobody."""
    others = figures.others
    lines = [
        _("**This server**"),
        _(_TODAY).format(figures=summary(figures.today)),
        _(_MONTH).format(figures=summary(figures.month)),
        *_limits(figures.limits),
    ]
    if figures.people:
        lines.append(_("**Most images this month**"))
        lines += [f"<@{id}> · {summary(usage)}" for id, usage in figures.people.items()]
    if others.images or others.failed or others.canceled or others.unknown or others.pending:
        lines.append(_("Others · {figures}").format(figures=summary(others)))
    return _fitting(lines, price)


def price_note(model: str, price: Price | None) -> str:
    """What costs are computed from, as small print."""
    if price is None:
        return _("-# No price is set for `{model}`: costs are unknown.").format(model=model)
    if price.as_of and price.source:
        form = _(
            "-# Costs are estimates: {price} an image of `{model}` as of {date}, according to "
            "{source}."
        )
    elif price.as_of:
        form = _("-# Costs are estimates: {price} an image of `{model}` as of {date}.")
    elif price.source:
        form = _("-# Costs are estimates: {price} an image of `{model}`, according to {source}.")
    else:
        form = _("-# Costs are estimates: {price} an image of `{model}`.")
    return form.format(
        price=money(price.micros),
        model=model,
        date=price.as_of,
        source=escaped(price.source or "", 100),
    )


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
    gaps = {"window": _(_PERIODS[least.limit.period]), "time": when(least.limit.resets_at)}
    return (_few if least.limit.scope is Scope.USER else _few_here)(least.left, gaps)


def _few(left: int, gaps: Mapping[str, str]) -> str:
    if not left:
        return _("You have no images left {window}; more {time}.").format(**gaps)
    return counted(
        "You have {count} image left {window}; more {time}.",
        "You have {count} images left {window}; more {time}.",
        left,
        **gaps,
    )


def _few_here(left: int, gaps: Mapping[str, str]) -> str:
    if not left:
        return _("You have no images left in this server {window}; more {time}.").format(**gaps)
    return counted(
        "You have {count} image left in this server {window}; more {time}.",
        "You have {count} images left in this server {window}; more {time}.",
        left,
        **gaps,
    )


def summary(usage: Usage) -> str:
    """Counts and costs on one line."""
    parts = [counted("{count} image", "{count} images", usage.images)]
    for count, form in (
        (usage.pending, _("{count} in progress")),
        (usage.failed, _("{count} failed")),
        (usage.canceled, _("{count} canceled")),
        (usage.unknown, _("{count} unknown")),
    ):
        if count:
            parts.append(form.format(count=number(count)))
    if usage.cost_micros is not None and usage.cost_micros:
        parts.append(_("about {cost}").format(cost=cents(usage.cost_micros)))
    return " · ".join(parts)


def _limits(limits: Sequence[Spent]) -> list[str]:
    return [_limit(each) for each in limits if each.limit.period in _PERIODS]


def _limit(spent: Spent) -> str:
    limit = spent.limit
    where = _SCOPES[limit.scope]
    head = _(_LEFT[limit.period]) + (f" {_(where)}" if where else "")
    resets = _("resets {time}").format(time=when(limit.resets_at))
    return f"{head} · {_left(spent)} · {resets}"


def _left(spent: Spent) -> str:
    if spent.limit.unit is Unit.MICROS:
        left, most = money(spent.left), money(spent.limit.most)
    else:
        left, most = number(spent.left), number(spent.limit.most)
    return _("{left} of {most}").format(left=left, most=most)


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
    prompt = escaped(request.prompt, 60) or _("(prompt erased)")
    named = f"[{prompt}](<{link}>)" if message_id else prompt
    became = _("removed") if removed else _(_STATUSES[generation.status])
    return f"{when(generation.created_at)} · {became} · {named}"
