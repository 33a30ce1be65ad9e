"""The ledger against plain Python: after any history both count the same, to the micro-dollar."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import windows
from bot.domain.generation import Generation, Request, Status, Usage
from bot.domain.limits import HOUR_MS, Limit, Period, Scope, Unit
from bot.domain.picture import Stored
from bot.record import replace
from bot.refusals import QuotaExceeded
from bot.storage.books import BOOKS
from bot.storage.database import Database
from bot.storage.storage import Storage
from bot.storage.usage import QUARTER_MS, By, Of
from tests.custody import begun
from tests.turns import PLENTY, dispatch

#: In the place of a person's id, once it was erased and no window counts it any more.
NOBODY = 0
START = 1_793_527_800_000  # 2026-11-01T10:10Z, amid a quarter of an hour
DAY_MS = 24 * HOUR_MS
USERS, MODELS = (101, 102, 103), ("owner/dear", "owner/cheap")
#: Server, channel, and the channel that a thread belongs to.
PLACES = ((7, 70, None), (7, 71, 70), (7, 72, None), (8, 80, None), (None, 90, None))
PRICES = (60_000, 33_333, 1, None)
#: Longer than any month: so long it is known of an erased row whose quota it counts in.
COUNTING_MS = 33 * DAY_MS
#: Of every outcome, and whether it may be billed: whether it still counts for the person, and for
#: the payer. The design's table, said once more.
COUNTS = {
    (Status.DELIVERED, True): (True, True),
    (Status.KEPT, True): (True, True),
    (Status.FAILED, True): (False, True),
    (Status.FAILED, False): (False, False),
    (Status.EXPIRED, False): (False, False),
    (Status.CANCELED, True): (True, True),
    (Status.CANCELED, False): (False, False),
    (Status.REJECTED, True): (True, True),
    (Status.REJECTED, False): (False, False),
    (Status.EXPIRED, True): (False, True),
    (Status.UNKNOWN, True): (False, True),
}
OUTCOMES = tuple(BOOKS)
#: One whose days begin at a quarter to the hour of others.
ZONE: tzinfo = ZoneInfo("Asia/Kathmandu")
PICTURE = Stored("n.png", "image/png", 10)
#: Of which unit each scope's limits are.
UNITS = {
    Scope.USER: (Unit.IMAGES,),
    Scope.MEMBER: (Unit.IMAGES,),
    Scope.CHANNEL: (Unit.IMAGES, Unit.MICROS),
    Scope.GUILD: (Unit.IMAGES, Unit.MICROS),
    Scope.INSTALLATION: (Unit.IMAGES, Unit.MICROS),
}


@dataclass
class Line:
    """What we believe of one row; `row` is the ledger's last word, for its next transition."""

    row: Generation
    user: int
    price: int | None
    at: int
    for_person: bool = True
    for_payer: bool = True
    cost: int | None = None
    compute: int | None = None
    filtered_at: int | None = None
    erased: bool = False

    def end(self, row: Generation, outcome: tuple[Status, bool]) -> None:
        self.row = row
        self.for_person, self.for_payer = COUNTS[outcome]
        self.cost = self.price if self.for_payer else None

    @property
    def asked(self) -> Request:
        return self.row.request


