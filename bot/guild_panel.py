"""What `/settings` does: shows a server's settings and changes them, for its managers.

Whether somebody may is asked on every press and every form: Discord's own permissions are only
defaults, and ids can be forged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import discord

from bot.automod.standing import UNKNOWN, Standing
from bot.calls import NOBODY
from bot.clock import Clock
from bot.guild import PRESETS, SAFETY, Change, Holder
from bot.guild_forms import Form, Unreadable, changes_of, fields_of, title_of
from bot.offer import level
from bot.panel import update, whisper
from bot.policy import Rules
from bot.storage.aliases import Aliases
from bot.storage.settings import GuildSettings
from bot.views.actions import Press
from bot.views.models import PresetsOf
from bot.views.panel import form
from bot.views.settings import Shown, settings_view
from bot.wording import automod
from bot.wording import settings as words
from bot.wording.presets import presets
from bot.wording.usage import price_note

#: Changes that the panel shows.
LAST_CHANGES = 5


class GuildPanel:
    """One private message; each change is recorded with who made it."""

    def __init__(
        self,
        settings: GuildSettings,
        aliases: Aliases,
        rules: Rules,
        clock: Clock,
        automod: Mapping[int, Standing],
    ) -> None:
        """`automod`: what is known of each server's AutoMod rules, at any time."""
        self._settings = settings
        self._aliases = aliases
        self._rules = rules
        self._clock = clock
        self._automod = automod

    async def open(self, interaction: discord.Interaction) -> None:
        """Answer with the panel."""
        guild_id = await self._managed(interaction)
        if guild_id is not None:
            view = await self._view(guild_id)
            await interaction.response.send_message(
                view=view, ephemeral=True, allowed_mentions=NOBODY
            )

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """A button or a menu."""
        guild_id = await self._managed(interaction)
        if guild_id is None:
            return
        chosen = press.values[0] if press.values else ""
        match press.verb:
            case "pause" | "resume":
                paused = "1" if press.verb == "pause" else None
                change = Change(Holder.GUILD, 0, "paused", paused)
                await self._change(interaction, guild_id, [change])
            case "notices":
                change = Change(Holder.GUILD, 0, "notices", chosen or None)
                await self._change(interaction, guild_id, [change])
            case "whose" if Holder(press.subject) in words.WHICH:
                await self._update(interaction, guild_id, Holder(press.subject))
            case "whose":
                await self._ask(interaction, guild_id, Holder(press.subject), 0)
            case "which":
                holder, subject = Holder(press.subject), int(chosen)
                if subject == guild_id:  # the role @everyone
                    holder, subject = Holder.EVERYONE, 0
                await self._ask(interaction, guild_id, holder, subject)
            case "zone" | "brakes":
                await self._send_form(interaction, guild_id, Form(press.verb))
            case _:
                await self._presets(interaction, guild_id, press)

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """A form; what it asks for is checked again, it may have been open for long."""
        guild_id = await self._managed(interaction)
        if guild_id is None:
            return
        asked = Form.of(press)
        try:
            changes = changes_of(asked, said)
        except Unreadable as error:
            await whisper(interaction, words.unusable(error.problems))
            return
        if _is_own(interaction, asked):
            await whisper(interaction, words.NOT_YOUR_OWN)
            return
        if asked.version != self._settings.policy(guild_id).version:
            await whisper(interaction, words.CHANGED_MEANWHILE)
            return
        money = any(each.name.endswith("_micros") and each.value for each in changes)
        if money and self._rules.unpriced is not None:
            await whisper(interaction, words.needs_price(self._rules.unpriced))
            return
        await self._change(interaction, guild_id, await self._pseudonymous(changes))

    async def _presets(self, interaction: discord.Interaction, guild_id: int, press: Press) -> None:
        """Whose presets are asked for, or one of their menus: one of its values, or none."""
        name, value = press.verb, press.values[0] if press.values else None
        if name == "presets":
            asked = PresetsOf(Holder(press.subject), 0 if press.subject == Holder.GUILD else None)
            await self._update(interaction, guild_id, presets_of=asked)
        elif name == "presets-in" and value is not None:
            asked = PresetsOf(Holder.CHANNEL, int(value))
            await self._update(interaction, guild_id, presets_of=asked)
        elif name in PRESETS:
            await self._preset(interaction, guild_id, press, value)
        else:  # of another version's panel
            await self._update(interaction, guild_id)

    async def _preset(
        self, interaction: discord.Interaction, guild_id: int, press: Press, value: str | None
    ) -> None:
        name = press.verb
        known = level(value) if name == SAFETY else self._rules.offer.named(value)
        of = PresetsOf.named(press.subject)
        if value is not None and known is None:  # forged, or not on offer any more
            await self._update(interaction, guild_id, presets_of=of)
            return
        changes = [Change(of.holder, of.subject or 0, name, value)]
        await self._change(interaction, guild_id, changes, of)

    async def _ask(
        self, interaction: discord.Interaction, guild_id: int, holder: Holder, subject: int
    ) -> None:
        asked = Form("limits", holder, subject)
        if _is_own(interaction, asked):
            await whisper(interaction, words.NOT_YOUR_OWN)
            return
        await self._send_form(interaction, guild_id, asked)

    async def _send_form(
        self, interaction: discord.Interaction, guild_id: int, asked: Form
    ) -> None:
        policy = self._settings.policy(guild_id)
        key = asked.subject
        if asked.holder is Holder.MEMBER:
            key = await self._aliases.of(key)
        asked = replace(asked, version=policy.version)
        modal = form(asked.press, title_of(asked), fields_of(asked, policy, key))
        await interaction.response.send_modal(modal)

    async def _change(
        self,
        interaction: discord.Interaction,
        guild_id: int,
        changes: Iterable[Change],
        presets_of: PresetsOf | None = None,
    ) -> None:
        actor, now = interaction.user.id, self._clock.now()
        await self._settings.change(guild_id, actor, changes, now=now)
        await self._update(interaction, guild_id, presets_of=presets_of)

    async def _update(
        self,
        interaction: discord.Interaction,
        guild_id: int,
        asked: Holder | None = None,
        presets_of: PresetsOf | None = None,
    ) -> None:
        await update(interaction, await self._view(guild_id, asked, presets_of))

    async def _view(
        self, guild_id: int, asked: Holder | None = None, presets_of: PresetsOf | None = None
    ) -> discord.ui.LayoutView:
        policy, rules = self._settings.policy(guild_id), self._rules
        standing = self._automod.get(guild_id, UNKNOWN)
        records = await self._settings.audit(guild_id, LAST_CHANGES)
        members = [subject for holder, subject in policy.allowances if holder is Holder.MEMBER]
        of_records = [subject for each in records for subject in (each.actor, each.subject)]
        people = await self._aliases.people([*members, *of_records])
        shown = Shown(
            policy=policy,
            zone=words.zone(policy, rules.operator),
            limits=words.limits(policy, rules.operator, people),
            price=price_note(rules.model, rules.prices.get(rules.model)),
            changes=words.changes(records, people),
            presets=presets(policy, rules.offer),
            models=rules.offer.models,
            automod=automod.label(standing, ignored=policy.ignores_automod),
        )
        return settings_view(shown, asked, presets_of)

    async def _managed(self, interaction: discord.Interaction) -> int | None:
        """The server, if this person manages it; otherwise they are told."""
        if interaction.guild_id is not None and interaction.permissions.manage_guild:
            return interaction.guild_id
        await whisper(interaction, words.NEEDS_MANAGE_SERVER)
        return None

    async def _pseudonymous(self, changes: Iterable[Change]) -> list[Change]:
        """Members are kept by their pseudonyms, whose they are beside them, to be erased."""
        return [
            Change(each.holder, await self._aliases.remembered(each.subject), each.name, each.value)
            if each.holder is Holder.MEMBER
            else each
            for each in changes
        ]


def _is_own(interaction: discord.Interaction, asked: Form) -> bool:
    return asked.holder is Holder.MEMBER and asked.subject == interaction.user.id
