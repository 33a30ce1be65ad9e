"""`/usage`: figures in words and as a picture, for those who may see them."""

from __future__ import annotations

import asyncio
import io
import logging
import pickle
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import discord

from bot.chat.calls import CALL_TIMEOUT, NOBODY, UNREACHABLE
from bot.chat.interactions import parent_id, role_ids
from bot.domain.generation import Usage
from bot.domain.sums import DailyUsage, Share
from bot.panels import chart
from bot.panels.figures import DAYS, FiguresOf
from bot.pictures import canvas
from bot.policy import Rules
from bot.policy.quota import Asker
from bot.storage.aliases import Aliases
from bot.storage.usage import Of
from bot.wording import usage as words

log = logging.getLogger(__name__)

#: One picture at a time, each by a process of its own: in ours, drawing would hold the loop for up
#: to a tenth of a second, and leave 90 MiB behind.
_DRAWING = asyncio.Semaphore(1)
DRAW_SECONDS = 30.0
_DRAW = "import sys; sys.path[0] = sys.argv[1]; from bot.panels.chart import main; main()"


class UsageReports:
    """Answers `/usage`; a picture that cannot be drawn is left out, the figures are not."""

    def __init__(self, figures: FiguresOf, aliases: Aliases, rules: Rules) -> None:
        self._figures = figures
        self._aliases = aliases
        self._rules = rules

    async def person(self, interaction: discord.Interaction) -> None:
        """The caller's own."""
        user, guild_id = interaction.user, interaction.guild_id
        figures = await self._figures.person(
            user.id, guild_id, await self._asker(interaction, user)
        )
        days = await self._figures.days(Of(user.id), guild_id)
        text = words.usage(figures, self._price)
        await self._send(interaction, text, "Your images", days)

    async def member(
        self, interaction: discord.Interaction, member: discord.User | discord.Member
    ) -> None:
        """Somebody's in this server, for its managers."""
        guild_id = interaction.guild_id or 0
        asker = await self._asker(interaction, member)
        figures = await self._figures.member(member.id, guild_id, asker)
        days = await self._figures.days(Of(member.id, guild_id), guild_id)
        text = words.usage(figures, self._price, words.member_here(member.mention))
        await self._send(interaction, text, f"Images of {member.display_name}", days)

    async def server(self, interaction: discord.Interaction) -> None:
        """The whole server's, for its managers."""
        guild_id = interaction.guild_id or 0
        found = await self._figures.server(
            guild_id, await self._asker(interaction, interaction.user)
        )
        days = await self._figures.days(Of(guild_id=guild_id), guild_id)
        text = words.server(found, self._price)
        names = await _names(interaction.guild, list(found.people))
        people = [_share(names[id], usage) for id, usage in found.people.items()]
        models = [_share(model, usage) for model, usage in found.models.items()]
        await self._send(interaction, text, "Images in this server", days, people, models)

    async def _send(
        self,
        interaction: discord.Interaction,
        text: str,
        title: str,
        days: Sequence[DailyUsage],
        *shares: Sequence[Share],
    ) -> None:
        files = await _picture(f"{title}, last {DAYS} days", days, *shares)
        await interaction.edit_original_response(
            content=text, attachments=files, allowed_mentions=NOBODY
        )

    async def _asker(
        self, interaction: discord.Interaction, person: discord.User | discord.Member
    ) -> Asker:
        place_id = parent_id(interaction) or interaction.channel_id or 0
        return Asker(await self._aliases.of(person.id), role_ids(person), place_id)

    @property
    def _price(self) -> str:
        return words.price_note(self._rules.model, self._rules.prices.get(self._rules.model))


async def _picture(
    title: str, days: Sequence[DailyUsage], *shares: Sequence[Share]
) -> list[discord.File]:
    """One, or none where it cannot be drawn."""
    if not canvas.is_drawable():
        return []
    try:
        async with _DRAWING:
            picture = await asyncio.to_thread(_drawn, title, days, *shares)
    except Exception:
        log.exception("chart not drawn")
        return []
    alt = chart.alt_text(title, days, *shares)
    return [discord.File(io.BytesIO(picture), "usage.png", description=alt)]


def _drawn(title: str, days: Sequence[DailyUsage], *shares: Sequence[Share]) -> bytes:
    """The PNG. Raises OSError or subprocess.SubprocessError."""
    command = [sys.executable, "-c", _DRAW, str(Path(chart.__file__).parents[2])]
    asked = pickle.dumps((title, days, *shares))
    done = subprocess.run(  # noqa: S603 - nothing of it comes from outside
        command, input=asked, capture_output=True, timeout=DRAW_SECONDS, check=True
    )
    return done.stdout


def _share(name: str, usage: Usage) -> Share:
    return Share(name, usage.images, usage.cost_micros)


async def _names(guild: discord.Guild | None, ids: Collection[int]) -> dict[int, str]:
    """What these members are called here; nobody is kept in memory, so Discord is asked."""

    async def name(id: int) -> str:
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                return (await guild.fetch_member(id)).display_name if guild else ""
        except discord.NotFound:
            return "somebody who left"
        except (discord.DiscordException, *UNREACHABLE):
            return "somebody"

    found = await asyncio.gather(*map(name, ids))
    return dict(zip(ids, found, strict=True))
