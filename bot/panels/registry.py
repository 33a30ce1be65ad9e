"""What people see besides images: panels and forms, each loaded when it is first needed.

A start that waited for all of them would answer its first command a tenth later. What nobody has
needed soon after is loaded then (`load`), so that nobody's press waits for it.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import discord

from bot.clock import Clock
from bot.domain.origin import Derivation
from bot.generation.gallery import Gallery
from bot.generation.imagine import Imagine
from bot.generation.improver import Improver
from bot.generation.retention import Retention
from bot.moderation.automod_reader import AutoModReader
from bot.moderation.decisions import Decisions
from bot.moderation.desk import Desk
from bot.moderation.desks import Desks
from bot.moderation.removal import Removal
from bot.moderation.reports import ReportDesk
from bot.panels.actions import Form, Panel
from bot.panels.asking import Asking
from bot.pictures.store import ImageStore
from bot.policy import Rules
from bot.record import Record
from bot.request.screens import Screens
from bot.request.successors import Successors
from bot.storage.storage import Storage
from bot.views.image import PANEL as IMAGE
from bot.views.improvement import PANEL as IMPROVE
from bot.views.improvement import VERBS as IMPROVEMENTS

if TYPE_CHECKING:
    from bot.panels.automod import AutoModPanel
    from bot.panels.derivations import Derivations
    from bot.panels.desk import DeskPanel
    from bot.panels.figures import FiguresOf
    from bot.panels.first_day import FirstDay
    from bot.panels.history import HistoryPanel
    from bot.panels.image import ImagePanel
    from bot.panels.improve import ImprovePanel
    from bot.panels.me import MePanel
    from bot.panels.moderation import Moderation
    from bot.panels.picture_form import PictureForm
    from bot.panels.preferences import PreferencePanel
    from bot.panels.saving import Saving
    from bot.panels.settings import SettingsPanel
    from bot.panels.styles import StylePanel
    from bot.panels.usage import UsageReports
    from bot.panels.words import WordPanel


class Parts(Record):
    """What the panels are made of, the client's own."""

    client: discord.Client
    storage: Storage
    images: ImageStore
    gallery: Gallery
    rules: Rules
    clock: Clock
    screens: Screens
    automod: AutoModReader
    imagine: Imagine
    improver: Improver
    desk: Desk
    desks: Desks
    decisions: Decisions
    removal: Removal
    reports: ReportDesk
    retention: Retention
    successors: Successors


