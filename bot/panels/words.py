"""What the panel of refused words does, and `/moderation test`.

Whether somebody may is asked on every press and every form: Discord's own permissions are only
defaults, and ids can be forged.
"""

from __future__ import annotations

from collections.abc import Mapping

import discord

from bot.chat.moderator import moderates
from bot.chat.panel import update, whisper
from bot.clock import Clock
from bot.domain.rule import Rule
from bot.language import _
from bot.panels import word_forms
from bot.panels.word_forms import LINES, Unreadable
from bot.policy.lexicon import NotAWord
from bot.policy.patterns import PatternRefused
from bot.refusals.words import WordsUnjudged
from bot.request.screens import Screens, TooManyRules
from bot.views.actions import Press
from bot.views.panel import form
from bot.views.words import PAGE, PANEL, words_view
from bot.wording import screening as words
from bot.wording.moderation import NEEDS_MODERATOR

#: Refusals are counted back so far.
COUNTED_DAYS = 30


class WordPanel:
    """One private message for a server's managers; moderators may try a text."""

    def __init__(self, screens: Screens, clock: Clock) -> None:
        self._screens = screens
        self._clock = clock

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        guild_id = await self._managed(interaction)
        if guild_id is None:
            return
        match press.verb:
            case "add" | "remove":
                title = {"add": words.ADD, "remove": words.REMOVE}[press.verb]
                modal = form(Press(PANEL, press.verb), _(title), [word_forms.field(press.verb)])
                await interaction.response.send_modal(modal)
            case "page" if press.subject.isdecimal():
                await self._show(interaction, guild_id, int(press.subject))
            case _:
                await self._show(interaction, guild_id)

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """Lines to add or to remove; who may is asked again, it may have been open for long."""
        guild_id = await self._managed(interaction)
        if guild_id is None:
            return
        lines, now = said.get(LINES, ""), self._clock.now()
        added: list[Rule] = []
        removed: list[Rule] = []
        try:
            if press.verb == "add":
                added = word_forms.added(lines)
            else:
                removed = word_forms.removed(lines, self._screens.rules(guild_id))
            await self._screens.change(guild_id, interaction.user.id, added, removed, now=now)
        except Unreadable as error:
            await whisper(interaction, words.unusable(error.problems))
        except PatternRefused as error:  # not by itself, but beside the others
            problem = words.pattern_refused(error.message)
            await whisper(interaction, words.unusable([(f"/{error.pattern}/", problem)]))
        except NotAWord as error:  # an older rule, of another version
            await whisper(interaction, words.unusable([(str(error), _(words.NOT_A_WORD))]))
        except TooManyRules:
            await whisper(interaction, words.too_many())
        else:
            await self._show(interaction, guild_id, self._page_of(guild_id, added))

    async def test(self, interaction: discord.Interaction, text: str) -> None:
        """Answer which rule would refuse the text, if any does; privately, and nothing is kept."""
        if not moderates(interaction):
            await whisper(interaction, _(NEEDS_MODERATOR))
            return
        await whisper(interaction, await self._verdict(interaction.guild_id, text))

    async def _verdict(self, guild_id: int | None, text: str) -> str:
        if await self._screens.is_about_minors({"prompt": text}):
            return _(words.FLOOR)
        try:
            hit = await self._screens.hit([text], guild_id)
        except WordsUnjudged as refused:
            return words.refusal(refused) or ""
        return _(words.FINE) if hit is None else words.tested(hit.rule, hit.form.value)

    def _page_of(self, guild_id: int, added: list[Rule]) -> int:
        """Where the first of the rules stands that were added."""
        rules = list(self._screens.rules(guild_id))
        return min((rules.index(rule) for rule in added if rule in rules), default=0) // PAGE

    async def _show(self, interaction: discord.Interaction, guild_id: int, page: int = 0) -> None:
        rules = self._screens.rules(guild_id)
        now = self._clock.now()
        refusals = await self._screens.refusals(guild_id, COUNTED_DAYS, now=now)
        head = words.panel(rules, refusals, COUNTED_DAYS)
        await update(interaction, words_view(head, rules, page))

    async def _managed(self, interaction: discord.Interaction) -> int | None:
        """The server, if this person manages it; otherwise they are told."""
        if interaction.guild_id is not None and interaction.permissions.manage_guild:
            return interaction.guild_id
        await whisper(interaction, _(words.NEEDS_MANAGE_SERVER))
        return None
