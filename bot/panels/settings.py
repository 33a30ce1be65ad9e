"""What `/settings` does: shows a server's settings and changes them, for its managers.

Whether somebody may is asked on every press and every form: Discord's own permissions are only
defaults, and ids can be forged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import discord

from bot.chat import desk_channel
from bot.chat.calls import NOBODY
from bot.chat.panel import managed, update, whisper
from bot.clock import Clock
from bot.domain.guild import Change, Holder
from bot.language import _
from bot.panels import channel_changes
from bot.panels.settings_forms import Form, Unreadable, changes_of, days_kept, fields_of, title_of
from bot.policy import Rules
from bot.policy.automod.standing import UNKNOWN, Standing
from bot.record import replace
from bot.settings.values import Unusable
from bot.storage.aliases import Aliases
from bot.storage.settings import GuildSettings
from bot.views.actions import Press
from bot.views.pages import PANEL, Where, name_in, page_of
from bot.views.panel import form
from bot.views.settings import Shown, settings_view
from bot.wording import automod, channels
from bot.wording import settings as words
from bot.wording.usage import price_note

#: Changes that the panel shows.
LAST_CHANGES = 5
FIRST, LIMITS = Where(), Where("limits")
#: The form about days.
KEEP = "keep"


class SettingsPanel:
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

    async def open(self, interaction: discord.Interaction, channel_id: int | None = None) -> None:
        """Answer with the panel, of a channel or of the whole server."""
        guild_id = await managed(interaction, _(words.NEEDS_MANAGE_SERVER))
        if guild_id is not None:
            view = await self._view(interaction, guild_id, Where(scope=channel_id or 0))
            await interaction.response.send_message(
                view=view, ephemeral=True, allowed_mentions=NOBODY
            )

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """A button or a menu."""
        guild_id = await managed(interaction, _(words.NEEDS_MANAGE_SERVER))
        if guild_id is None:
            return
        chosen = press.values[0] if press.values else ""
        match press.verb:
            case "pause" | "resume":
                paused = "1" if press.verb == "pause" else None
                change = Change(Holder.GUILD, 0, "paused", paused)
                await self._change(interaction, guild_id, [change])
            case "notices" if chosen and not desk_channel.writable(interaction.guild, int(chosen)):
                await whisper(interaction, _(words.NOTICES_UNHEARD))
            case "notices":
                change = Change(Holder.GUILD, 0, "notices", chosen or None)
                await self._change(interaction, guild_id, [change])
            case "whose" if Holder(press.subject) in words.WHICH:
                await self._update(interaction, guild_id, LIMITS, holder=Holder(press.subject))
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
                await self._paged(interaction, guild_id, press)

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """A form; what it asks for is checked again, it may have been open for long."""
        guild_id = await managed(interaction, _(words.NEEDS_MANAGE_SERVER))
        if guild_id is None:
            return
        if press.verb == KEEP:
            await self._keep(interaction, guild_id, press, said)
            return
        asked = Form.of(press)
        try:
            changes = changes_of(asked, said)
        except Unreadable as error:
            await whisper(interaction, words.unusable(error.problems))
            return
        if _is_own(interaction, asked):
            await whisper(interaction, _(words.NOT_YOUR_OWN))
            return
        if asked.version != self._settings.policy(guild_id).version:
            await whisper(interaction, _(words.CHANGED_MEANWHILE))
            return
        money = any(each.name.endswith("_micros") and each.value for each in changes)
        if money and self._rules.unpriced is not None:
            await whisper(interaction, words.needs_price(self._rules.unpriced))
            return
        where = LIMITS if asked.verb == "limits" else Where()
        await self._change(interaction, guild_id, await self._pseudonymous(changes), where)

    async def _paged(self, interaction: discord.Interaction, guild_id: int, press: Press) -> None:
        """A page, or a setting on one. What is of no panel of ours shows the first page."""
        try:
            match press.verb:
                case "page":
                    await self._update(interaction, guild_id, Where.named(press.subject))
                case "in":
                    where = Where(press.subject, int(press.values[0]))
                    await self._update(interaction, guild_id, Where.named(where.id))
                case "ask":
                    await self._ask_setting(interaction, guild_id, *name_in(press.subject))
                case _:
                    await self._set(interaction, guild_id, press)
        except (ValueError, IndexError):  # forged, or of another version's panel
            await self._update(interaction, guild_id)

    async def _ask_setting(
        self, interaction: discord.Interaction, guild_id: int, name: str, scope: int
    ) -> None:
        if name != "keep_days":
            where = Where(page_of(name), scope)
            await self._update(interaction, guild_id, where, changing=name)
            return
        policy = self._settings.policy(guild_id)
        asked = channels.Asked(policy, self._rules.offer, scope)
        press = Press(PANEL, KEEP, f"{scope}-{policy.version}")
        field = days_kept(name, asked.own(name))
        await interaction.response.send_modal(form(press, _(channels.TITLES[name]), [field]))

    async def _set(self, interaction: discord.Interaction, guild_id: int, press: Press) -> None:
        """Raises ValueError for what can be neither pressed nor chosen."""
        name, scope = name_in(press.subject)
        if press.verb == "set":
            name, _, value = press.subject.rpartition("-")[0].rpartition("-")
            name = name.replace("-", "_")
            change = channel_changes.pressed(name, value, scope)
        elif press.verb == "choose":
            try:
                offer = self._rules.offer
                change = channel_changes.chosen(name, press.values, scope, offer, guild_id)
            except ValueError:  # not on offer any more: what is there now is shown
                await self._ask_setting(interaction, guild_id, name, scope)
                return
        else:
            raise ValueError(press.verb)
        await self._set_one(interaction, guild_id, change)

    async def _set_one(
        self, interaction: discord.Interaction, guild_id: int, change: Change
    ) -> None:
        """A setting of a channel that is there, and a desk that can be one."""
        guild = interaction.guild
        known = change.subject == 0 or (guild and guild.get_channel(change.subject))
        if not known and change.value is not None:
            await whisper(interaction, _(channels.NO_SUCH_CHANNEL))
            return
        if change.name == "desk" and change.value is not None:
            wrong = desk_channel.faults(guild, int(change.value))
            if wrong:
                await whisper(interaction, channels.desk(wrong))
                return
        where = Where(page_of(change.name), change.subject)
        await self._change(interaction, guild_id, [change], where)

    async def _keep(
        self,
        interaction: discord.Interaction,
        guild_id: int,
        press: Press,
        said: Mapping[str, str],
    ) -> None:
        """The form about days; raises ValueError for an id that is none of ours."""
        scope, version = map(int, press.subject.split("-"))
        try:
            change = channel_changes.typed(said.get("keep_days", ""), scope)
        except Unusable as error:
            await whisper(interaction, words.unusable([(_(channels.KEEP), _(error.remedy))]))
            return
        if version != self._settings.policy(guild_id).version:
            await whisper(interaction, _(words.CHANGED_MEANWHILE))
            return
        await self._set_one(interaction, guild_id, change)

    async def _ask(
        self, interaction: discord.Interaction, guild_id: int, holder: Holder, subject: int
    ) -> None:
        asked = Form("limits", holder, subject)
        if _is_own(interaction, asked):
            await whisper(interaction, _(words.NOT_YOUR_OWN))
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
        where: Where = FIRST,
    ) -> None:
        actor, now = interaction.user.id, self._clock.now()
        await self._settings.change(guild_id, actor, changes, now=now)
        await self._update(interaction, guild_id, where)

    async def _update(
        self,
        interaction: discord.Interaction,
        guild_id: int,
        where: Where = FIRST,
        *,
        holder: Holder | None = None,
        changing: str | None = None,
    ) -> None:
        shown = await self._view(interaction, guild_id, where, holder, changing)
        await update(interaction, shown)

    async def _view(
        self,
        interaction: discord.Interaction,
        guild_id: int,
        where: Where,
        holder: Holder | None = None,
        changing: str | None = None,
    ) -> discord.ui.LayoutView:
        policy, rules = self._settings.policy(guild_id), self._rules
        standing = self._automod.get(guild_id, UNKNOWN)
        records = await self._settings.audit(guild_id, LAST_CHANGES)
        members = [subject for holder, subject in policy.allowances if holder is Holder.MEMBER]
        of_records = [subject for each in records for subject in (each.actor, each.subject)]
        people = await self._aliases.people([*members, *of_records])
        guild = interaction.guild
        channel = None if guild is None else guild.get_channel(where.scope)
        shown = Shown(
            asked=channels.Asked(policy, rules.offer, where.scope),
            zone=words.zone(policy, rules.operator),
            limits=words.limits(policy, rules.operator, people),
            price=price_note(rules.model, rules.prices.get(rules.model)),
            changes=words.changes(records, people),
            announces=channel is not None and channel.type is discord.ChannelType.news,
            automod=automod.label(standing, ignored=policy.ignores_automod),
        )
        return settings_view(shown, where, holder, changing)

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
