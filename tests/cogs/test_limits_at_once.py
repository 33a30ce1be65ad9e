"""Sixty-four requests at once: a limit with room for ten gives ten, and nobody more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.domain.generation import Request
from bot.domain.guild import Change, Holder
from bot.domain.limits import UNLIMITED, Allowance
from bot.policy import PERMISSION_NAMES, Place
from bot.refusals import QuotaExceeded
from bot.request.admission import Admission, Admitted
from bot.request.alarm import Alarm
from bot.request.breaker import Breaker
from bot.request.input import Chosen
from bot.request.screens import Screens
from bot.storage.database import Database
from bot.storage.storage import Storage
from tests.clocks import HandClock
from tests.custody import begun
from tests.turns import PLENTY
from tests.world import MODEL, rules

CROWD, ROOM = 64, 10
#: As `tests.world.rules` has it.
PRICE = 60_000
GUILD, CHANNEL, MANAGER, EAGER = 7, 40, 3, 5
PAINTERS, CRITICS = 90, 91
HERE = Place(GUILD, PERMISSION_NAMES, role_ids=frozenset({PAINTERS}))

Outcome = Admitted | BaseException


async def _told(_text: str) -> bool:
    return True


@dataclass
class Door:
    """Everything that a request goes through, for real, but for Discord, which asks one by one."""

    database: Database
    clock: HandClock = field(default_factory=HandClock)

    def __post_init__(self) -> None:
        self.storage = Storage.of(self.database, "https://api.invalid")
        mine = rules(person=Allowance(), installation=Allowance(), capacity=PLENTY)
        self.admission = Admission(
            self.storage,
            mine,
            Breaker(),
            self.clock,
            Screens(self.storage.words, self.storage.settings),
            Alarm(self.clock, _told),
        )

    async def limit(self, *changes: Change) -> None:
        """As `/settings` sets it, in this process."""
        await self.storage.settings.change(GUILD, MANAGER, changes, now=self.clock.now())

    async def limit_elsewhere(self, *changes: Change) -> None:
        """As another process sets it: this one has the old settings in memory."""
        other = Storage.of(self.database).settings
        await other.change(GUILD, MANAGER, changes, now=self.clock.now())

    async def ask(self, number: int, user: int, *, thread: bool = False) -> Admitted:
        request = Request(
            interaction_id=number,
            application_id=2,
            guild_id=GUILD,
            channel_id=CHANNEL + number if thread else CHANNEL,
            parent_id=CHANNEL if thread else None,
            user_id=user,
            model=MODEL,
            prompt="a red fox",
            options={},
            token="secret",
            token_expires_at=0,
            size_limit=10,
        )
        return await self.admission.admit(request, Chosen(), HERE)

    async def crowd(self, numbers: Sequence[int] = range(CROWD)) -> list[Outcome]:
        """Different people, every second of them in a thread, all at this moment."""
        return await at_once([self.ask(n, 100 + n, thread=n % 2 == 0) for n in numbers])

    async def reserved(self) -> tuple[int, int]:
        """How many images, and micro-dollars."""
        sums = "select count(*), coalesce(sum(price_micros), 0) from generation"
        [row] = await self.database.read(sums, {})
        return row[0], row[1]


async def at_once(asked: Sequence[Awaitable[Admitted]]) -> list[Outcome]:
    return await asyncio.gather(*asked, return_exceptions=True)


def images(holder: Holder, subject: int, most: int) -> Change:
    return Change(holder, subject, "day_images", str(most))


def scopes(outcomes: Sequence[Outcome]) -> list[str]:
    """Of everybody who was refused, by which limit."""
    errors = [each for each in outcomes if isinstance(each, BaseException)]
    refused = [each for each in errors if isinstance(each, QuotaExceeded)]
    assert refused == errors
    return [each.scope for each in refused]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        here = Door(database)
        await begun(here.storage.ledger)
        yield here


@pytest.mark.parametrize(("holder", "subject"), [(Holder.GUILD, 0), (Holder.CHANNEL, CHANNEL)])
@pytest.mark.parametrize(
    ("name", "most"), [("day_images", ROOM), ("month_micros", ROOM * PRICE + PRICE - 1)]
)
async def test_a_crowd_gets_what_a_place_gives_in_images_or_in_money(
    door: Door, holder: Holder, subject: int, name: str, most: int
) -> None:
    await door.limit(Change(holder, subject, name, str(most)))

    outcomes = await door.crowd()

    assert await door.reserved() == (ROOM, ROOM * PRICE)
    assert scopes(outcomes) == [holder.value] * (CROWD - ROOM)


@pytest.mark.parametrize("holder", [Holder.EVERYONE, Holder.ROLE, Holder.MEMBER])
async def test_who_asks_sixty_four_times_at_once_gets_what_they_may_have(
    door: Door, holder: Holder
) -> None:
    member = await door.storage.aliases.of(EAGER)
    subject = {Holder.EVERYONE: 0, Holder.ROLE: PAINTERS, Holder.MEMBER: member}[holder]
    await door.limit(images(holder, subject, ROOM), images(Holder.ROLE, CRITICS, UNLIMITED))

    outcomes = await at_once([door.ask(n, EAGER) for n in range(CROWD)])

    assert await door.reserved() == (ROOM, ROOM * PRICE)
    assert scopes(outcomes) == ["member"] * (CROWD - ROOM)


async def test_of_several_limits_each_holds_whoever_comes_first(door: Door) -> None:
    money = Change(Holder.GUILD, 0, "day_micros", str(ROOM * PRICE))
    await door.limit(money, images(Holder.EVERYONE, 0, 3))

    outcomes = await at_once([door.ask(n, n % 5) for n in range(CROWD)])

    assert await door.reserved() == (ROOM, ROOM * PRICE)
    people = await door.database.read("select count(*) from generation group by user_id", {})
    assert max(row[0] for row in people) <= 3
    assert set(scopes(outcomes)) <= {"guild", "member"}


async def test_nobody_slips_through_a_limit_that_was_lowered_behind_the_bots_back(
    door: Door,
) -> None:
    await door.limit(images(Holder.GUILD, 0, 40))
    await door.crowd(range(4))
    await door.limit_elsewhere(images(Holder.GUILD, 0, ROOM))

    outcomes = await door.crowd(range(4, CROWD))

    assert await door.reserved() == (ROOM, ROOM * PRICE)
    assert scopes(outcomes) == ["guild"] * (CROWD - ROOM)


@pytest.mark.parametrize("elsewhere", [True, False])
@pytest.mark.parametrize("before", [0, 1, 8, 32])
async def test_nobody_slips_through_a_limit_that_is_lowered_while_they_ask(
    door: Door, before: int, elsewhere: bool
) -> None:
    """`before`: how many came just before the change."""
    await door.limit(images(Holder.GUILD, 0, 40))
    change = door.limit_elsewhere if elsewhere else door.limit
    there = 0

    async def lower() -> None:
        nonlocal there
        await change(images(Holder.GUILD, 0, ROOM))
        there, _ = await door.reserved()

    early, _, late = await asyncio.gather(
        door.crowd(range(before)), lower(), door.crowd(range(before, CROWD))
    )

    assert (await door.reserved())[0] == max(there, ROOM)
    assert set(scopes([*early, *late])) == {"guild"}


async def test_a_pause_by_the_servers_managers_lets_nobody_through_who_asks_after_it(
    door: Door,
) -> None:
    await door.limit_elsewhere(Change(Holder.GUILD, 0, "paused", "1"))

    outcomes = await door.crowd()

    assert {type(each).__name__ for each in outcomes} == {"Paused"}
    assert await door.reserved() == (0, 0)
