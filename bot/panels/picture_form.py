"""*Use as input*: a message's picture, a form that asks what should become of it, the request.

The menu remembers the picture; where a restart has forgotten it, the message is read again, from
the place where the form was sent and nowhere else: custom ids can be forged.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import discord

from bot import policy
from bot.chat.acknowledgement import Acknowledgement
from bot.chat.calls import UNREACHABLE
from bot.chat.interactions import picture_of
from bot.chat.panel import whisper
from bot.chat.uploads import shown_in
from bot.domain.attached import Attached
from bot.domain.model import Model
from bot.domain.preferences import OPEN
from bot.domain.preferences import PRIVATE as PRIVATE_REPLIES
from bot.language import _
from bot.panels.asking import Asking, request_from
from bot.record import Record, replace
from bot.refusals import Refused
from bot.refusals.access import PictureUnwilling
from bot.refusals.pictures import PictureGone, PictureRefused
from bot.request.input import Chosen
from bot.request.successors import editor
from bot.storage.storage import Storage
from bot.views.actions import Press
from bot.views.panel import TEXT_LENGTH, Field, form
from bot.wording import pictures as words
from bot.wording.reasons import refusal

log = logging.getLogger(__name__)

PANEL = "picture"
#: What is made of a picture that only one person sees, only they see.
PUBLIC, PRIVATE = "public", "private"
#: Pictures whose form may be open; the oldest are read again if it still is.
REMEMBERED = 1000
#: Seconds to read a message again: the answer is due after three, half of them the ledger's.
LOOK_SECONDS = 1.0


class Found(Record):
    """A message's picture; `borrowed`: the message is neither the person's own nor the bot's.

    `made_by` is the id of the generation whose image the bot's message shows.
    """

    picture: Attached
    borrowed: bool
    made_by: str | None = None


class PictureForm:
    """The message command, and what follows from its form."""

    def __init__(
        self, asking: Asking, models: Sequence[Model], storage: Storage, *, prompt_length: int
    ) -> None:
        self._asking = asking
        self._storage = storage
        self.models = models
        self._longest = min(prompt_length, TEXT_LENGTH)
        self._remembered: OrderedDict[tuple[int, int], Found] = OrderedDict()

    @property
    def model(self) -> Model | None:
        """The default where it starts from pictures, else the first that edits, else any."""
        return editor(self.models)

    async def open(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Ask what should become of the message's first picture; from memory, at once."""
        attached = _pictures(message)
        if not attached:
            await whisper(interaction, _(words.NO_PICTURE))
            return
        if self.model is None:
            await whisper(interaction, _(words.NO_MODEL))
            return
        id, picture = attached[0]
        try:
            policy.screen_pictures([picture])
        except PictureRefused as refused:
            await whisper(interaction, refusal(refused))
            return
        found = _found(interaction, message, picture)
        self._remember(interaction.user.id, id, found)
        verb = PRIVATE if message.flags.ephemeral else PUBLIC
        press = Press(PANEL, verb, f"{message.id}-{id}")
        asked = Field("prompt", _(words.QUESTION), longest=self._longest, lines=True)
        await interaction.response.send_modal(form(press, _(words.TITLE), [asked]))

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """What `/imagine` would do with the picture; who is refused gets their words back."""
        prompt, private = said.get("prompt", ""), press.verb == PRIVATE

        def returned(text: str) -> str:
            return words.returned(text, prompt)

        try:
            found, model = await self._allowed(interaction, press), self.model
            if model is None:  # an operator has changed what is on offer
                raise PictureGone
        except Refused as refused:
            await Acknowledgement(interaction, private=True).refuse(returned(refusal(refused)))
            return
        request = request_from(interaction, prompt, private=private)
        request = replace(request, pictures=(found.picture,))
        chosen = Chosen(model=model.name, borrowed=found.borrowed)
        left_open = OPEN - ({PRIVATE_REPLIES} if private else set())
        await self._asking.ask(
            interaction, request, chosen, left_open=left_open, refused_in=returned
        )

    def _remember(self, user_id: int, id: int, found: Found) -> None:
        self._remembered[user_id, id] = found
        self._remembered.move_to_end((user_id, id))
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)

    async def _allowed(self, interaction: discord.Interaction, press: Press) -> Found:
        """Raises PictureGone, and PictureUnwilling where whose image it is does not want that.

        Where nobody knows (any more) whose it is, it is as one of somebody else's message.
        """
        found = await self._picture(interaction, press)
        if found.made_by is None:
            return found
        row = await self._storage.ledger.find(found.made_by)
        if row is None:
            return replace(found, borrowed=True)
        if not await self._storage.preferences.may_use(row.request, interaction.user.id):
            raise PictureUnwilling
        return found

    async def _picture(self, interaction: discord.Interaction, press: Press) -> Found:
        """Raises PictureGone."""
        message_id, _dash, id = press.subject.partition("-")
        if not (message_id.isdecimal() and id.isdecimal()):
            raise PictureGone
        remembered = self._remembered.get((interaction.user.id, int(id)))
        if remembered is not None:
            return remembered
        if not interaction.permissions.read_message_history or interaction.channel_id is None:
            raise PictureGone
        channel = interaction.client.get_partial_messageable(interaction.channel_id)
        message = await _read_again(channel, int(message_id))
        for known, picture in _pictures(message):
            if known == int(id):
                return _found(interaction, message, picture)
        raise PictureGone


def _pictures(message: discord.Message) -> list[tuple[int, Attached]]:
    found = [(each.id, picture_of(each)) for each in message.attachments]
    return [(id, picture) for id, picture in found if picture.media_type.startswith("image/")]


async def _read_again(channel: discord.PartialMessageable, message_id: int) -> discord.Message:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return await channel.fetch_message(message_id)
    except (discord.HTTPException, *UNREACHABLE) as error:
        log.info("message not read again", extra={"reason": type(error).__name__})
        raise PictureGone from error


def _found(interaction: discord.Interaction, message: discord.Message, picture: Attached) -> Found:
    made = shown_in(message, interaction.client.user)
    made_by = None if made is None else f"{made[0]}-{made[1]}"
    return Found(picture, _is_borrowed(interaction, message), made_by)


def _is_borrowed(interaction: discord.Interaction, message: discord.Message) -> bool:
    bot = interaction.client.user
    return message.author.id not in (interaction.user.id, None if bot is None else bot.id)
