"""From a request to a reservation: every rule, in order, before anything is bought."""

from __future__ import annotations

from dataclasses import dataclass

from bot import policy, quota
from bot.breaker import Breaker
from bot.clock import Clock
from bot.domain import Generation, Request
from bot.limits import Limit, Scope, Spent, Unit
from bot.refusals import Paused, PolicyChanged, PriceUnknown
from bot.storage.ledger import Ledger
from bot.storage.settings import GuildSettings


@dataclass(frozen=True, slots=True)
class Admitted:
    """A reservation, and the limits that it was made under."""

    generation: Generation
    limits: tuple[Limit, ...]


class Admission:
    """Asks the rules, then the ledger; what it refuses is raised, and costs nothing."""

    def __init__(
        self,
        ledger: Ledger,
        settings: GuildSettings,
        rules: policy.Rules,
        breaker: Breaker,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._settings = settings
        self._rules = rules
        self._breaker = breaker
        self._clock = clock

    async def admit(self, request: Request, place: policy.Place) -> Admitted:
        """Screen and reserve. Raises the first `Refused` that applies.

        The server's settings are those in memory; the reservation names their version, and where
        somebody has changed them since, everything is asked again, once.
        """
        try:
            return await self._reserved(request, place)
        except PolicyChanged:
            await self._settings.reload(request.guild_id or 0)
            return await self._reserved(request, place)

    async def spent(self, request: Request, limits: tuple[Limit, ...]) -> list[Spent]:
        """How much of them counts by now, with this request; of the filter's brake nobody asks."""
        limits = tuple(limit for limit in limits if limit.scope is not Scope.FILTER)
        if not limits:
            return []
        counted = await self._ledger.counted(request, self._rules.price_micros(request.model))
        return await self._ledger.spending.of(counted, limits)

    async def _reserved(self, request: Request, place: policy.Place) -> Admitted:
        now, rules = self._clock.now(), self._rules
        guild = self._settings.policy(request.guild_id)
        policy.screen(request.prompt, request.model, place, rules.policy)
        policy.screen_pictures(request.pictures)
        policy.admit(request.user_id, place, guild, now)
        if not self._breaker.admits(now):
            raise Paused("provider", told=rules.operator_id is not None)
        member = await self._ledger.aliases.of(request.user_id)
        asker = quota.Asker(member, place.role_ids, request.place_id)
        limits = quota.limits(rules.operator, guild, asker, now)
        price_micros = rules.price_micros(request.model)
        if price_micros is None and any(each.unit is Unit.MICROS for each in limits):
            raise PriceUnknown(request.model)
        generation = await self._ledger.reserve(
            request,
            now=now,
            price_micros=price_micros,
            limits=limits,
            capacity=rules.capacity,
            policy_version=guild.version,
        )
        return Admitted(generation, limits)
