"""`/imagine`: parses what was typed and where; everything after that is `bot.imagine`'s."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import discord
from discord.ext import commands

from bot.acknowledgement import Acknowledgement
from bot.client import ImagineBot
from bot.command import COMMON, COUNT, MODEL, PRIVATE, PROMPT, SEED, fields
from bot.domain import Request
from bot.errors import Unanswered
from bot.imagine import Imagine
from bot.input import Chosen
from bot.interactions import parent_id, place_of
from bot.refusals import AlreadyRequested, Refused
from bot.slash import slash
from bot.wording.reasons import refusal
from bot.wording.usage import few_left

log = logging.getLogger(__name__)


class ImagineCog(commands.Cog):
    """Delegates to the service; knows Discord's shapes and nothing else."""

    def __init__(self, bot: ImagineBot, imagine: Imagine) -> None:
        self._bot = bot
        self._imagine = imagine
        self._command = slash(fields(bot.rules.offer.models), self.imagine)

    async def cog_load(self) -> None:
        self._bot.tree.add_command(self._command)

    async def cog_unload(self) -> None:
        self._bot.tree.remove_command(self._command.name)

    async def imagine(
        self, interaction: discord.Interaction[ImagineBot], given: Mapping[str, Any]
    ) -> None:
        """`given`: the options that were filled in, by their names."""
        request = request_from(interaction, given)
        acknowledgement = Acknowledgement(interaction, private=request.private)
        try:
            spent = await self._imagine.request(
                request, chosen_from(given), place_of(interaction), acknowledgement.acknowledge
            )
            if (words := few_left(spent)) is not None:
                self._imagine.whisper(request.id, partial(acknowledgement.whisper, words))
        except AlreadyRequested:  # delivered twice: the first one answers
            log.info("interaction delivered twice")
        except Refused as refused:
            await acknowledgement.refuse(refusal(refused))
        except Unanswered as error:  # Discord has told the person; the row is released
            log.warning("command not answered", extra={"reason": str(error)})


def chosen_from(given: Mapping[str, Any]) -> Chosen:
    own = {name: value for name, value in given.items() if name not in COMMON}
    return Chosen(own, given.get(MODEL), given.get(COUNT, 1), given.get(SEED))


def request_from(interaction: discord.Interaction[ImagineBot], given: Mapping[str, Any]) -> Request:
    """Who asks, where, for what, with all that a restart needs to answer it."""
    return Request(
        interaction_id=interaction.id,
        application_id=interaction.application_id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        parent_id=parent_id(interaction),
        user_id=interaction.user.id,
        model="",
        prompt=given.get(PROMPT, "").strip(),
        options={},
        token=interaction.token,
        token_expires_at=round(interaction.expires_at.timestamp() * 1000),
        size_limit=interaction.filesize_limit,
        locale=interaction.locale.value,
        private=given.get(PRIVATE, False),
    )


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(ImagineCog(bot, bot.imagine))
