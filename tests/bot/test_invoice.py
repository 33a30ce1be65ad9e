"""The payer's book against the provider's own invoice: never below it, whatever goes wrong."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Mapping,
)
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from bot.budget import Budget, CreateBudget
from bot.chat.calls import Answer
from bot.domain.generation import Capacity, Delivery, Generation, Price, Request, Status
from bot.domain.limits import Allowance, Limit, Period, Scope, Spent, Unit
from bot.domain.offer import Offer
from bot.domain.picture import Form
from bot.domain.prediction import Listed, Prediction, PredictionStatus
from bot.errors import (
    CreateUnknown,
    InputInvalid,
    PredictionNotFound,
    ProviderTrouble,
    RateLimited,
    SafetyRefused,
)
from bot.generation.gallery import Gallery
from bot.generation.imagine import Imagine
from bot.generation.intake import Intake
from bot.generation.lifecycle import Lifecycle
from bot.generation.purchase import Budgets
from bot.generation.review import Review
from bot.pictures.store import store_of
from bot.policy import PERMISSION_NAMES, Place
from bot.record import replace
from bot.refusals import Refused
from bot.replicate import catalogue
from bot.request.admission import Admission
from bot.request.alarm import Alarm
from bot.request.breaker import Breaker
from bot.request.input import Chosen
from bot.request.screens import Screens
from bot.storage.database import Database
from bot.storage.peer import Peer
from bot.storage.storage import Storage
from tests.world import picture, rules

#: `make chaos` gives it ten thousand, as it does to whatever is marked `fuzz`.
OUTCOMES = max(1_000, settings().max_examples)
AT_ONCE = 200
#: Of so many outcomes each is followed by a new process.
LIFETIME = 400
PRICES = {"owner/dear": 60_000, "owner/odd": 33_333, "owner/dust": 1}
TIMEOUT = 60.0
#: How generations end here, whatever else happens; in an outage, some expire in the line as well.
OFTEN = {Status.DELIVERED, Status.KEPT, Status.FAILED, Status.CANCELED, Status.UNKNOWN}
#: A clock goes at most so far in one step; whatever is due by then happens together.
STEP_MS = 500
#: For each outcome; only a run that does not end gets there.
STEPS_EACH = 50
#: Rounds in which nothing new began, until all has gone as far as it can without the clock.
QUIET = 3


class Days:
    """A clock that goes on once nothing else does: an hour of waiting takes no time."""

    def __init__(self) -> None:
        self._now = 1_793_527_800_000
        self._alarms: list[tuple[int, int]] = []
        self._waiting: dict[int, asyncio.Event] = {}
        self.begun = 0

    def now(self) -> int:
        return self._now

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        self.begun += 1
        number = self.begun
        self._waiting[number] = event
        heappush(self._alarms, (self._now + max(0, round(seconds * 1000)), number))
        try:
            await event.wait()
        finally:
            del self._waiting[number]

    async def sleep(self, seconds: float) -> None:
        await self.wait(asyncio.Event(), seconds)

    def step(self) -> None:
        while self._alarms and self._alarms[0][1] not in self._waiting:
            heappop(self._alarms)
        if self._alarms:
            self._now = max(self._now + STEP_MS, self._alarms[0][0])
        while self._alarms and self._alarms[0][0] <= self._now:
            event = self._waiting.get(heappop(self._alarms)[1])
            if event is not None:
                event.set()


@dataclass
class Sold:
    """A create that was accepted, and what becomes of it; None of `ends_in`: it never ends."""

    id: str
    model: str
    input: Mapping[str, object]
    at: int
    ends_in: float | None
    ends_as: PredictionStatus
    error: str | None = None
    billed: bool = True
    known: bool = True
    file: str = "whole"
    canceled: bool = False


#: What becomes of accepted creates, how often: seconds until it ends, how, what is said, whether
#: it is billed, and what else is odd.
FATES: tuple[tuple[int, dict[str, Any]], ...] = (
    (60, {"ends_in": 9.0, "ends_as": PredictionStatus.SUCCEEDED}),
    (5, {"ends_in": 75.0, "ends_as": PredictionStatus.SUCCEEDED}),
    (2, {"ends_in": 5.0, "ends_as": PredictionStatus.SUCCEEDED, "file": "missing"}),
    (2, {"ends_in": 5.0, "ends_as": PredictionStatus.SUCCEEDED, "file": "broken"}),
    (4, {"ends_in": 4.0, "ends_as": PredictionStatus.FAILED, "error": "GPU on fire"}),
    (3, {"ends_in": 4.0, "ends_as": PredictionStatus.FAILED, "billed": False}),
    (4, {"ends_in": 3.0, "ends_as": PredictionStatus.FAILED, "error": "flagged (E005)"}),
    (3, {"ends_in": 2.0, "ends_as": PredictionStatus.CANCELED}),
    (2, {"ends_in": 2.0, "ends_as": PredictionStatus.ABORTED, "billed": False}),
    (2, {"ends_in": None, "ends_as": PredictionStatus.CANCELED}),
    (2, {"ends_in": 20.0, "ends_as": PredictionStatus.SUCCEEDED, "known": False}),
)
WEIGHTS, KINDS = [weight for weight, _ in FATES], [kind for _, kind in FATES]


@dataclass
class Shop:
    """A predictions API that bills by its own book: what it accepted, at once, or never.

    Nothing can be on an invoice earlier than that, so if our book covers this one, it covers all.
    """

    clock: Days
    choose: random.Random
    look: Callable[[str], None]
    can_cancel: bool = True
    can_list: bool = True
    can_upload: bool = False
    calls: int = 0
    invoice: int = 0
    of_prompt: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    sold: dict[str, Sold] = field(default_factory=dict)
    picture: bytes = field(default_factory=lambda: picture("PNG", (8, 8)))

    async def create(
        self,
        model: str,
        input: Mapping[str, object],
        *,
        cancel_after: float,
        webhook: str | None = None,
    ) -> Prediction:
        self.calls += 1
        await self.clock.sleep(self.choose.uniform(0.1, 2.0))
        luck = self.choose.random()
        if luck < 0.04:
            raise RateLimited("", 429, retry_after=2.0, per_minute=6_000)
        if luck < 0.07:
            raise InputInvalid("", 422)
        if luck < 0.09:
            raise SafetyRefused("", 400)
        if luck < 0.10:
            raise ProviderTrouble("", 503)  # recognised: certainly not accepted
        if luck < 0.13:
            raise CreateUnknown("reset")  # and it never arrived
        sold = self._accept(model, input)
        if luck < 0.18:
            raise CreateUnknown("reset")
        return Prediction(sold.id, PredictionStatus.STARTING)

    async def upload(self, name: str, media_type: str, content: bytes) -> str:
        raise NotImplementedError  # it takes none

    def _accept(self, model: str, input: Mapping[str, object]) -> Sold:
        [kind] = self.choose.choices(KINDS, WEIGHTS)
        sold = Sold(f"p{len(self.sold)}", model, dict(input), self.clock.now(), **kind)
        self.sold[sold.id] = sold
        prompt = str(input["prompt"])
        self.accepted[prompt] += 1
        if sold.billed:
            self.invoice += PRICES[model]
            self.of_prompt[prompt] += PRICES[model]
        self.look(prompt)
        return sold

    async def get(self, prediction_id: str) -> Prediction:
        self.calls += 1
        sold = self.sold[prediction_id]
        if not sold.known:
            raise PredictionNotFound("", 404)
        if self.choose.random() < 0.02:
            raise ProviderTrouble("", 502)
        if sold.ends_in is not None and self.clock.now() >= sold.at + sold.ends_in * 1000:
            output = (f"https://files.invalid/{sold.file}",)
            done = sold.ends_as is PredictionStatus.SUCCEEDED
            return Prediction(sold.id, sold.ends_as, output if done else (), sold.error)
        status = PredictionStatus.CANCELED if sold.canceled else PredictionStatus.PROCESSING
        return Prediction(sold.id, status)

    async def cancel(self, prediction_id: str) -> None:
        self.calls += 1
        if self.choose.random() < 0.2:
            raise ProviderTrouble("", 502)
        self.sold[prediction_id].canceled = self.choose.random() < 0.7

    async def listed_since(self, since: int) -> AsyncIterator[Listed]:
        self.calls += 1
        if self.choose.random() < 0.2:
            raise ProviderTrouble("", 404)
        for sold in reversed(self.sold.values()):
            if sold.at < since:
                break
            prediction = Prediction(sold.id, PredictionStatus.PROCESSING)
            yield Listed(prediction, sold.model, sold.input, sold.at)

    async def download(self, url: str) -> AsyncGenerator[bytes, None]:
        self.calls += 1
        if url.endswith("missing"):
            raise ProviderTrouble("", 404)
        yield self.picture[: 20 if url.endswith("broken") else None]


@dataclass
class Screen:
    """A reply that shows nothing; what becomes of it is drawn by lot."""

    prompt: str
    choose: random.Random
    look: Callable[[str], None]
    gone: bool = False
    published_id: int | None = None

    def show(self, content: str, button: str | None) -> None:
        self.gone = self.gone or self.choose.random() < 0.005

    def whisper(self, say: Callable[[], Awaitable[None]]) -> None:
        """Nobody listens."""

    async def finish(self, content: str, appeal: str = "") -> Delivery:
        return self._outcome()

    async def deliver(self, form: Callable[[int], Awaitable[Form]]) -> Delivery:
        await form(10_000_000)
        return Delivery.GONE if self.gone else self._outcome()

    def _outcome(self) -> Delivery:
        chances = {Delivery.SENT: 90, Delivery.LATER: 5, Delivery.REFUSED: 5}
        return self.choose.choices(list(chances), list(chances.values()))[0]

    async def rest(self, content: str, button: str | None) -> None:
        """Nobody decides here."""

    async def mention(self, content: str) -> None:
        """Nobody looks."""

    def stop(self) -> None:
        """The end of each life: the last moment at which its row has changed."""
        self.look(self.prompt)


class NoDesk:
    """Nothing is reviewed."""

    async def look(self, interaction_id: int) -> None:
        raise AssertionError


@dataclass
class Business:
    """The service as it runs, its customers, and an auditor who looks at both books."""

    database: Database
    reader: sqlite3.Connection
    folder: Path
    choose: random.Random = field(default_factory=lambda: random.Random(1_000))
    clock: Days = field(default_factory=Days)
    started: int = 0
    refused: int = 0
    looks: int = 0
    #: Whenever the book was below the invoice: of which prompt ("": of all), and both sums.
    short: list[tuple[str, int, int]] = field(default_factory=list)
    prompts: Counter[str] = field(default_factory=Counter)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.shop = Shop(self.clock, self.choose, self.look)
        self.budgets = Budgets(CreateBudget(100_000), Budget(100_000), Breaker())
        [model] = catalogue.load(["google/imagen-4-ultra"])
        self.rules = rules(
            offer=Offer(tuple(replace(model, name=name) for name in PRICES)),
            person=Allowance(),
            installation=Allowance(month_micros=10**12),
            prices={model: Price(micros) for model, micros in PRICES.items()},
            generation_timeout=TIMEOUT,
            capacity=Capacity(150, 100_000, 150, 100_000),
        )

    # --- the auditor

    def look(self, prompt: str) -> None:
        """Read both books at this very moment: no task goes on meanwhile."""
        self.looks += 1
        money = "select coalesce(sum(price_micros * images), 0) from generation"
        sums = f"{money} where budget <> 'released'"
        [[book]] = self.reader.execute(sums)
        [[part]] = self.reader.execute(f"{sums} and prompt = ?", [prompt])
        for what, ours, theirs in (
            ("", book, self.shop.invoice),
            (prompt, part, self.shop.of_prompt[prompt]),
        ):
            if ours < theirs:
                self.short.append((what, ours, theirs))

    def ended(self) -> Counter[Status]:
        found = self.reader.execute(
            "select status, count(*) from generation where ended_at is not null group by status"
        )
        return Counter({Status(status): count for status, count in found})

    # --- the service

    async def open(self) -> None:
        """A process begins, and takes over what an earlier one left."""
        self.storage = Storage.of(self.database, "https://api.invalid")
        ledger = self.storage.ledger
        images = store_of(self.database, self.folder / "images")
        takedowns, alarm = self.storage.takedowns, Alarm(self.clock, _told)
        gallery = Gallery(images, self.shop, self.clock, takedowns, self.storage.lineage)
        intake = Intake(ledger, images, self.shop, _nothing, self.clock, takedowns, alarm)
        review = Review(ledger, intake, NoDesk())
        lifecycle = Lifecycle(
            ledger, self.shop, gallery, review, self.screen, self.clock, self.budgets, self.rules
        )
        admission = Admission(
            self.storage,
            self.rules,
            self.budgets.breaker,
            self.clock,
            Screens(self.storage.words, self.storage.settings),
            alarm,
        )
        peer = Peer(ledger.custody)
        self.imagine = Imagine(ledger, lifecycle, admission, self.clock, _shown, _said, peer)
        await peer.enter()
        await self.imagine.resume()

    def screen(self, row: Generation) -> Screen:
        return Screen(row.request.prompt, self.choose, self.look)

    async def close(self) -> None:
        """The process ends in the midst of everything."""
        await self.meanwhile(self.imagine.close(0))

    async def meanwhile(self, work: Coroutine[Any, Any, object]) -> None:
        """Time goes on until it is done."""
        task = asyncio.ensure_future(work)
        while not task.done():
            await self.step()
        await task

    async def step(self) -> None:
        """Let all go as far as it can without the clock, then let the clock go on."""
        quiet, before = 0, (-1, -1, -1)
        while quiet < QUIET:
            await self.database.write("select 1", {})
            await self.database.read("select 1", {})
            now = (self.clock.begun, self.shop.calls, self.looks)
            quiet, before = (quiet + 1 if now == before else 0), now
        self.clock.step()

    # --- the customers

    def order(self, most: int) -> int:
        """One more customer comes; every tenth wants several. Returns how many predictions."""
        rows = min(most, self.choose.choice((1,) * 9 + (4,)))
        self.started += rows
        task = asyncio.create_task(self._customer(self.started, rows))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return rows

    async def _customer(self, number: int, rows: int) -> None:
        twin = self.choose.random() < 0.05
        prompt = f"fox {number - 1 if twin else number}"
        model = list(PRICES)[number // 2 % len(PRICES)]
        request = Request(number, 2, 7, 4, number, model, prompt, {}, "token", 2**62, 10_000_000)
        patience = self.choose.uniform(0, 40) if self.choose.random() < 0.12 else None
        await self.clock.sleep(self.choose.uniform(0, 5))
        while not await self._taken(request, rows):
            await self.clock.sleep(self.choose.uniform(30, 90))
        self.prompts[prompt] += rows
        if patience is not None:
            await self.clock.sleep(patience)
            await self.imagine.cancel(request.id)

    async def _taken(self, request: Request, rows: int) -> bool:
        try:
            chosen = Chosen(model=request.model, count=rows)
            await self.imagine.request(request, chosen, PLACE, _acknowledged)
        except Refused:
            self.refused += 1
            return False
        return True


PLACE = Place(7, PERMISSION_NAMES)


async def _shown(request: Request) -> int | None:
    return 9


async def _nothing(url: str, generation_id: str) -> Answer:
    raise NotImplementedError  # nobody attaches anything


async def _told(_text: str) -> bool:
    return True


async def _said(guild_id: int | None, spent: list[Spent]) -> None:
    """Budgets are announced to nobody."""


async def _acknowledged() -> int:
    return 9


@asynccontextmanager
async def business(folder: Path) -> AsyncIterator[Business]:
    path = folder / "imagine.db"
    async with Database.open(path, exclusive=True) as database:
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            here = Business(database, reader, folder)
            await here.open()
            yield here
            await here.close()


async def until_ended(here: Business, outcomes: int) -> Counter[Status]:
    """So many customers, AT_ONCE of them at a time, and a new process now and then."""
    processes = 1
    for _ in range(STEPS_EACH * outcomes):
        ended = here.ended()
        if ended.total() >= outcomes:
            return ended
        under_way = here.started - ended.total()
        room = min(AT_ONCE - under_way, outcomes - here.started)
        while room > 0:
            room -= here.order(room)
        await here.step()
        here.look("")
        if ended.total() >= processes * LIFETIME:
            processes += 1
            await here.close()
            await here.open()
    pytest.fail("they do not end")


@pytest.mark.sqlite("a look at it lets no task go on")
@pytest.mark.fuzz
async def test_the_payers_book_is_never_below_the_providers_invoice(tmp_path: Path) -> None:
    async with business(tmp_path) as here:
        ended = await until_ended(here, OUTCOMES)
        nobody = Request(0, 2, 7, 4, 5, "owner/dear", "", {}, "", 0, 0)
        counted = await here.storage.ledger.counted(nobody, None)
        everything = Limit(Scope.INSTALLATION, Unit.MICROS, Period.MONTH, 0, 0, 0)
        [book] = await here.storage.ledger.spending.of(counted, [everything])

    assert here.short == []
    assert book.used >= here.shop.invoice > 0
    assert ended.total() == OUTCOMES
    assert set(ended) >= OFTEN
    assert here.shop.accepted <= here.prompts
