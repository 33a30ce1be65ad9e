"""The real bot in SimCord's Discord, on a real SQLite file, with a scripted provider."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import discord
from PIL import Image as Pillow
from simcord import Env, actors

from bot.budget import Budget, CreateBudget
from bot.domain.filter import Filter
from bot.domain.generation import Capacity, Generation, Price
from bot.domain.guild import Change, GuildPolicy, Holder
from bot.domain.limits import Allowance
from bot.domain.offer import Offer
from bot.domain.prediction import Listed, Prediction, PredictionStatus
from bot.errors import CreateUnknown, ProviderError
from bot.gateway.client import ImagineBot
from bot.generation.purchase import Budgets
from bot.generation.webhooks import Webhooks
from bot.pictures.store import store_of
from bot.policy import Policy, Rules
from bot.policy.quota import Operator
from bot.record import replace
from bot.replicate import catalogue
from bot.request.breaker import Breaker
from bot.storage.database import Database
from bot.storage.history import NEWEST, History, Made
from bot.storage.ledger import Ledger
from bot.storage.storage import Storage
from tests.shelf import Shelf, shelf

MODEL = "google/imagen-4-ultra"
PATIENCE = 20.0
"""Real seconds in which the bot answers; a busy machine needs a while to draw a first chart."""


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), *, noise: bool = False) -> bytes:
    """A plain picture, or one that does not compress."""
    buffer = io.BytesIO()
    if noise:
        image = Pillow.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3))
    else:
        image = Pillow.new("RGB", size, (200, 90, 30))
    image.save(buffer, kind)
    return buffer.getvalue()


class SimClock:
    """Discord's simulated time: it moves only when a test advances it."""

    env: Env

    def now(self) -> int:
        return round(self.env.now().timestamp() * 1000)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        await self.env.external_wait(self._waited(event, seconds), reason="the bot waits")

    async def _waited(self, event: asyncio.Event, seconds: float) -> None:
        with suppress(TimeoutError):  # SimCord knows this timer, so its time can pass in no time
            async with asyncio.timeout(seconds):
                await event.wait()


