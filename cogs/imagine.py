"""`/imagine`: parses what was typed and where; everything after that is `bot.imagine`'s."""

from __future__ import annotations

import logging
from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from bot import wording
from bot.acknowledgement import Acknowledgement
from bot.client import ImagineBot
from bot.command import MOST_IMAGES
from bot.domain import Request
from bot.errors import Unanswered
from bot.imagine import Imagine
from bot.interactions import parent_id, place_of
from bot.refusals import AlreadyRequested, Refused
from bot.wording.reasons import refusal
from bot.wording.usage import few_left

log = logging.getLogger(__name__)

#: Discord's own limit on a string option. Ours (PROMPT_MAX_LENGTH) holds after trimming, and is
#: refused in words that say both numbers.
OPTION_LENGTH = 6000


def _choices(option: str) -> list[app_commands.Choice[str]]:
    labels = wording.OPTION_LABELS[option]
    return [app_commands.Choice(name=label, value=value) for value, label in labels.items()]


class ImagineCog(commands.Cog):
    """Delegates to the service; knows Discord's shapes and nothing else."""

    def __init__(self, imagine: Imagine, model: str) -> None:
        self._imagine = imagine
        self._model = model

    @app_commands.command(description="Turn words into an image")
    @app_commands.describe(
        prompt="What the image should show",
        aspect_ratio="The shape (default: square)",
        output_format="The file's format (default: JPG)",
        safety_filter_level="How much the provider's filter blocks (default: lenient)",
        count="How many images (default: one)",
        private="Only you see the reply (default: everybody here does)",
    )
    @app_commands.choices(
        aspect_ratio=_choices("aspect_ratio"),
        output_format=_choices("output_format"),
        safety_filter_level=_choices("safety_filter_level"),
    )
    async def imagine(
        self,
        interaction: discord.Interaction[ImagineBot],
        prompt: app_commands.Range[str, 1, OPTION_LENGTH],
        aspect_ratio: str = "1:1",
        output_format: str = "jpg",
        safety_filter_level: str = "block_only_high",
        count: app_commands.Range[int, 1, MOST_IMAGES] = 1,
        private: bool = False,  # noqa: FBT001, FBT002 - Discord's options are named by the person
    ) -> None:
        options = {
            "aspect_ratio": aspect_ratio,
            "output_format": output_format,
            "safety_filter_level": safety_filter_level,
        }
        request = request_from(interaction, self._model, prompt.strip(), options, private=private)
        acknowledgement = Acknowledgement(interaction, private=request.private)
        try:
            spent = await self._imagine.request(
                request, place_of(interaction), acknowledgement.acknowledge, rows=count
            )
            if (words := few_left(spent, count)) is not None:
                self._imagine.whisper(request.id, partial(acknowledgement.whisper, words))
        except AlreadyRequested:  # delivered twice: the first one answers
            log.info("interaction delivered twice")
        except Refused as refused:
            await acknowledgement.refuse(refusal(refused))
        except Unanswered as error:  # Discord has told the person; the row is released
            log.warning("command not answered", extra={"reason": str(error)})


def request_from(
    interaction: discord.Interaction[ImagineBot],
    model: str,
    prompt: str,
    options: dict[str, str],
    *,
    private: bool,
) -> Request:
    """What was asked, with all that a restart needs to answer it."""
    return Request(
        interaction_id=interaction.id,
        application_id=interaction.application_id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        parent_id=parent_id(interaction),
        user_id=interaction.user.id,
        model=model,
        prompt=prompt,
        options=options,
        token=interaction.token,
        token_expires_at=round(interaction.expires_at.timestamp() * 1000),
        size_limit=interaction.filesize_limit,
        locale=interaction.locale.value,
        private=private,
    )


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(ImagineCog(bot.imagine, bot.rules.model))
