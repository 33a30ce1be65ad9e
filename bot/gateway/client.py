"""The Discord client: what it is put together of, and the order in which it starts."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from functools import cache, partial
from typing import Any, cast

import discord
from discord.ext import commands

from bot.budget import Turnstile
from bot.chat.application import asked_of_discord
from bot.chat.audience import address
from bot.chat.calls import UPLOAD_TIMEOUT, Answer, bounded
from bot.chat.notices import Notices
from bot.chat.sight import is_lost
from bot.clock import Clock
from bot.delivery.publication import reply_to
from bot.delivery.unrecorded import reply_of
from bot.domain.generation import Generation, Request
from bot.gateway.hints import Hints
from bot.gateway.seat import SYNC, Identifies, turn
from bot.gateway.tree import Tree
from bot.generation.batch import Reply
from bot.generation.gallery import Gallery
from bot.generation.imagine import Imagine
from bot.generation.improver import Improver
from bot.generation.intake import Intake
from bot.generation.lifecycle import Lifecycle
from bot.generation.outage import Outage
from bot.generation.purchase import Budgets
from bot.generation.retention import Retention
from bot.generation.review import Review
from bot.generation.takeover import Takeover
from bot.generation.watch import Predictor
from bot.moderation.automod_reader import AutoModReader
from bot.moderation.decisions import Decisions
from bot.moderation.desk import Desk
from bot.moderation.desks import Desks
from bot.moderation.heads import Heads
from bot.moderation.removal import Removal
from bot.moderation.reports import ReportDesk
from bot.panels.actions import ButtonActions
from bot.panels.asking import Asking
from bot.panels.registry import Panels, Parts
from bot.pictures.store import ImageStore
from bot.policy import Rules
from bot.request.admission import Admission
from bot.request.alarm import Alarm
from bot.request.defaults import Defaults
from bot.request.screens import Screens
from bot.request.successors import Successors
from bot.storage.peer import Peer
from bot.storage.storage import Storage
from bot.views.cancel import CancelButton
from bot.views.image import below_view
from bot.views.panel import PanelButton, PanelMenu
from bot.views.quote import AcceptButton
from bot.views.resend import ResendButton

log = logging.getLogger(__name__)

EXTENSIONS = tuple(
    f"cogs.{name}"
    for name in (
        *("imagine", "picture", "image", "usage", "history", "me", "settings", "moderation"),
        "help",
    )
)

# It never speaks: without this discord.py warns at every start about libraries for voice.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


@cache
def _freeze() -> None:
    """What was loaded stays: collections that walk it cost 8 % of all CPU.

    Nor is all that is under way looked through for every 700 objects: that cost 0.3 ms an image.
    """
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)


class ImagineBot(commands.AutoShardedBot):
    """Slash commands only: no privileged intents, no message or member caches."""

    def __init__(
        self,
        storage: Storage,
        predictor: Predictor,
        images: ImageStore,
        rules: Rules,
        clock: Clock,
        budgets: Budgets,
        **options: Any,
    ) -> None:
        outside = rules.policy.user_install
        super().__init__(tree_cls=Tree, **asked_of_discord(user_install=outside), **options)
        #: Whether Discord ever let this client in.
        self.has_connected = False
        self.rules, self.budgets = rules, budgets
        self._storage, ledger, settings = storage, storage.ledger, storage.settings
        self.facts, self._clock = ledger.facts, clock
        self._set_up = asyncio.Event()
        self.peer = budgets.peer or Peer(ledger.custody)
        self._successors = Successors(settings, rules.offer)
        notices = Notices(self, storage.alerts, settings, rules)
        self._outage = Outage(budgets.breaker, ledger, clock, notices.operator)
        gallery = Gallery(images, predictor, clock, storage.takedowns, storage.lineage)
        self._desks = Desks(self, settings)
        self._desk = Desk(self, self._desks, storage, gallery, clock, self.peer)
        alarm = Alarm(clock, notices.operator)
        intake = Intake(ledger, images, predictor, self._attached, clock, storage.takedowns, alarm)
        review = Review(ledger, intake, self._desk)
        replies = self._replies(budgets, clock)
        lifecycle = Lifecycle(ledger, predictor, gallery, review, replies, clock, budgets, rules)
        self.removal = Removal(self, storage, gallery, clock)
        self.reports = ReportDesk(self, self._desks, storage, gallery, notices, clock)
        admission = self._admission(storage, predictor, budgets, alarm, clock)
        told, find = notices.budgets, partial(reply_of, self)
        self.imagine = Imagine(ledger, lifecycle, admission, clock, find, told, self.peer)
        self.decisions = Decisions(self._desk, storage, self.imagine, clock)
        self._beside(budgets, clock)
        self.retention = Retention(storage, self.imagine, gallery, clock, partial(is_lost, self))
        self.heads = Heads(storage.postings, settings, notices.in_channel, notices.language, clock)
        self._panels(storage, images, gallery, clock)

    def _beside(self, budgets: Budgets, clock: Clock) -> None:
        """What other processes leave, and say."""
        liveness = self.peer.liveness
        self._identifies = None if liveness is None else Identifies(liveness)
        self.takeover = Takeover(self.peer, self.imagine, budgets, clock)
        self.hints = Hints(self.peer, self._storage, self.screens, self._desk)

    def _replies(self, budgets: Budgets, clock: Clock) -> Callable[[Generation], Reply]:
        edits = Turnstile(budgets.edits, clock, lambda: budgets.may_be_spent)
        published = self._storage.reviews.published
        return lambda row: reply_to(self, row, clock, edits, self._below, published)

    def _below(self, request: Request) -> discord.ui.View:
        return below_view(f"{request.interaction_id}-0", self._successors.of(request))

    def _admission(
        self, storage: Storage, predictor: Predictor, budgets: Budgets, alarm: Alarm, clock: Clock
    ) -> Admission:
        """What a request is judged by, also one whose words are improved first."""
        self.automod = AutoModReader(self, storage.automod, clock)
        self.screens = Screens(storage.words, storage.settings)
        breaker, standings = budgets.breaker, self.automod.standings
        rules, screens = self.rules, self.screens
        admission = Admission(storage, rules, breaker, clock, screens, alarm, standings)
        self.improver = Improver(storage, admission, predictor, clock, budgets, rules)
        return admission

    def _panels(self, storage: Storage, images: ImageStore, gallery: Gallery, clock: Clock) -> None:
        """What people see besides images, and what their buttons and forms do."""
        defaults = Defaults(storage.preferences, storage.settings)
        self.asking = Asking(self, self.imagine, self._desks, defaults, clock)
        parts = Parts(
            client=self,
            storage=storage,
            images=images,
            gallery=gallery,
            rules=self.rules,
            clock=clock,
            screens=self.screens,
            automod=self.automod,
            imagine=self.imagine,
            improver=self.improver,
            desk=self._desk,
            desks=self._desks,
            decisions=self.decisions,
            removal=self.removal,
            reports=self.reports,
            retention=self.retention,
            successors=self._successors,
        )
        panels = self.panels = Panels(parts, self.asking)
        self.retention.forgets += [
            self.asking.quotes.forget,
            lambda user_id: panels.improve.forget(user_id),  # noqa: PLW0108 - loads it, but not here
        ]
        by_id, requests, beginnings = panels.by_id(), panels.requests(), panels.beginnings()
        self.actions = ButtonActions(self.imagine, self.asking, by_id, requests, beginnings)

    async def setup_hook(self) -> None:
        """Everything before the first event: buttons, commands, and what was left unfinished."""
        await self.peer.enter()
        self.add_dynamic_items(CancelButton, ResendButton, AcceptButton, PanelButton, PanelMenu)
        await self.load_commands()
        await self.screens.load()
        await self._storage.styles.load()
        await self._storage.settings.load()
        await self.automod.start()
        await self._outage.resume()
        if self.peer.role.hears:
            async with turn(self.peer.liveness, SYNC):
                await cast("Tree", self.tree).sync_if_changed(self.facts)
        if await self.peer.custody.living() == 1:  # else others may be at it
            await self.improver.resume()
        resumed = await self.imagine.resume()
        log.info("set up", extra={"resumed": resumed})
        self._set_up.set()
        _freeze()
        gc.enable()

    async def wait_until_set_up(self) -> None:
        """Until what was left unfinished goes on here, also where nobody is heard."""
        await self._set_up.wait()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if self._identifies is None:
            await super().before_identify_hook(shard_id, initial=initial)
        else:
            await self._identifies.wait(self, shard_id or 0)

    async def answers(self, interaction: discord.Interaction) -> bool:
        """Whether it is this process that answers."""
        return await self.peer.answers(interaction.id, now=self._clock.now())

    async def load_commands(self) -> None:
        for extension in EXTENSIONS:
            await self.load_extension(extension)

    async def _attached(self, url: str, generation_id: str) -> Answer:
        """The bytes of a file that Discord has; no credential goes there."""
        return await bounded(self.http.get_from_cdn(url), UPLOAD_TIMEOUT, generation_id)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Forms: discord.py forgets those that were open when the process ended."""
        if interaction.type is discord.InteractionType.modal_submit:
            address(interaction)
            if await self.answers(interaction):
                await self.actions.submitted(interaction)

    async def close(self) -> None:
        """Also by discord.py itself, of a client that dies: first its HTTP, then it raises."""
        self.imagine.closing()
        await super().close()

    async def on_shard_connect(self, _shard: int) -> None:
        self.has_connected = True

    async def on_ready(self) -> None:
        log.info("ready", extra={"guilds": len(self.guilds), "shards": self.shard_count})