@dataclass
class Provider:
    """A predictions API in memory: starting, processing after 1 s, ended after `seconds`."""

    clock: SimClock
    seconds: float = 9.0
    can_cancel: bool = True
    can_list: bool = True
    takes_cancels: bool = True
    output: bytes = field(default_factory=picture)
    skew_ms: int = 0
    ends_as: PredictionStatus = PredictionStatus.SUCCEEDED
    #: What every prediction makes; and of single ones, how they end, and after how long.
    outputs: tuple[str, ...] = ("https://files.invalid/image",)
    fates: dict[str, tuple[PredictionStatus, str | None]] = field(default_factory=dict)
    takes: dict[str, float] = field(default_factory=dict)
    error: str | None = None
    #: What a text model writes, in pieces or at once.
    text: str = ""
    #: Raised by the next calls, in order, before anything happens.
    create_errors: list[ProviderError] = field(default_factory=list)
    poll_errors: list[ProviderError] = field(default_factory=list)
    download_errors: list[ProviderError] = field(default_factory=list)
    list_errors: list[ProviderError] = field(default_factory=list)
    upload_errors: list[ProviderError] = field(default_factory=list)
    can_upload: bool = False
    files: list[bytes] = field(default_factory=list)
    #: Accepts the next create but never answers it.
    loses_answer: bool = False
    models: list[str] = field(default_factory=list)
    webhooks: list[str | None] = field(default_factory=list)
    inputs: list[Mapping[str, object]] = field(default_factory=list)
    polls: list[int] = field(default_factory=list)
    lists: int = 0
    #: Creates are answered once this is set.
    answers: asyncio.Event | None = None
    bought: dict[str, Mapping[str, object]] = field(default_factory=dict)
    began: dict[str, int] = field(default_factory=dict)
    canceled: list[str] = field(default_factory=list)

    async def create(
        self,
        model: str,
        input: Mapping[str, object],
        *,
        cancel_after: float,
        webhook: str | None = None,
    ) -> Prediction:
        self.models.append(model)
        self.webhooks.append(webhook)
        self.inputs.append(input)
        if self.create_errors:
            raise self.create_errors.pop(0)
        prediction_id = f"p{len(self.began)}"
        self.began[prediction_id] = self.clock.now()
        self.bought[prediction_id] = dict(input)
        if self.answers is not None:
            await self.answers.wait()
        if self.loses_answer:
            self.loses_answer = False
            raise CreateUnknown("reset")
        return Prediction(prediction_id, PredictionStatus.STARTING)

    async def upload(self, name: str, media_type: str, content: bytes) -> str:
        if self.upload_errors:
            raise self.upload_errors.pop(0)
        self.files.append(content)
        return f"https://files.invalid/{len(self.files)}/{name}"

    async def get(self, prediction_id: str) -> Prediction:
        self.polls.append(self.clock.now())
        if self.poll_errors:
            raise self.poll_errors.pop(0)
        elapsed = (self.clock.now() - self.began[prediction_id]) / 1000
        if elapsed >= self.takes.get(prediction_id, self.seconds):
            status, error = self.fates.get(prediction_id, (self.ends_as, self.error))
            output = self.outputs if status is PredictionStatus.SUCCEEDED else ()
            text = self.text if status is PredictionStatus.SUCCEEDED else ""
            return Prediction(prediction_id, status, output, error, compute_ms=8000, text=text)
        if prediction_id in self.canceled:
            return Prediction(prediction_id, PredictionStatus.CANCELED)
        status = PredictionStatus.STARTING if elapsed < 1 else PredictionStatus.PROCESSING
        return Prediction(prediction_id, status)

    async def listed_since(self, since: int) -> AsyncIterator[Listed]:
        self.lists += 1
        if self.list_errors:
            raise self.list_errors.pop(0)
        for prediction_id, began in reversed(self.began.items()):
            prediction = Prediction(prediction_id, PredictionStatus.PROCESSING)
            yield Listed(prediction, MODEL, self.bought[prediction_id], began + self.skew_ms)

    async def cancel(self, prediction_id: str) -> None:
        if self.takes_cancels:
            self.canceled.append(prediction_id)

    async def download(self, url: str) -> AsyncGenerator[bytes, None]:
        if self.download_errors:
            raise self.download_errors.pop(0)
        if "broken" in url:
            yield b"<html>"
            return
        yield self.output


def rules(*, person: Any = 20, installation: Any = 500, **changes: Any) -> Rules:
    """`person`: images a day; `installation`: images a month; or either's whole Allowance."""
    of_person = person if isinstance(person, Allowance) else Allowance(person)
    of_all = installation if isinstance(installation, Allowance) else Allowance(None, installation)
    values: dict[str, Any] = {
        "offer": Offer(catalogue.load([MODEL])),
        "policy": Policy(prompt_max_length=2000, allowed_guilds=None),
        "operator": Operator(of_person, of_all, UTC),
        "prices": {MODEL: Price(60_000)},
        "generation_timeout": 600.0,
        "capacity": Capacity(),
        "long_wait_seconds": 60.0,
    }
    return Rules(**values | changes)