class Panels:
    """One of each, for as long as the client lives."""

    def __init__(self, parts: Parts, asking: Asking) -> None:
        self._its = parts
        self._asking = asking

    async def load(self) -> None:
        """Whatever has not been needed yet, one by one: each holds the loop for some 10 ms."""
        for name, found in vars(Panels).items():
            if isinstance(found, cached_property):
                getattr(self, name)
                await asyncio.sleep(0)  # what else is due comes first
        gc.freeze()  # as what was loaded before the start

    def by_id(self) -> Mapping[str, Callable[[], Panel]]:
        """By the first part of their buttons' custom ids."""
        return {
            "settings": lambda: self.settings,
            "automod": lambda: self.automod,
            "words": lambda: self.words,
            "styles": lambda: self.styles,
            "desk": lambda: self.desk,
            IMAGE: lambda: self.image,
            "history": lambda: self.history,
            "saved": lambda: self.history,
            "me": lambda: self.me,
            "preferences": lambda: self.preferences,
            "moderation": lambda: self.moderation,
            "first": lambda: self.first_day,
        }

    def requests(self) -> Mapping[str, Callable[[], Form]]:
        """Forms that ask for an image, by the first part of their custom ids."""
        return {"picture": lambda: self.picture}

    def beginnings(self) -> Mapping[tuple[str, str], Callable[[], Panel]]:
        """Buttons and forms that ask for an image, by the first two parts of their custom ids."""
        return {
            **{(IMAGE, by.value): lambda: self.derivations for by in Derivation},
            **{(IMPROVE, verb): lambda: self.improve for verb in IMPROVEMENTS},
        }

    @cached_property
    def settings(self) -> SettingsPanel:
        from bot.panels.settings import SettingsPanel

        its, storage = self._its, self._its.storage
        standings = its.automod.standings
        return SettingsPanel(storage.settings, storage.aliases, its.rules, its.clock, standings)

    @cached_property
    def automod(self) -> AutoModPanel:
        from bot.panels.automod import AutoModPanel

        return AutoModPanel(self._its.automod, self._its.storage.settings, self._its.clock)

    @cached_property
    def words(self) -> WordPanel:
        from bot.panels.words import WordPanel

        return WordPanel(self._its.screens, self._its.clock)

    @cached_property
    def styles(self) -> StylePanel:
        from bot.panels.styles import StylePanel

        its, storage = self._its, self._its.storage
        standings = its.automod.standings
        return StylePanel(storage.styles, its.screens, storage.settings, standings, its.clock)

    @cached_property
    def first_day(self) -> FirstDay:
        from bot.panels.first_day import FirstDay

        its = self._its
        return FirstDay(its.storage.settings, its.automod, self._asking, its.clock)

    @cached_property
    def desk(self) -> DeskPanel:
        from bot.panels.appeal import AppealPanel
        from bot.panels.desk import DeskPanel

        its = self._its
        appeals = AppealPanel(its.desk, its.desks, its.storage, its.clock)
        return DeskPanel(
            its.desk, its.decisions, appeals, its.storage, its.imagine, its.clock, its.reports
        )

    @cached_property
    def moderation(self) -> Moderation:
        from bot.panels.moderation import Moderation

        return Moderation(self._its.storage, self._its.imagine, self._its.clock)

    @cached_property
    def history(self) -> HistoryPanel:
        from bot.panels.history import HistoryPanel
        from bot.pictures.thumbnails import Thumbnails

        its = self._its
        thumbnails = Thumbnails(its.images, its.storage.takedowns)
        return HistoryPanel(its.storage, self._saving, its.gallery, thumbnails)

    @cached_property
    def me(self) -> MePanel:
        from bot.panels.me import MePanel

        its = self._its
        return MePanel(its.storage.people, its.retention, its.images, its.rules)

    @cached_property
    def preferences(self) -> PreferencePanel:
        from bot.panels.preferences import PreferencePanel

        return PreferencePanel(self._its.storage.preferences, self._its.rules)

    @cached_property
    def figures(self) -> FiguresOf:
        from bot.panels.figures import FiguresOf

        its, storage = self._its, self._its.storage
        return FiguresOf(
            storage.ledger, storage.sums, storage.settings, storage.people, its.rules, its.clock
        )

    @cached_property
    def usage(self) -> UsageReports:
        from bot.panels.usage import UsageReports

        return UsageReports(self.figures, self._its.storage.aliases, self._its.rules)

    @cached_property
    def image(self) -> ImagePanel:
        """What the buttons below an image, and those of its panel, do."""
        from bot.delivery.covering import Covering
        from bot.panels.image import ImagePanel

        its, storage = self._its, self._its.storage
        return ImagePanel(
            storage,
            its.removal,
            its.reports,
            self._saving,
            Covering(its.client, storage.ledger, storage.removals, its.gallery),
            its.successors,
            its.clock,
            improves=bool(its.rules.prompt_model),
        )

    @cached_property
    def derivations(self) -> Derivations:
        from bot.panels.derivations import Derivations

        its = self._its
        longest = its.rules.policy.prompt_max_length
        return Derivations(
            self._asking, its.storage, its.gallery, its.successors, prompt_length=longest
        )

    @cached_property
    def picture(self) -> PictureForm:
        from bot.panels.picture_form import PictureForm

        its = self._its
        longest = its.rules.policy.prompt_max_length
        return PictureForm(self._asking, its.rules.offer.models, its.storage, prompt_length=longest)

    @cached_property
    def improve(self) -> ImprovePanel:
        from bot.panels.improve import ImprovePanel

        its = self._its
        return ImprovePanel(its.improver, self._asking, its.storage, its.rules, its.clock)

    @cached_property
    def _saving(self) -> Saving:
        from bot.panels.saving import Saving

        return Saving(self._its.client, self._its.storage, self._its.clock)
