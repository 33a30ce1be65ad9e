"""From a request to a reservation: every rule, in order, before anything is bought."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeVar

from bot import policy
from bot.clock import Clock
from bot.domain.channel import ChannelPolicy
from bot.domain.generation import Generation, Request
from bot.domain.guild import GuildPolicy
from bot.domain.limits import Limit, Scope, Spent, Unit
from bot.domain.model import Model
from bot.domain.style import Style
from bot.policy import access, quota, styles
from bot.policy.automod.screening import screen as screen_by_automod
from bot.policy.automod.standing import UNKNOWN, Standing
from bot.record import Record, replace
from bot.refusals import CostNotAccepted, Paused, PolicyChanged, PriceUnknown, Refused
from bot.refusals.words import MinorsRefused
from bot.request import planning
from bot.request.alarm import Alarm
from bot.request.breaker import Breaker
from bot.request.input import Chosen, measure
from bot.request.planning import Here
from bot.request.screens import Screens
from bot.storage.storage import Storage

_T = TypeVar("_T")


class Screened(Record):
    """A request that every rule lets through, planned; and the limits that it counts in."""

    request: Request
    model: Model
    guild: GuildPolicy
    limits: tuple[Limit, ...]
    member: int


class Admitted(Record):
    """A reservation (a row for each prediction), and the limits that it was made under."""

    generations: list[Generation]
    limits: tuple[Limit, ...]


class Admission:
    """Asks the rules, then the ledger; what it refuses is raised, and costs nothing."""

    def __init__(
        self,
        storage: Storage,
        rules: policy.Rules,
        breaker: Breaker,
        clock: Clock,
        screens: Screens,
        alarm: Alarm,
        automod: Mapping[int, Standing] | None = None,
    ) -> None:
        """`automod`: what is known of each server's AutoMod, at any time; None: of no server."""
        self._ledger = storage.ledger
        self._settings = storage.settings
        self._sanctions = storage.sanctions
        self._screens = screens
        self._styles = storage.styles
        self._alarm = alarm
        self._rules = rules
        self._breaker = breaker
        self._clock = clock
        self._automod = {} if automod is None else automod

    def here(self, request: Request) -> Request:
        """As it is answered in its channel, by the settings in memory."""
        return access.applied(request, self._channel(request))

    async def admit(self, request: Request, chosen: Chosen, place: policy.Place) -> Admitted:
        """Screen, complete the request with what was chosen and its pictures, reserve.

        Raises the first `Refused` that applies. Whoever is blocked gets no reservation, and is told
        that whatever else is wrong; so it is asked only where something is.
        """
        return await self.in_order(request, partial(self._reserved, request, chosen, place))

    async def in_order(self, request: Request, step: Callable[[], Awaitable[_T]]) -> _T:
        """What `step` makes of it. Who is blocked is told that, whatever else it refuses."""
        try:
            return await self._by_policy(request, step)
        except Refused:
            await self._unblocked(request)
            raise

    async def _by_policy(self, request: Request, step: Callable[[], Awaitable[_T]]) -> _T:
        """By the server's settings in memory; the reservation names their version.

        Where somebody has changed them since, everything is asked again, once.
        """
        try:
            return await step()
        except PolicyChanged:
            await self._unblocked(request)  # the reservation does not say which it was
            await self._screens.reload(request.guild_id or 0)
            await self._styles.reload(request.guild_id or 0)
            await self._settings.reload(request.guild_id or 0)
            return await step()

    async def _unblocked(self, request: Request) -> None:
        now = self._clock.now()
        await self._sanctions.admit(request.guild_id, request.user_id, now=now)

    async def spent(self, request: Request, limits: tuple[Limit, ...]) -> list[Spent]:
        """How much of them counts by now, with this request; of the filter's brake nobody asks."""
        limits = tuple(limit for limit in limits if limit.scope is not Scope.FILTER)
        if not limits:
            return []
        counted = await self._ledger.counted(request, self._rules.price_micros(request.model))
        return await self._ledger.spending.of(counted, limits)

    def _channel(self, request: Request) -> ChannelPolicy:
        return ChannelPolicy.of(self._settings.policy(request.guild_id), request.place_id)

    async def screened(
        self, request: Request, chosen: Chosen, place: policy.Place, *, by_person: bool = True
    ) -> Screened:
        """By every rule but those about money; `by_person`: somebody wrote these words themselves.

        Raises the first `Refused` that applies.
        """
        now, rules = self._clock.now(), self._rules
        chosen = replace(chosen, pictures=len(request.pictures))
        guild = self._settings.policy(request.guild_id)
        channel = self._channel(request)
        if request.review != channel.review:
            raise PolicyChanged  # since whoever asked was to be answered privately, or not
        access.enter(request, place, channel, borrowed=chosen.borrowed)
        here = Here(place, guild, channel, access.offered(rules.offer, chosen.model, channel))
        request = replace(request, style=self._style(request, chosen))
        chosen = planning.preferring(request, chosen, here, rules)
        model = here.offer.model(chosen.model, guild, request.place_id)
        planning.screen(request, model, here, rules)
        policy.screen_pictures(request.pictures)
        access.set_up(place, guild, rules)
        texts = styles.texts(request, model, chosen.options)
        await self._judged(request, texts, now, by_person=by_person)
        request = planning.planned(access.applied(request, channel), chosen, model, here)
        request = replace(request, stand_in=planning.stand_in(request, chosen, here, rules))
        policy.admit(request.user_id, place, guild, now)
        await self._by_automod(request, texts, here)
        if not self._breaker.admits(now):
            raise Paused("provider", told=rules.operator_id is not None)
        member = await self._ledger.aliases.of(request.user_id)
        asker = quota.Asker(member, place.role_ids, request.place_id)
        limits = quota.limits(rules.operator, guild, asker, now)
        return Screened(request, model, guild, limits, member)

    async def _reserved(self, request: Request, chosen: Chosen, place: policy.Place) -> Admitted:
        screened = await self.screened(request, chosen, place)
        request, model, limits = screened.request, screened.model, screened.limits
        price_micros = self._rules.price_micros(request.model)
        if price_micros is None and any(each.unit is Unit.MICROS for each in limits):
            raise PriceUnknown(request.model)
        await self._accepted(request, chosen, price_micros, limits)
        generations = await self._ledger.reserve(
            request,
            now=self._clock.now(),
            price_micros=price_micros,
            limits=limits,
            capacity=self._rules.capacity,
            policy_version=screened.guild.version,
            seed=model.seed.input if model.seed else None,
        )
        return Admitted(generations, limits)

    def _style(self, request: Request, chosen: Chosen) -> Style | None:
        return styles.chosen(chosen.style, self._styles.of(request.guild_id))

    async def _judged(
        self, request: Request, texts: Mapping[str, str], now: int, *, by_person: bool
    ) -> None:
        """Every free text that would reach a provider, in open channels too.

        Its length first: what is too long to be sent is not worth reading.
        """
        prompts = ("prompt", styles.TYPED)
        measure({name: text for name, text in texts.items() if name not in prompts})
        try:
            await self._screens.judge(texts, request.guild_id, now=now)
        except MinorsRefused:
            if by_person:
                self._alarm.raised(request)
            raise MinorsRefused(told=self._rules.operator_id is not None) from None

    async def _by_automod(self, request: Request, texts: Mapping[str, str], here: Here) -> None:
        standing = self._automod.get(request.guild_id or 0, UNKNOWN)
        automod = standing.automod
        written = list(texts.values())
        judge = partial(screen_by_automod, standing, request, written, here.place, here.guild)
        if automod is None:
            judge()
        else:
            long = automod.takes_long
            await self._screens.turn(request.guild_id, written, judge, takes_long=long)

    async def _accepted(
        self, request: Request, chosen: Chosen, price_micros: int | None, limits: tuple[Limit, ...]
    ) -> None:
        """Raise CostNotAccepted where it is dear, and nobody has said yes to so much.

        What no limit has room for is not offered: QuotaExceeded.
        """
        most, cost = self._rules.confirm_above, (price_micros or 0) * chosen.count
        if most is None or cost <= max(most, chosen.accepted_micros or 0):
            return
        counted = replace(await self._ledger.counted(request, price_micros), images=request.asked)
        if (exceeded := await self._ledger.spending.exceeded(counted, limits)) is not None:
            raise exceeded
        money = tuple(limit for limit in limits if limit.unit is Unit.MICROS)
        spent = await self.spent(request, money)
        left = min((each.left for each in spent), default=None)
        raise CostNotAccepted(cost, left, request.model)