@dataclass
class World:
    """A server with two members, a moderator and a manager, and the bot in it."""

    env: Env
    clock: SimClock
    provider: Provider
    database: Database
    folder: Path
    rules: Rules
    webhooks: Webhooks = field(default_factory=Webhooks)
    guild: Any = None
    channel: Any = None
    alice: Any = None
    bob: Any = None
    mona: Any = None
    olivia: Any = None

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.database)

    @property
    def bot(self) -> ImagineBot:
        assert isinstance(self.env.bot, ImagineBot)
        return self.env.bot

    def new_bot(self, **changes: Any) -> ImagineBot:
        """The next process's bot, perhaps under other rules."""
        self.rules = replace(self.rules, **changes)
        return build(
            self.database, self.provider, self.folder, self.rules, self.clock, self.webhooks
        )

    def populate(self) -> None:
        self.guild = self.env.create_guild()
        self.channel = self.guild.create_text_channel("imagine")
        moderator = self.guild.create_role(
            "Moderators", permissions=discord.Permissions(manage_messages=True)
        )
        self.alice = self.guild.add_member(self.env.create_user("alice"))
        self.bob = self.guild.add_member(self.env.create_user("bob"))
        self.mona = self.guild.add_member(self.env.create_user("mona"), roles=[moderator])
        manager = self.guild.create_role(
            "Managers", permissions=discord.Permissions(manage_guild=True)
        )
        self.olivia = self.guild.add_member(self.env.create_user("olivia"), roles=[manager])

    async def imagine(self, who: Any = None, prompt: str = "a red fox", **options: Any) -> Any:
        person = who or self.alice
        return await person.slash(self.channel, "imagine", prompt=prompt, **options)

    @property
    def policy(self) -> GuildPolicy:
        """The server's, as the bot has it in memory."""
        return self.bot._storage.settings.policy(self.guild.id)

    async def set_limit(self, holder: Holder, subject: int, name: str, value: str | None) -> None:
        """As `/settings` does, by Olivia."""
        change = Change(holder, subject, name, value)
        settings = self.bot._storage.settings
        await settings.change(self.guild.id, self.olivia.id, [change], now=self.clock.now())

    async def forged(self, who: Any, message: Any, custom_id: str) -> Any:
        """A press of a button that Discord would not let this person see."""
        stored = self.env.backend.get_message(message.channel_id, message.id)
        data = {"custom_id": custom_id, "component_type": 2}
        return await actors._component_interaction(who, stored, data)

    async def history(self) -> list[Made]:
        """Alice's requests of which she was given an image, whatever the disk has."""
        made = History(self.database).up_to(self.alice.id, NEWEST, Filter())
        return [each async for each in made]

    async def found_again(self) -> Any:
        """Alice's last image, alone in her `/history`; the panel's message."""
        panel = (await self.alice.slash(self.channel, "history")).response
        await self.alice.click(panel, label="Image 1")
        return panel

    async def row(self) -> Generation:
        """Alice's only generation, as the ledger has it."""
        [row] = await self.ledger.recent(self.alice.id, 10)
        return row

    @property
    def shelf(self) -> Path | Shelf:
        """Where the images lie."""
        return shelf(self.folder / "images")

    @property
    def message(self) -> Any:
        return self.channel.last_message

    @property
    def content(self) -> str:
        return str(self.message.content)


def build(
    database: Database,
    provider: Provider,
    folder: Path,
    rules: Rules,
    clock: SimClock,
    webhooks: Webhooks | None = None,
) -> ImagineBot:
    storage = Storage.of(database, "https://api.invalid/v1")
    hooks = webhooks or Webhooks()
    budgets = Budgets(CreateBudget(600), Budget(30 * 60), Breaker(), webhooks=hooks)
    images = store_of(database, folder / "images")
    return ImagineBot(storage, provider, images, rules, clock, budgets, shard_count=1)


class Discord(Env):
    """SimCord, which by itself looks only every 50 ms for what has ended in a thread."""

    async def _settle_internal(self, *, idle: float = 0.01, **rest: Any) -> None:
        await super()._settle_internal(idle=idle, **rest)


@asynccontextmanager
async def open_world(folder: Path, **changes: Any) -> AsyncIterator[World]:
    """A populated world with its database and images in `folder`; `changes` are of its rules."""
    mine = rules(**changes)
    clock = SimClock()
    provider = Provider(clock)
    async with Database.open(folder / "imagine.db", exclusive=True) as database:
        env = Discord(build(database, provider, folder, mine, clock), settle_timeout=PATIENCE)
        clock.env = env
        await env.start()
        try:
            here = World(env, clock, provider, database, folder, mine)
            here.populate()
            yield here
        finally:
            await env.shutdown()
        env._raise_errors_since(env._errors_acknowledged)