@dataclass
class Books:
    """A ledger and its model, carried through the same history."""

    storage: Storage
    most: Mapping[tuple[Scope, Unit], int]
    now: int = START
    lines: list[Line] = field(default_factory=list)
    refused: int = 0
    ends: Counter[tuple[Status, bool]] = field(default_factory=Counter)

    # --- what the model says

    def in_scope(self, line: Line, asked: Request, scope: Scope) -> bool:
        """Whether the line is in the sum, for whoever asks this."""
        here = None is not line.asked.guild_id == asked.guild_id
        match scope:
            case Scope.USER:
                return line.for_person and line.user == asked.user_id
            case Scope.MEMBER:
                return line.for_person and line.user == asked.user_id and here
            case Scope.CHANNEL:
                return line.for_payer and line.asked.place_id == asked.place_id
            case Scope.GUILD:
                return line.for_payer and here
            case _:
                return line.for_payer

    def used(self, asked: Request, price: int | None, limit: Limit) -> int:
        if limit.scope is Scope.FILTER:
            return sum(
                each.user == asked.user_id and (each.filtered_at or 0) > limit.since
                for each in self.lines
            )
        since = [each for each in self.lines if each.at >= limit.since]
        found = [each for each in since if self.in_scope(each, asked, limit.scope)]
        if limit.unit is Unit.IMAGES:
            return len(found)
        return sum((price or 0) if each.price is None else each.price for each in found)

    def limits(self) -> list[Limit]:
        """Of every scope and unit, for today and this month; and the filter's brake."""
        brake = self.most.get((Scope.FILTER, Unit.REFUSALS), 0)
        found = [Limit(Scope.FILTER, Unit.REFUSALS, Period.HOUR, brake, self.now - HOUR_MS, 0)]
        for scope, units in UNITS.items():
            for unit, period in product(units, (Period.DAY, Period.MONTH)):
                window = {Period.DAY: windows.day, Period.MONTH: windows.month}[period]
                opens = window(self.now, ZONE).since
                most = self.most.get((scope, unit), 0) * (3 if period is Period.MONTH else 1)
                found.append(Limit(scope, unit, period, most, opens, opens))
        return found

    def enforced(self) -> list[Limit]:
        return [each for each in self.limits() if (each.scope, each.unit) in self.most]

    def usage(self, lines: Iterable[Line]) -> Usage:
        """As `/usage` sums them."""
        found = list(lines)
        made = {Status.DELIVERED, Status.KEPT}
        status = Counter(line.row.status for line in found)
        ended = sum(count for each, count in status.items() if each.ended)
        compute = [line.compute for line in found if line.row.status in made]
        settled = [line.cost for line in found if line.row.status.ended and line.for_payer]
        return Usage(
            images=sum(status[each] for each in made),
            failed=status[Status.FAILED] + status[Status.EXPIRED] + status[Status.REJECTED],
            canceled=status[Status.CANCELED],
            unknown=status[Status.UNKNOWN],
            pending=len(found) - ended,
            compute_ms=None if None in compute else sum(line.compute or 0 for line in found),
            cost_micros=None if None in settled else sum(cost or 0 for cost in settled),
        )

    async def owner(self, line: Line) -> int:
        """By which number the row names its person now."""
        if not line.erased or line.user == NOBODY:
            return line.user
        return await self.storage.aliases.of(line.user)

    # --- what happens

    async def reserve(self, user: int, where: int, model: int, price: int | None) -> None:
        guild, channel, parent = PLACES[where]
        asked = Request(
            interaction_id=1 + len(self.lines) + self.refused,
            application_id=2,
            guild_id=guild,
            channel_id=channel,
            parent_id=parent,
            user_id=user,
            model=MODELS[model],
            prompt=f"a fox of {user}",
            options={},
            token="secret",
            token_expires_at=0,
            size_limit=10,
        )
        limits = self.enforced()
        expected = self.refusal(asked, price, limits)
        try:
            [row] = await self.storage.ledger.reserve(
                asked, now=self.now, price_micros=price, limits=limits, capacity=PLENTY
            )
        except QuotaExceeded as refused:
            self.refused += 1
            told = (refused.scope, refused.unit, refused.period, refused.limit, refused.used)
            assert told == expected
        else:
            assert expected is None
            self.lines.append(Line(row, user, price, self.now))

    def refusal(
        self, asked: Request, price: int | None, limits: Sequence[Limit]
    ) -> tuple[str, str, str, int, int] | None:
        """The first limit without room, as the refusal names it."""
        for limit in limits:
            used = self.used(asked, price, limit)
            need = price if limit.unit is Unit.MICROS else 1
            if need is None or used + need > limit.most:
                return limit.scope, limit.unit, limit.period, limit.most, used
        return None

    def nth(self, number: int, *statuses: Status) -> Line | None:
        """One of those in one of these statuses."""
        found = [line for line in self.lines if line.row.status in statuses]
        return found[number % len(found)] if found else None

    async def dispatch(self, number: int) -> None:
        if line := self.nth(number, Status.QUEUED):
            moved = await dispatch(self.storage.ledger, line.row, now=self.now)
            line.row = moved or line.row
            assert moved is not None

    async def requeue(self, number: int) -> None:
        if line := self.nth(number, Status.SUBMITTING):
            moved = await self.storage.ledger.requeue(line.row, not_before=self.now)
            line.row = moved or line.row
            assert moved is not None

    async def attach(self, number: int) -> None:
        if line := self.nth(number, Status.SUBMITTING):
            moved = await self.storage.ledger.attach(line.row, f"p{line.row.id}")
            line.row = moved or line.row
            assert moved is not None

    async def store(self, number: int, compute: int | None) -> None:
        if line := self.nth(number, Status.RUNNING):
            moved = await self.storage.ledger.store(
                line.row, [PICTURE], now=self.now, compute_ms=compute, duration_ms=2_600
            )
            line.row, line.compute = moved or line.row, compute
            assert moved is not None

    async def finish(self, number: int, outcome: tuple[Status, bool], told: bool) -> None:
        """Whatever its status is: a disk that fails for a day ends it anywhere."""
        line = self.nth(number, *(status for status in Status if not status.ended))
        if line is None:
            return
        status, bought = outcome
        filtered = outcome == (Status.FAILED, True) and number % 2 == 0
        moved = await self.storage.ledger.finish(
            line.row,
            status,
            now=self.now,
            bought=bought,
            error="safety" if filtered else None,
        )
        assert moved is not None
        line.end(moved, outcome)
        line.filtered_at = self.now if filtered else None
        if told:
            await self.storage.ledger.told(moved)
        if told or status is Status.DELIVERED:
            line.row = replace(moved, request=replace(moved.request, token=""))

    async def tell(self, number: int) -> None:
        untold = [line for line in self.lines if line.row.status.ended and line.asked.token]
        if untold:
            line = untold[number % len(untold)]
            await self.storage.ledger.told(line.row)
            line.row = replace(line.row, request=replace(line.asked, token=""))

    async def erase(self, user: int) -> None:
        """All of theirs that has ended and was told; what is left of others' wishes, too."""
        people = self.storage.people
        await people.ask_erasure(user, now=self.now)
        for erasure in await people.erasures():
            gone = await people.erase(erasure, await people.images(erasure), now=self.now)
            theirs = [
                line
                for line in self.lines
                if line.user == erasure.user_id and not line.erased and line.at <= erasure.asked_at
            ]
            for line in theirs:
                line.erased = line.row.status.ended and not line.asked.token
                if line.erased and line.at < self.now - COUNTING_MS:
                    line.user = NOBODY
            assert gone is all(line.erased for line in theirs)

    async def close_windows(self) -> None:
        """What no window counts any more is nobody's; its time is on record as a quarter's."""
        await self.storage.people.close_windows(now=self.now)
        for line in self.lines:
            if line.erased and line.at // QUARTER_MS * QUARTER_MS < self.now - COUNTING_MS:
                line.user = NOBODY

    async def later(self, minutes: int) -> None:
        self.now += minutes * 60_000

    # --- whether both agree

    async def agree(self) -> None:
        """On every sum, whoever asks, wherever."""
        limits = self.limits()
        for user, (guild, channel, parent) in product(USERS, PLACES):
            asked = Request(
                *(0, 2, guild, channel, user, MODELS[0], "", {}, "", 0, 0), parent_id=parent
            )
            counted = await self.storage.ledger.counted(asked, 60_000)
            found = await self.storage.ledger.spending.of(counted, limits)
            assert [each.used for each in found] == [
                self.used(asked, 60_000, limit) for limit in limits
            ]
            assert [
                each
                for each in found
                if each.limit.scope is not Scope.FILTER
                and (each.limit.scope, each.limit.unit) in self.most
                and each.used > each.limit.most
            ] == []

    async def add_up(self) -> None:
        """Every figure of `/usage` and `usage`."""
        sums, lines = self.storage.sums, self.lines
        assert await sums.total(Of()) == self.usage(lines)
        for user, guild in product(USERS, (7, 8)):
            mine = [line for line in lines if line.user == user and not line.erased]
            here = [line for line in mine if line.asked.guild_id == guild]
            assert await sums.total(Of(user)) == self.usage(mine)
            assert await sums.total(Of(user, guild)) == self.usage(here)
        owners = [await self.owner(line) for line in lines]
        keys: dict[By, list[int | str | None]] = {
            By.USER: [*owners],
            By.MODEL: [line.asked.model for line in lines],
            By.QUARTER: [line.at // QUARTER_MS for line in lines],
        }
        for by, of_lines in keys.items():
            apart: dict[int | str | None, list[Line]] = defaultdict(list)
            for key, line in zip(of_lines, lines, strict=True):
                apart[key].append(line)
            expected = {key: self.usage(each) for key, each in apart.items()}
            assert await sums.by(by, Of()) == expected


@asynccontextmanager
async def books(folder: Path, most: Mapping[tuple[Scope, Unit], int]) -> AsyncIterator[Books]:
    async with Database.open(folder / "imagine.db", exclusive=True) as database:
        storage = Storage.of(database, "https://api.invalid")
        await begun(storage.ledger)
        yield Books(storage, most)


Step = tuple[Callable[..., Awaitable[None]], tuple[Any, ...]]


def step(what: Callable[..., Awaitable[None]], *arguments: Any) -> st.SearchStrategy[Step]:
    return st.tuples(st.just(what), st.tuples(*arguments))


which = st.integers(0, 9)
reservation = step(
    Books.reserve,
    st.sampled_from(USERS),
    st.integers(0, len(PLACES) - 1),
    st.integers(0, len(MODELS) - 1),
    st.sampled_from(PRICES),
)
ending = step(Books.finish, which, st.sampled_from(OUTCOMES), st.booleans())
A_WHILE, HOURS, WEEKS = (7, 55, 60), (13 * 60, 24 * 60), (25 * 24 * 60, 34 * 24 * 60)
steps = st.one_of(
    *(reservation, reservation, reservation, ending, ending),
    step(Books.dispatch, which),
    step(Books.requeue, which),
    step(Books.attach, which),
    step(Books.store, which, st.sampled_from((None, 2_500, 1))),
    step(Books.tell, which),
    step(Books.erase, st.sampled_from(USERS)),
    step(Books.close_windows),
    step(Books.later, st.sampled_from((*A_WHILE, *HOURS, *WEEKS))),
)
allowances = st.dictionaries(
    st.sampled_from([(scope, unit) for scope, units in UNITS.items() for unit in units]),
    st.integers(1, 3),
    max_size=4,
).map(
    lambda chosen: (
        {
            (scope, unit): most * 70_000 if unit is Unit.MICROS else most
            for (scope, unit), most in chosen.items()
        }
        | {(Scope.FILTER, Unit.REFUSALS): 2}
    )
)


async def lived_through(history: Sequence[Step], most: Mapping[tuple[Scope, Unit], int]) -> None:
    with TemporaryDirectory() as folder:
        async with books(Path(folder), most) as both:
            for what, arguments in history:
                await what(both, *arguments)
                await both.agree()
                await both.add_up()


def ended(outcome: tuple[Status, bool], *, told: bool) -> list[Step]:
    """One image, and its end."""
    return [(Books.reserve, (USERS[0], 0, 0, 60_000)), (Books.finish, (0, outcome, told))]


FILTERED, ERASURE = (Status.FAILED, True), (Books.erase, (USERS[0],))


@pytest.mark.fuzz
# An example is a whole database: fewer of them, here and by `make chaos`, than of a sentence.
@settings(max_examples=settings().max_examples // 4, deadline=None)
@example([*ended(FILTERED, told=False), ERASURE], {})
@example([*ended(FILTERED, told=True), ERASURE, (Books.later, (55,))], {})
@example([*ended((Status.KEPT, True), told=True), (Books.later, (WEEKS[0],)), ERASURE], {})
@given(st.lists(steps, min_size=5, max_size=40), allowances)
def test_whatever_happens_every_sum_is_what_was_reserved_and_not_released(
    history: list[Step], most: dict[tuple[Scope, Unit], int]
) -> None:
    asyncio.run(lived_through(history, most))


async def one_life(both: Books, choose: random.Random) -> None:
    """From a reservation to a random end, by a random way."""
    ledger, now = both.storage.ledger, both.now + choose.randrange(30 * DAY_MS)
    guild, channel, parent = choose.choice(PLACES)
    user, price = choose.choice(USERS), choose.choice((*PRICES[:3], 4_999, 250_001))
    both.refused += 1
    asked = Request(
        *(
            both.refused,
            2,
            guild,
            channel,
            user,
            choose.choice(MODELS),
            "a fox",
            {},
            "secret",
            0,
            9,
        ),
        parent_id=parent,
    )
    status, bought = outcome = choose.choice(OUTCOMES)
    compute, put_off = choose.choice((1, 2_500)), choose.randrange(3)
    [row] = await ledger.reserve(asked, now=now, price_micros=price, limits=(), capacity=PLENTY)
    line = Line(row, user, price, now)
    both.lines.append(line)
    for again in range(put_off, -1, -1) if bought else ():
        row = await dispatch(ledger, row, now=now) or row
        row = (again and await ledger.requeue(row, not_before=now)) or row
    if bought and status is not Status.UNKNOWN:
        row = await ledger.attach(row, f"p{row.id}") or row
    if status in (Status.DELIVERED, Status.KEPT):
        line.compute = compute
        stored = await ledger.store(row, [PICTURE], now=now, compute_ms=compute, duration_ms=2_600)
        row = stored or row
    ended = await ledger.finish(row, status, now=now, bought=bought)
    assert ended is not None
    line.end(ended, outcome)
    both.ends[outcome] += 1


async def test_a_thousand_outcomes_at_once_are_counted_to_the_micro_dollar(tmp_path: Path) -> None:
    choose = random.Random(1_000)
    async with books(tmp_path, {}) as both:
        for _ in range(10):
            await asyncio.gather(*(one_life(both, choose) for _ in range(100)))
            both.now += 3 * DAY_MS
            await both.agree()
        await both.add_up()

        ended = await both.storage.sums.total(Of())

    assert both.ends.total() == 1_000
    assert set(both.ends) == set(COUNTS) == set(BOOKS)
    assert ended.cost_micros == sum(line.cost or 0 for line in both.lines)
    assert ended.pending == 0
