"""*Use as input*: a message's picture, a form that asks what should become of it, the request.

The menu remembers the picture; where a restart has forgotten it, the message is read again, from
the place where the form was sent and nowhere else: custom ids can be forged.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol

import discord

from bot import policy
from bot.acknowledgement import Acknowledgement
from bot.calls import UNREACHABLE
from bot.domain import Request
from bot.errors import Unanswered
from bot.imagine import Imagine
from bot.input import Chosen, plan
from bot.interactions import parent_id, picture_of, place_of
from bot.model import Ability, Level, Model
from bot.panel import whisper
from bot.picture import Attached
from bot.refusals import AlreadyRequested, PictureGone, PictureRefused, Refused
from bot.views.actions import Press
from bot.views.panel import Field, form
from bot.wording import pictures as words
from bot.wording.reasons import refusal
from bot.wording.usage import few_left

log = logging.getLogger(__name__)

PANEL = "picture"
#: What is made of a picture that only one person sees, only they see.
PUBLIC, PRIVATE = "public", "private"
#: Discord's limit on a text field.
LONGEST_TEXT = 4000
#: Pictures whose form may be open; the oldest are read again if it still is.
REMEMBERED = 1000
#: Seconds to read a message again: the answer is due after three, half of them the ledger's.
LOOK_SECONDS = 1.0


class _Messages(Protocol):
    async def fetch_message(self, id: int, /) -> discord.Message: ...


class PictureForm:
    """The message command, and what follows from its form."""

    def __init__(self, imagine: Imagine, models: Sequence[Model], *, prompt_length: int) -> None:
        self._imagine = imagine
        self.models = models
        self._longest = min(prompt_length, LONGEST_TEXT)
        self._remembered: OrderedDict[tuple[int, int], Attached] = OrderedDict()

    @property
    def model(self) -> Model | None:
        """The default where it starts from pictures, else the first that edits, else any."""
        able = [each for each in self.models if each.pictures and each.prompt is not None]
        able.sort(key=lambda each: (each is not self.models[0], Ability.EDIT not in each.abilities))
        return able[0] if able else None

    async def open(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Ask what should become of the message's first picture; from memory, at once."""
        attached = _pictures(message)
        if not attached:
            await whisper(interaction, words.NO_PICTURE)
            return
        if self.model is None:
            await whisper(interaction, words.NO_MODEL)
            return
        id, picture = attached[0]
        try:
            policy.screen_pictures([picture])
        except PictureRefused as refused:
            await whisper(interaction, refusal(refused))
            return
        self._remember(interaction.user.id, id, picture)
        verb = PRIVATE if message.flags.ephemeral else PUBLIC
        press = Press(PANEL, verb, f"{message.id}-{id}")
        asked = Field("prompt", words.QUESTION, longest=self._longest, lines=True)
        await interaction.response.send_modal(form(press, words.TITLE, [asked]))

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """What `/imagine` would do with the picture; who is refused gets their words back."""
        prompt, private = said.get("prompt", ""), press.verb == PRIVATE
        acknowledgement = Acknowledgement(interaction, private=private)
        try:
            picture = await self._picture(interaction, press)
            request = self._request(interaction, prompt, picture, private=private)
            spent = await self._imagine.request(
                request, place_of(interaction), acknowledgement.acknowledge
            )
            if (left := few_left(spent)) is not None:
                self._imagine.whisper(request.id, partial(acknowledgement.whisper, left))
        except AlreadyRequested:  # delivered twice: the first one answers
            log.info("interaction delivered twice")
        except Refused as refused:
            await acknowledgement.refuse(words.returned(refusal(refused), prompt))
        except Unanswered as error:  # Discord has told the person; the row is released
            log.warning("form not answered", extra={"reason": str(error)})

    def _remember(self, user_id: int, id: int, picture: Attached) -> None:
        self._remembered[user_id, id] = picture
        self._remembered.move_to_end((user_id, id))
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)

    async def _picture(self, interaction: discord.Interaction, press: Press) -> Attached:
        """Raises PictureGone."""
        message_id, _, id = press.subject.partition("-")
        if not (message_id.isdecimal() and id.isdecimal()):
            raise PictureGone
        remembered = self._remembered.get((interaction.user.id, int(id)))
        if remembered is not None:
            return remembered
        if not interaction.permissions.read_message_history or interaction.channel_id is None:
            raise PictureGone
        channel = interaction.client.get_partial_messageable(interaction.channel_id)
        return await _read_again(channel, int(message_id), int(id))

    def _request(
        self, interaction: discord.Interaction, prompt: str, picture: Attached, *, private: bool
    ) -> Request:
        model = self.model
        if model is None or model.pictures is None:  # an operator has changed what is on offer
            raise PictureGone
        planned = plan(model, Chosen({}, pictures=1), Level.LENIENT, self.models)
        return Request(
            interaction_id=interaction.id,
            application_id=interaction.application_id,
            guild_id=interaction.guild_id,
            channel_id=interaction.channel_id or 0,
            parent_id=parent_id(interaction),
            user_id=interaction.user.id,
            model=model.name,
            prompt=prompt,
            prompt_input=model.prompt or "prompt",
            options=planned.options,
            images=planned.images,
            pictures=(picture,),
            picture_input=model.pictures.input,
            picture_list=model.pictures.is_list,
            token=interaction.token,
            token_expires_at=round(interaction.expires_at.timestamp() * 1000),
            size_limit=interaction.filesize_limit,
            locale=interaction.locale.value,
            private=private,
        )


def _pictures(message: discord.Message) -> list[tuple[int, Attached]]:
    found = [(each.id, picture_of(each)) for each in message.attachments]
    return [(id, picture) for id, picture in found if picture.media_type.startswith("image/")]


async def _read_again(channel: _Messages, message_id: int, id: int) -> Attached:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            message = await channel.fetch_message(message_id)
    except (discord.HTTPException, *UNREACHABLE) as error:
        log.info("message not read again", extra={"reason": type(error).__name__})
        raise PictureGone from error
    for known, picture in _pictures(message):
        if known == id:
            return picture
    raise PictureGone
