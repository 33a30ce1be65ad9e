"""`/settings` in words: what is set, by whom, and what was wrong with what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.guild import CHANNEL_SETTINGS, PRESETS, GuildPolicy, Holder, Record
from bot.limits import UNLIMITED, Allowance, Period, Unit
from bot.quota import Operator
from bot.text import escaped, fitting, money, plural, shorten, when
from bot.wording import channels, presets

TITLE = "## Settings of this server"
NEEDS_MANAGE_SERVER = "Only members with Manage Server can change this server's settings."
CHANGED_MEANWHILE = "Somebody changed these settings meanwhile. Look again, and open the form anew."
NOT_YOUR_OWN = "Nobody sets a limit of their own. Ask another manager of this server."
WHICH = {
    Holder.ROLE: "Which role?",
    Holder.MEMBER: "Which member?",
    Holder.CHANNEL: "Which channel?",
}
HOLDERS: Mapping[Holder, str] = {
    Holder.GUILD: "This server …",
    Holder.EVERYONE: "Each member …",
    Holder.ROLE: "A role …",
    Holder.MEMBER: "A member …",
    Holder.CHANNEL: "A channel …",
}
WORDS = "**Words** · what nobody may ask for here, each with your reason"
WORDS_BUTTON = "Words …"
FIELDS: Mapping[str, str] = {
    "day_images": "Images a day",
    "month_images": "Images a month",
    "day_micros": "US dollars a day",
    "month_micros": "US dollars a month",
}
LIMITS = """\
**Limits** · all hold at once
-# A member has their own, else the highest of their roles', else each member's; the channel's, \
the server's and the operator's hold as well."""
#: UTF-16 units for the list of limits: all else in the panel, as long as it can be, and these are
#: within the 4,000 that Discord shows of one.
LISTED = 1_000
LIMIT_ABOUT = "A number; “none” for no limit; empty to leave it unset"
#: UTF-16 units of a value in the list of changes.
_VALUE = 60
#: Of lines that were written, as of words that are refused; escaping may double it.
_WRITTEN = 100
_PER = {Period.DAY: "a day", Period.MONTH: "a month"}
_NAMES = {
    "zone": "the time zone",
    "paused": "the pause",
    "refusals_an_hour": "the filter's brake",
    "account_days": "the age of accounts",
    "member_days": "the time of membership",
    "notices": "the channel for notices",
    "automod": "the server's AutoMod",
    "words": "words that are refused",
    "styles": "styles",
    "day_images": "images a day",
    "month_images": "images a month",
    "day_micros": "dollars a day",
    "month_micros": "dollars a month",
    **channels.NAMES,
    **presets.NAMES,
}


def pause(policy: GuildPolicy) -> str:
    if policy.paused:
        return "⏸ **Paused.** Requests are refused, who waits in line goes on waiting."
    return "**Images** are generated here."


def zone(policy: GuildPolicy, operator: Operator) -> str:
    name = policy.zone or f"{operator.zone} (the installation's)"
    return f"**Time zone** · {name}\n-# Days and months of the limits begin at its midnight."


def brakes(policy: GuildPolicy) -> str:
    refusals = policy.refusals_an_hour
    lines = [
        "no brake on refusals by the provider's filter"
        if refusals is None
        else f"after {plural(refusals, 'refusal')} by the provider's filter in an hour one waits",
        f"accounts at least {plural(policy.account_days, 'day')} old"
        if policy.account_days
        else "accounts of any age",
        f"members for at least {plural(policy.member_days, 'day')}"
        if policy.member_days
        else "members from their first minute",
    ]
    return f"**Brakes** · {' · '.join(lines)}"


NOTICES_UNHEARD = "The bot cannot write in that channel. Let it, or choose another one."


def notices(policy: GuildPolicy) -> str:
    where = f"in <#{policy.notices}>" if policy.notices else "to the server's owner, privately"
    return f"**Notices** · at 50, 80 and 100 % of the server's budgets, {where}"


def limits(policy: GuildPolicy, operator: Operator, people: Mapping[int, int]) -> str:
    """Everything that is limited; `people` are the members whose pseudonyms are known."""
    lines = [
        f"{_holder(holder, subject, people)} · {allowance(each)}"
        for (holder, subject), each in sorted(policy.allowances.items(), key=_order)
    ]
    shown = fitting(lines, LISTED)
    if shown < len(lines):
        lines[shown:] = [f"… and {len(lines) - shown} more"]
    of_operator = [
        ("each person, in all servers", operator.person),
        ("all servers together", operator.installation),
    ]
    lines += [
        f"-# The operator's: {whose} · {allowance(each)}"
        for whose, each in of_operator
        if any(each.parts())
    ]
    return "\n".join([LIMITS, *(lines or ["none"])])


def allowance(allowed: Allowance) -> str:
    """What is allowed, on one line."""
    parts = [f"{_amount(unit, most)} {_PER[period]}" for unit, period, most in allowed.parts()]
    if UNLIMITED in (allowed.day_images, allowed.month_images):
        parts.append("otherwise as many images as they like" if parts else "no limit")
    return " · ".join(parts) or "no limit"


def _amount(unit: Unit, count: int) -> str:
    return money(count) if unit is Unit.MICROS else plural(count, "image")


def changes(records: Iterable[Record], people: Mapping[int, int]) -> str:
    """The last changes: when, by whom, of what, from, to."""
    shown = [
        f"-# {when(each.at)} {_who(each.actor, people)}: {changed(each, people)}"
        for each in records
    ]
    return "\n".join(["**Last changes**", *shown]) if shown else "-# Nothing was changed yet."


def _who(actor: int, people: Mapping[int, int]) -> str:
    person = people.get(actor)
    return "somebody whose data was erased" if person is None else f"<@{person}>"


def changed(record: Record, people: Mapping[int, int]) -> str:
    """Of what, from, to."""
    what = _NAMES.get(record.name, record.name)
    if record.holder is not Holder.GUILD or record.name in (*FIELDS, *PRESETS, *CHANNEL_SETTINGS):
        what = f"{_holder(record.holder, record.subject, people)}, {what}"
    if record.before is record.after is None:
        return f"{what}: {escaped(record.reason, _WRITTEN) or 'changed'}"
    before, after = _value(record.name, record.before), _value(record.name, record.after)
    return f"{what}: {before} → {after}"


def _value(name: str, value: str | None) -> str:
    if value is None:
        return "not set"
    if name == "paused":
        return "on"
    if name == "notices":
        return f"<#{value}>"
    if value == str(UNLIMITED):
        return "no limit"
    if name in CHANNEL_SETTINGS:
        whole = channels.value(name, value)
        parts = whole.split(", ")  # a mention is whole or not there
        shown = ", ".join(parts[: fitting(parts, _VALUE, between=2)])
        return shorten(whole, _VALUE) if not shown else shown if shown == whole else f"{shown}, …"
    return money(int(value)) if name.endswith("_micros") else presets.value(name, value)


def _order(entry: tuple[tuple[Holder, int], Allowance]) -> tuple[int, int]:
    """As they are looked up: the person's first, the server's last."""
    (holder, subject), _ = entry
    order = (Holder.MEMBER, Holder.ROLE, Holder.EVERYONE, Holder.CHANNEL, Holder.GUILD)
    return order.index(holder), subject


def _holder(holder: Holder, subject: int, people: Mapping[int, int]) -> str:
    match holder:
        case Holder.ROLE:
            return f"<@&{subject}>"
        case Holder.CHANNEL:
            return f"<#{subject}>"
        case Holder.MEMBER:
            person = people.get(subject)
            return "A member whose data was erased" if person is None else f"<@{person}>"
        case _:
            return HOLDERS[holder].rstrip(" …")


def unusable(problems: Sequence[tuple[str, str]]) -> str:
    """What was typed and cannot be used: the field, and what it takes."""
    lines = [f"**{label}**: {remedy}" for label, remedy in problems]
    return "\n".join(["Nothing was changed.", *lines])


def needs_price(model: str) -> str:
    return (
        f"Money cannot be limited while nobody has said what an image of `{model}` costs. "
        f"The operator sets its price in MODEL_PRICES, like `{model}=0.06`."
    )
