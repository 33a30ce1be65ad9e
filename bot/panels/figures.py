"""What `/usage` shows: a person's own figures, a member's, a server's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta, tzinfo

from bot import windows
from bot.clock import Clock
from bot.domain.generation import Usage
from bot.domain.limits import Scope, Spent
from bot.domain.sums import DailyUsage, Figures, ServerFigures
from bot.policy import Rules, quota
from bot.record import replace
from bot.storage.ledger import Ledger
from bot.storage.people import People
from bot.storage.settings import GuildSettings
from bot.storage.spending import Counted
from bot.storage.usage import QUARTER_MS, By, Of, Sums

#: How many generations `/usage` lists, and how many people and models a server's figures name.
RECENT, TOP = 10, 8
#: Days in the chart, today among them.
DAYS = 30

_PERSONAL = (Scope.USER, Scope.MEMBER)


class FiguresOf:
    """Sums that are read when asked; what they mean is decided nowhere else."""

    def __init__(
        self,
        ledger: Ledger,
        sums: Sums,
        settings: GuildSettings,
        people: People,
        rules: Rules,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._sums = sums
        self._settings = settings
        self._people = people
        self._rules = rules
        self._clock = clock

    async def person(self, user_id: int, guild_id: int | None, asker: quota.Asker) -> Figures:
        """Their own, in all servers; and what is used of the limits that hold for them here."""
        spent = await self._spent(user_id, guild_id, asker)
        return Figures(
            **await self._times(Of(user_id), guild_id),
            limits=tuple(each for each in spent if each.limit.scope in _PERSONAL),
            recent=tuple(await self._ledger.recent(user_id, RECENT)),
        )

    async def member(self, user_id: int, guild_id: int, asker: quota.Asker) -> Figures:
        """A member's in this server alone, for its managers: no prompts, nothing from elsewhere."""
        spent = await self._spent(user_id, guild_id, asker)
        return Figures(
            **await self._times(Of(user_id, guild_id), guild_id),
            limits=tuple(each for each in spent if each.limit.scope is Scope.MEMBER),
            recent=(),
        )

    async def server(self, guild_id: int, asker: quota.Asker) -> ServerFigures:
        """This month's, in the server's time zone."""
        zone, now = self._zone(guild_id), self._clock.now()
        month = Of(guild_id=guild_id, since=windows.month(now, zone).since)
        today = replace(month, since=windows.day(now, zone).since)
        spent = await self._spent(0, guild_id, asker)
        named, others = await self._named(await self._sums.by(By.USER, month))
        models = await self._sums.by(By.MODEL, month)
        return ServerFigures(
            today=await self._sums.total(today),
            month=await self._sums.total(month),
            limits=tuple(each for each in spent if each.limit.scope is Scope.GUILD),
            people=named,
            others=others,
            models={str(model): usage for model, usage in list(models.items())[:TOP]},
        )

    async def installation(self) -> list[Spent]:
        """What is used of the operator's limits on everything together, for whoever watches."""
        spent = await self._spent(0, None, quota.Asker(0, (), 0))
        return [each for each in spent if each.limit.scope is Scope.INSTALLATION]

    async def days(self, of: Of, guild_id: int | None) -> list[DailyUsage]:
        """The last DAYS days, oldest first, each a day of the server's time zone."""
        zone = self._zone(guild_id)
        last = windows.local_day(self._clock.now(), zone)
        first = last - timedelta(days=DAYS - 1)
        since = windows.midnight(first, zone)
        quarters = await self._sums.by(By.QUARTER, replace(of, since=since))
        by_day: dict[object, list[Usage]] = defaultdict(list)
        for quarter, usage in quarters.items():
            day = windows.local_day(int(quarter or 0) * QUARTER_MS, zone)
            by_day[day].append(usage)
        days = [first + timedelta(days=number) for number in range(DAYS)]
        return [DailyUsage(day, total(by_day[day])) for day in days]

    async def _times(self, of: Of, guild_id: int | None) -> dict[str, Usage]:
        now, zone = self._clock.now(), self._zone(guild_id)
        day, month = windows.day(now, zone).since, windows.month(now, zone).since
        return {
            "today": await self._sums.total(replace(of, since=day)),
            "month": await self._sums.total(replace(of, since=month)),
            "all_time": await self._sums.total(of),
        }

    async def _spent(
        self, user_id: int, guild_id: int | None, asker: quota.Asker
    ) -> Sequence[Spent]:
        guild = self._settings.policy(guild_id)
        limits = quota.limits(self._rules.operator, guild, asker, self._clock.now())
        price = self._rules.price_micros(self._rules.model)
        counted = Counted(user_id, asker.member, guild_id, asker.place_id, price)
        return await self._ledger.spending.of(counted, limits)

    async def _named(
        self, people: Mapping[int | str | None, Usage]
    ) -> tuple[dict[int, Usage], Usage]:
        known = {int(id): usage for id, usage in people.items() if isinstance(id, int) and id > 0}
        unlisted = await self._people.unlisted(known)
        may_be = [(id, usage) for id, usage in known.items() if id not in unlisted][:TOP]
        named = dict(may_be)
        others = total(usage for id, usage in people.items() if id not in named)
        return named, others

    def _zone(self, guild_id: int | None) -> tzinfo:
        return quota.zone_of(self._settings.policy(guild_id), self._rules.operator)


def total(usages: Iterable[Usage]) -> Usage:
    """All of them together; unknown as soon as one is."""
    each = list(usages)
    compute = [usage.compute_ms for usage in each]
    costs = [usage.cost_micros for usage in each]
    return Usage(
        images=sum(usage.images for usage in each),
        failed=sum(usage.failed for usage in each),
        canceled=sum(usage.canceled for usage in each),
        unknown=sum(usage.unknown for usage in each),
        pending=sum(usage.pending for usage in each),
        compute_ms=None if None in compute else sum(value or 0 for value in compute),
        cost_micros=None if None in costs else sum(value or 0 for value in costs),
    )
