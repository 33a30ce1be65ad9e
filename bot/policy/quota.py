"""Which limits hold for one request: the operator's, the server's, the channel's, the person's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import tzinfo

from bot import windows
from bot.domain.guild import GuildPolicy, Holder
from bot.domain.limits import HOUR_MS, Allowance, Limit, Period, Scope, Unit
from bot.record import Record


class Asker(Record):
    """Who asks, as far as limits go: their pseudonym, their roles, the channel (not the thread)."""

    member: int
    role_ids: Iterable[int]
    place_id: int


class Operator(Record):
    """The operator's limits: for each person in all servers, and for everything together."""

    person: Allowance
    installation: Allowance
    zone: tzinfo


def limits(operator: Operator, guild: GuildPolicy, asker: Asker, now: int) -> tuple[Limit, ...]:
    """All that must hold, the person's own first: a refusal names the first that does not.

    Windows are days and months of the server's time zone; of the operator's limits, of theirs: a
    server that moves its midnight must not begin them anew.
    """
    zone = zone_of(guild, operator)
    found = [
        *_each(Scope.USER, operator.person, now, operator.zone),
        *_each(Scope.MEMBER, guild.person(asker.member, asker.role_ids), now, zone),
        *_each(Scope.CHANNEL, guild.allowance(Holder.CHANNEL, asker.place_id), now, zone),
        *_each(Scope.GUILD, guild.allowance(Holder.GUILD), now, zone),
        *_each(Scope.INSTALLATION, operator.installation, now, operator.zone),
    ]
    if guild.refusals_an_hour is not None:
        most, since = guild.refusals_an_hour, now - HOUR_MS
        found.insert(0, Limit(Scope.FILTER, Unit.REFUSALS, Period.HOUR, most, since, now + HOUR_MS))
    return tuple(found)


def zone_of(guild: GuildPolicy, operator: Operator) -> tzinfo:
    """The server's; the installation's where it set none, or one that is not known any more."""
    if guild.zone is not None:
        with suppress(ValueError):
            return windows.zone_named(guild.zone)
    return operator.zone


def _each(scope: Scope, allowance: Allowance, now: int, zone: tzinfo) -> Iterator[Limit]:
    for unit, period, most in allowance.parts():
        window = (windows.day if period is Period.DAY else windows.month)(now, zone)
        yield Limit(scope, unit, period, most, window.since, window.until)
