"""What the panel of styles does: shows a server's, and changes them, for its managers.

Whether somebody may is asked on every press and every form: Discord's own permissions are only
defaults, and ids can be forged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import discord

from bot.chat.panel import update, whisper
from bot.clock import Clock
from bot.domain.model import Choice
from bot.domain.style import LONGEST_NAME, LONGEST_PART, MOST_STYLES, Style
from bot.language import _
from bot.policy.automod.standing import UNKNOWN, Standing
from bot.refusals.words import WordsUnjudged
from bot.request.screens import Screens
from bot.storage.settings import GuildSettings
from bot.storage.styles import StyleExists, StyleGone, Styles, TooManyStyles
from bot.text import visible
from bot.views.actions import Press
from bot.views.styles import NAME, PANEL, PREFIX, SUFFIX, style_form, styles_view
from bot.wording import styles as words


class StylePanel:
    """One private message; each change is recorded with who made it."""

    def __init__(
        self,
        styles: Styles,
        screens: Screens,
        settings: GuildSettings,
        automod: Mapping[int, Standing],
        clock: Clock,
    ) -> None:
        """`automod`: what is known of each server's AutoMod rules, at any time."""
        self._styles = styles
        self._screens = screens
        self._settings = settings
        self._automod = automod
        self._clock = clock

    def suggested(self, interaction: discord.Interaction) -> Sequence[Choice]:
        """What `style` can be where somebody types it."""
        styles = self._styles.of(interaction.guild_id)
        return [Choice(style.name, style.name) for style in styles]

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        guild_id = await self._managed(interaction)
        if guild_id is None:
            return
        styles = self._styles.of(guild_id)
        wanted = press.values[0] if press.values else press.subject
        chosen = next((style for style in styles if style.id == wanted), None)
        match press.verb:
            case "add" if len(styles) >= MOST_STYLES:
                await whisper(interaction, words.too_many())
            case "add":
                modal = style_form(Press(PANEL, "add"), None)
                await interaction.response.send_modal(modal)
            case "change" if chosen is not None:
                modal = style_form(Press(PANEL, "change", chosen.id), chosen)
                await interaction.response.send_modal(modal)
            case "remove" if chosen is not None:
                await self._remove(interaction, guild_id, chosen)
            case _:
                await update(interaction, styles_view(styles, chosen))

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """A new style, or a changed one; who may is asked again, it may have been open for long."""
        guild_id = await self._managed(interaction)
        if guild_id is None:
            return
        style = Style(*(visible(said.get(name, "")) for name in (NAME, PREFIX, SUFFIX)))
        wrong = _shape(style) or await self._refused(guild_id, style)
        if wrong:
            await whisper(interaction, wrong)
            return
        instead, now = press.subject if press.verb == "change" else None, self._clock.now()
        actor_id = interaction.user.id
        try:
            await self._styles.put(guild_id, actor_id, style, instead=instead, now=now)
        except StyleExists:
            await whisper(interaction, _(words.EXISTS))
        except StyleGone:
            await whisper(interaction, _(words.GONE))
        except TooManyStyles:
            await whisper(interaction, words.too_many())
        else:
            await self._show(interaction, guild_id)

    async def _remove(self, interaction: discord.Interaction, guild_id: int, style: Style) -> None:
        try:
            actor_id, now = interaction.user.id, self._clock.now()
            await self._styles.remove(guild_id, actor_id, style.id, now=now)
        except StyleGone:  # by another manager, a moment ago
            await self._styles.reload(guild_id)
        await self._show(interaction, guild_id)

    async def _show(self, interaction: discord.Interaction, guild_id: int) -> None:
        await update(interaction, styles_view(self._styles.of(guild_id), None))

    async def _refused(self, guild_id: int, style: Style) -> str:
        """Why the server itself, or the floor, would refuse what is made in it; empty: neither."""
        texts = {NAME: style.name, PREFIX: style.prefix, SUFFIX: style.suffix}
        if await self._screens.is_about_minors(texts):
            return _(words.FLOOR)
        written = [text for text in texts.values() if text]
        try:
            hit = await self._screens.hit(written, guild_id)
        except WordsUnjudged:
            return _(words.UNJUDGED)
        if hit is not None:
            return words.by_rule(hit.rule.line)
        return await self._by_automod(guild_id, written)

    async def _by_automod(self, guild_id: int, written: Sequence[str]) -> str:
        """As for somebody whom no rule exempts."""
        automod = self._automod.get(guild_id, UNKNOWN).automod
        if automod is None or self._settings.policy(guild_id).ignores_automod:
            return ""
        judge = partial(automod.first, written, {guild_id}, set(), is_manager=False)
        long = automod.takes_long
        fired = await self._screens.turn(guild_id, written, judge, takes_long=long)
        return "" if fired is None else words.by_automod(fired.rule)

    async def _managed(self, interaction: discord.Interaction) -> int | None:
        """The server, if this person manages it; otherwise they are told."""
        if interaction.guild_id is not None and interaction.permissions.manage_guild:
            return interaction.guild_id
        await whisper(interaction, _(words.NEEDS_MANAGE_SERVER))
        return None


def _shape(style: Style) -> str:
    """Why it is none; empty: it is one."""
    if not style.key:
        return _(words.NO_NAME)
    if not style.prefix and not style.suffix:
        return _(words.NO_WORDS)
    longest = max(len(style.prefix), len(style.suffix))
    if len(style.name) > LONGEST_NAME or longest > LONGEST_PART:
        return words.too_long()
    return ""
