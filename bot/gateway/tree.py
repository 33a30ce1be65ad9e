"""The command tree: what it asks of everybody, and what Discord is told of its commands."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

import discord
from discord import app_commands

from bot import language, tally
from bot.chat.acknowledgement import apologise
from bot.chat.audience import address
from bot.gateway.translations import Translations
from bot.storage.facts import Facts

log = logging.getLogger(__name__)


class Tree(app_commands.CommandTree[Any]):
    """The command tree; its error handler is the last to hear of anything."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Everybody may: each command decides for itself, in the language of whoever asks.

        But where another process answers: while two hear Discord, one is silent.
        """
        address(interaction)
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        answers: bool = await self.client.answers(interaction)
        if answers:
            name = interaction.command.qualified_name if interaction.command else ""
            tally.COMMANDS.add(name)
            log.info("command", extra={"command": name, "interaction": interaction.id})
        return answers

    async def on_error(
        self,
        interaction: discord.Interaction[Any],
        error: app_commands.AppCommandError,
        /,
    ) -> None:
        cause = error.__cause__ or error
        name = interaction.command.qualified_name if interaction.command else None
        log.error(
            "command failed", exc_info=cause, extra={"command": name, "interaction": interaction.id}
        )
        tally.COMMAND_FAILURES.add(name or "")
        await apologise(interaction, cause)

    async def sync_if_changed(self, facts: Facts) -> None:
        """Discord allows 200 new commands a day: push them only when they differ from last time."""
        await self.set_translator(Translations())
        fingerprint = self.fingerprint()
        if await facts.read("synced_commands") != fingerprint:
            synced = await self.sync()
            await facts.write("synced_commands", fingerprint)
            log.info("commands synced", extra={"commands": len(synced)})

    def fingerprint(self) -> str:
        """Of the commands, and of what may be said of them in other languages."""
        payload = [each.to_dict(self) for each in self.get_commands()]
        about = [discord.http.Route.BASE, self.client.application_id, payload]
        where = [*about, language.fingerprint()]
        return hashlib.sha256(json.dumps(where, sort_keys=True).encode()).hexdigest()
