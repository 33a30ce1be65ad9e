"""`/settings` in words: what is set, by whom, and what was wrong with what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.domain.guild import CHANNEL_SETTINGS, PRESETS, Changed, GuildPolicy, Holder
from bot.domain.limits import UNLIMITED, Allowance, Period, Unit
from bot.language import N_, _
from bot.policy.quota import Operator
from bot.text import counted, escaped, fitting, money, more, shorten, when
from bot.wording import channels, presets

TITLE = N_("## Settings of this server")
NEEDS_MANAGE_SERVER = N_("Only members with Manage Server can change this server's settings.")
CHANGED_MEANWHILE = N_(
    "Somebody else has just changed these settings. Look at them, then open the form again."
)
NOT_YOUR_OWN = N_("You cannot set your own limit. Ask another manager of this server.")
WHICH = {
    Holder.ROLE: N_("Which role?"),
    Holder.MEMBER: N_("Which member?"),
    Holder.CHANNEL: N_("Which channel?"),
}
HOLDERS: Mapping[Holder, str] = {
    Holder.GUILD: N_("This server …"),
    Holder.EVERYONE: N_("Each member …"),
    Holder.ROLE: N_("A role …"),
    Holder.MEMBER: N_("A member …"),
    Holder.CHANNEL: N_("A channel …"),
}
ERASED = N_("somebody whose data was erased")
_HELD = {Holder.GUILD: N_("This server"), Holder.EVERYONE: N_("Each member")}
#: Of the other forms.
TITLES: Mapping[str, str] = {"zone": N_("Time zone"), "brakes": N_("Brakes")}
#: Of the form of each holder's limits.
FORMS: Mapping[Holder, str] = {
    Holder.GUILD: N_("Limits: this server"),
    Holder.EVERYONE: N_("Limits: each member"),
    Holder.ROLE: N_("Limits: a role"),
    Holder.MEMBER: N_("Limits: a member"),
    Holder.CHANNEL: N_("Limits: a channel"),
}
WORDS = N_("**Words** · what nobody may ask for here, each with your reason")
WORDS_BUTTON, CHANGE = N_("Words …"), N_("Change")
PAUSE, RESUME = N_("Pause"), N_("Resume")
NOTICES = N_("Send notices to a channel instead")
ZONE, ZONE_ABOUT = N_("Time zone"), N_("A name like Europe/Berlin. Empty: the bot's own")
BRAKES = N_("Brakes")
FIELDS: Mapping[str, str] = {
    "day_images": N_("Images a day"),
    "month_images": N_("Images a month"),
    "day_micros": N_("US dollars a day"),
    "month_micros": N_("US dollars a month"),
}
BRAKE_FIELDS: Mapping[str, str] = {
    "refusals_an_hour": N_("Refusals by the filter an hour"),
    "account_days": N_("Accounts: days old at least"),
    "member_days": N_("Members: days in the server at least"),
}
LIMITS = N_("""\
**Limits** · all apply at once
-# For a member their own, else the highest of their roles', else each member's; the channel's, \
the server's and the operator's apply as well.""")
#: UTF-16 units for the list of limits: all else in the panel, as long as it can be, and these are
#: within the 4,000 that Discord shows of one.
LISTED = 1_000
LIMIT_ABOUT = N_("A number; “none” for no limit; empty to leave it unset")
#: UTF-16 units of a value in the list of changes.
_VALUE = 60
#: Of lines that were written, as of words that are refused; escaping may double it.
_WRITTEN = 100
_NAMES = {
    "zone": N_("the time zone"),
    "paused": N_("the pause"),
    "refusals_an_hour": N_("the filter's brake"),
    "account_days": N_("the age of accounts"),
    "member_days": N_("the time of membership"),
    "notices": N_("the channel for notices"),
    "automod": N_("the server's AutoMod"),
    "words": N_("words that are refused"),
    "styles": N_("styles"),
    "day_images": N_("images a day"),
    "month_images": N_("images a month"),
    "day_micros": N_("dollars a day"),
    "month_micros": N_("dollars a month"),
    "mode": N_("images"),
    "roles": N_("who may ask"),
    "privacy": N_("private replies"),
    "sources": N_("pictures as input"),
    "spoiler": N_("spoilers"),
    "keep_days": N_("kept for"),
    "models": N_("models allowed"),
    "lenient": N_("most lenient level"),
    "review": N_("review"),
    "desk": N_("review desk"),
    "rejected_counts": N_("rejected images"),
    "saving": N_("saved images"),
    "direct": N_("direct messages"),
    "mention": N_("mention"),
    "language": N_("language"),
    **presets.NAMES,
}


def pause(policy: GuildPolicy) -> str:
    if policy.paused:
        return _("⏸ **Paused.** Requests are refused; those already in line keep waiting.")
    return _("**Images** are generated here.")


def zone(policy: GuildPolicy, operator: Operator) -> str:
    name = policy.zone or _("{zone} (the bot's own)").format(zone=operator.zone)
    about = _("Days and months of the limits begin at its midnight.")
    return f"**{_(ZONE)}** · {name}\n-# {about}"


def brakes(policy: GuildPolicy) -> str:
    refusals = policy.refusals_an_hour
    filtered = (
        _("no brake on refusals by the provider's filter")
        if refusals is None
        else counted(
            "people wait after {count} refusal by the provider's filter in an hour",
            "people wait after {count} refusals by the provider's filter in an hour",
            refusals,
        )
    )
    days = policy.account_days
    accounts = (
        counted("accounts at least {count} day old", "accounts at least {count} days old", days)
        if days
        else _("accounts of any age")
    )
    days = policy.member_days
    members = (
        counted("members for at least {count} day", "members for at least {count} days", days)
        if days
        else _("members from their first minute")
    )
    return f"**{_(BRAKES)}** · {filtered} · {accounts} · {members}"


NOTICES_UNHEARD = N_(
    "The bot cannot write in that channel. Allow it to, or choose another channel."
)


def notices(policy: GuildPolicy) -> str:
    if not policy.notices:
        return _(
            "**Notices** · at 50, 80 and 100 % of the server's budgets, to the server's owner, "
            "privately"
        )
    return _("**Notices** · at 50, 80 and 100 % of the server's budgets, in {channel}").format(
        channel=f"<#{policy.notices}>"
    )


def limits(policy: GuildPolicy, operator: Operator, people: Mapping[int, int]) -> str:
    """Everything that is limited; `people` are the members whose pseudonyms are known."""
    lines = [
        f"{_holder(holder, subject, people)} · {allowance(each)}"
        for (holder, subject), each in sorted(policy.allowances.items(), key=_order)
    ]
    shown = fitting(lines, LISTED)
    if shown < len(lines):
        lines[shown:] = [more(len(lines) - shown)]
    of_operator = [
        (_("-# The operator's: each person, in all servers · {limit}"), operator.person),
        (_("-# The operator's: all servers together · {limit}"), operator.installation),
    ]
    lines += [form.format(limit=allowance(each)) for form, each in of_operator if any(each.parts())]
    return "\n".join([_(LIMITS), *(lines or [_("none")])])


def allowance(allowed: Allowance) -> str:
    """What is allowed, on one line."""
    parts = [_amount(unit, period, most) for unit, period, most in allowed.parts()]
    if UNLIMITED in (allowed.day_images, allowed.month_images) and parts:
        parts.append(_("otherwise as many images as they like"))
    return " · ".join(parts) or _("no limit")


def _amount(unit: Unit, period: Period, count: int) -> str:
    if unit is Unit.MICROS:
        form = _("{money} a day") if period is Period.DAY else _("{money} a month")
        return form.format(money=money(count))
    if period is Period.DAY:
        return counted("{count} image a day", "{count} images a day", count)
    return counted("{count} image a month", "{count} images a month", count)


def changes(records: Iterable[Changed], people: Mapping[int, int]) -> str:
    """The last changes: when, by whom, of what, from, to."""
    shown = [
        f"-# {when(each.at)} {_who(each.actor, people)}: {changed(each, people)}"
        for each in records
    ]
    if not shown:
        return _("-# Nothing was changed yet.")
    return "\n".join([_("**Last changes**"), *shown])


def _who(actor: int, people: Mapping[int, int]) -> str:
    person = people.get(actor)
    return _(ERASED) if person is None else f"<@{person}>"


def changed(record: Changed, people: Mapping[int, int]) -> str:
    """Of what, from, to."""
    what = _(_NAMES.get(record.name, record.name))
    if record.holder is not Holder.GUILD or record.name in (*FIELDS, *PRESETS, *CHANNEL_SETTINGS):
        what = f"{_holder(record.holder, record.subject, people)}, {what}"
    if record.before is record.after is None:
        return f"{what}: {escaped(record.reason, _WRITTEN) or _('changed')}"
    before, after = _value(record.name, record.before), _value(record.name, record.after)
    return f"{what}: {before} → {after}"


def _value(name: str, value: str | None) -> str:
    if value is None:
        return _("not set")
    if name == "paused":
        return _("on")
    if name == "notices":
        return f"<#{value}>"
    if value == str(UNLIMITED):
        return _("no limit")
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
            return _("A member whose data was erased") if person is None else f"<@{person}>"
        case _:
            return _(_HELD[holder])


def unusable(problems: Sequence[tuple[str, str]]) -> str:
    """What was typed and cannot be used: the field, and what it takes."""
    lines = [f"**{label}**: {remedy}" for label, remedy in problems]
    return "\n".join([_("Nothing was changed."), *lines])


def needs_price(model: str) -> str:
    return _(
        "Money cannot be limited as long as the price of an image by `{model}` is unknown. "
        "The operator sets it in MODEL_PRICES, like `{model}=0.06`."
    ).format(model=model)


def of_channel(channel_id: int) -> str:
    """The title of its page."""
    return _("## Settings of {channel}").format(channel=f"<#{channel_id}>")


def between(least: int, most: int, *, none: bool = False) -> str:
    """What a field takes."""
    form = _("{least} to {most}, or none") if none else _("{least} to {most}")
    return form.format(least=least, most=most)
