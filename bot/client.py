"""The Discord client: what it asks for, the order in which it starts, and where Discord is."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, cast

import discord
from discord.ext import commands

from bot.actions import ButtonActions, Panel
from bot.admission import Admission
from bot.alarm import Alarm
from bot.appeal_panel import AppealPanel
from bot.application import asked_of_discord
from bot.asking import Asking
from bot.audience import address
from bot.automod_panel import AutoModPanel
from bot.automod_reader import AutoModReader
from bot.batch import Reply
from bot.budget import Turnstile
from bot.calls import UPLOAD_TIMEOUT, Answer, bounded
from bot.clock import Clock
from bot.covering import Covering
from bot.defaults import Defaults
from bot.derivations import Derivations
from bot.desk import Desk
from bot.desk_panel import DeskPanel
from bot.desks import Desks
from bot.domain import Generation, Request
from bot.figures import FiguresOf
from bot.first_day_panel import FirstDay
from bot.gallery import Gallery
from bot.guild_panel import GuildPanel
from bot.heads import Heads
from bot.hints import Hints
from bot.history_panel import HistoryPanel
from bot.image_panel import ImagePanel
from bot.imagine import Imagine
from bot.improve_panel import ImprovePanel
from bot.improver import Improver
from bot.intake import Intake
from bot.lifecycle import Lifecycle
from bot.me_panel import MePanel
from bot.moderation import Moderation
from bot.notices import Notices
from bot.origin import Derivation
from bot.outage import Outage
from bot.peer import Peer
from bot.picture_form import PANEL, PictureForm
from bot.policy import Rules
from bot.preference_panel import PreferencePanel
from bot.publication import reply_to
from bot.purchase import Budgets
from bot.removal import Removal
from bot.replies import reply_of
from bot.reports import ReportDesk
from bot.retention import Retention
from bot.review import Review
from bot.saving import PANEL as SAVED
from bot.saving import Saving
from bot.screens import Screens
from bot.seat import SYNC, Identifies, turn
from bot.sight import is_lost
from bot.storage.custody import TURN
from bot.storage.storage import Storage
from bot.store import ImageStore
from bot.style_panel import StylePanel
from bot.successors import Successors
from bot.takeover import Takeover
from bot.thumbnails import Thumbnails
from bot.tree import Tree
from bot.usage import UsageReports
from bot.views.cancel import CancelButton
from bot.views.first_day import PANEL as FIRST_DAY
from bot.views.history import PANEL as HISTORY
from bot.views.image import PANEL as IMAGE
from bot.views.image import below_view
from bot.views.improvement import PANEL as IMPROVE
from bot.views.improvement import VERBS as IMPROVEMENTS
from bot.views.panel import PanelButton, PanelMenu
from bot.views.preferences import PANEL as PREFERENCES
from bot.views.quote import AcceptButton
from bot.views.resend import ResendButton
from bot.views.styles import PANEL as STYLES
from bot.watch import Predictor
from bot.word_panel import WordPanel

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
    """What was loaded stays: collections that walk it cost 8 % of all CPU."""
    gc.freeze()


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
        self.rules = rules
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
        find = partial(reply_of, self)
        self.imagine = Imagine(
            ledger, lifecycle, admission, clock, find, notices.budgets, self.peer
        )
        self._beside(budgets, clock)
        self.retention = Retention(storage, self.imagine, gallery, clock, partial(is_lost, self))
        self.heads = Heads(storage.audit, settings, notices.in_channel, notices.language, clock)
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
        ledger, settings, rules = storage.ledger, storage.settings, self.rules
        figures = FiguresOf(ledger, storage.sums, settings, storage.people, rules, clock)
        self.usage_reports = UsageReports(figures, storage.aliases, rules)
        self.guild_panel = GuildPanel(
            settings, storage.aliases, rules, clock, self.automod.standings
        )
        self.word_panel = WordPanel(self.screens, clock)
        self.me_panel = MePanel(storage.people, self.retention, images.root, rules)
        self.style_panel = StylePanel(
            storage.styles, self.screens, settings, self.automod.standings, clock
        )
        defaults = Defaults(storage.preferences, settings)
        self.asking = Asking(self, self.imagine, self._desks, defaults, clock)
        self.picture_form = PictureForm(
            self.asking,
            rules.offer.models,
            storage,
            prompt_length=rules.policy.prompt_max_length,
        )
        saving, thumbnails = Saving(self, storage, clock), Thumbnails(images, storage.takedowns)
        self.history_panel = HistoryPanel(storage, saving, gallery, thumbnails)
        self._image_buttons(storage, gallery, saving, clock)
        self.improve_panel = ImprovePanel(self.improver, self.asking, storage, rules, clock)
        self.retention.forgets += [self.asking.quotes.forget, self.improve_panel.forget]
        appeals = AppealPanel(self._desk, self._desks, storage, clock)
        self.desk_panel = DeskPanel(self._desk, appeals, storage, self.imagine, clock, self.reports)
        self.moderation = Moderation(storage, self.imagine, clock)
        self.actions = self._actions(storage, clock)

    def _actions(self, storage: Storage, clock: Clock) -> ButtonActions:
        """With what asks for an image, and so acknowledges by itself."""
        settings = storage.settings
        panels: Mapping[str, Panel] = {
            "settings": self.guild_panel,
            "automod": AutoModPanel(self.automod, settings, clock),
            "words": self.word_panel,
            STYLES: self.style_panel,
            "desk": self.desk_panel,
            IMAGE: self.image_panel,
            HISTORY: self.history_panel,
            SAVED: self.history_panel,
            "me": self.me_panel,
            PREFERENCES: PreferencePanel(storage.preferences, self.rules),
            "moderation": self.moderation,
            FIRST_DAY: FirstDay(settings, self.automod, self.asking, clock),
        }
        requests = {PANEL: self.picture_form}
        beginnings: dict[tuple[str, str], Panel] = {
            **{(IMAGE, by.value): self.derivations for by in Derivation},
            **{(IMPROVE, verb): self.improve_panel for verb in IMPROVEMENTS},
        }
        return ButtonActions(self.imagine, self.asking, panels, requests, beginnings)

    def _image_buttons(
        self, storage: Storage, gallery: Gallery, saving: Saving, clock: Clock
    ) -> None:
        """What the buttons below an image, and those of its panel, do."""
        ledger, buttons = storage.ledger, self._successors
        covering = Covering(self, ledger, storage.removals, gallery)
        self.image_panel = ImagePanel(
            storage,
            self.removal,
            self.reports,
            saving,
            covering,
            buttons,
            clock,
            improves=bool(self.rules.prompt_model),
        )
        self.derivations = Derivations(
            self.asking,
            storage,
            gallery,
            buttons,
            prompt_length=self.rules.policy.prompt_max_length,
        )

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
            async with turn(self.peer.liveness, TURN, SYNC):
                await cast("Tree", self.tree).sync_if_changed(self.facts)
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

    async def on_shard_connect(self, _shard: int) -> None:
        self.has_connected = True

    async def on_ready(self) -> None:
        log.info("ready", extra={"guilds": len(self.guilds), "shards": self.shard_count})
