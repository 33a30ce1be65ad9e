"""The buttons that begin another image from one that is there, and their forms.

Whatever they begin is whoever's who presses: their quota, the same rules as for `/imagine`. Who may
is asked on every press and every form: custom ids can be forged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial

import discord

from bot.chat.acknowledgement import Acknowledgement
from bot.chat.panel import ask, in_time, whisper
from bot.chat.sight import beholder, images, is_made, is_private, may_begin, suits
from bot.domain.attached import Attached, ours
from bot.domain.generation import Generation, Request
from bot.domain.model import Model, Option
from bot.domain.origin import Derivation, Origin
from bot.domain.subject import Subject
from bot.generation.gallery import Gallery
from bot.language import _
from bot.panels.asking import Asking, request_from
from bot.record import Record, replace
from bot.refusals import Refused
from bot.refusals.sources import (
    NoModelFor,
    PictureNotKept,
    SourceElsewhere,
    SourceGone,
    SourceRemoved,
    SourceRestricted,
    SourceUnseen,
    SourceWithheld,
    WordsNotKept,
)
from bot.request import again
from bot.request.input import Chosen
from bot.request.successors import Successors, model_for
from bot.storage.storage import Storage
from bot.views.actions import Press
from bot.views.derivations import PROMPT, WHICH, change_form, chosen_from, edit_form
from bot.views.panel import TEXT_LENGTH
from bot.wording import derivations as words
from bot.wording.reasons import refusal

#: A form holds five items: the prompt, and so many options.
OPTIONS = 4
#: Seconds to read what an image was made from: with as many for preferences, and what is then the
#: ledger's, the answer is on its way half a second before Discord gives up.
LOOK_SECONDS = 0.5


class Source(Record):
    """One image that this person sees: the row that made it, and which of the row's it is.

    `subjects` are those of all its request's images. `borrowed`: it was made from a picture that
    somebody else has attached.
    """

    row: Generation
    picture: int
    subjects: Sequence[str]
    private: bool
    borrowed: bool


class Derivations:
    """*Again*, *Change image*, *Edit prompt*, *Upscale*, *Vary*."""

    def __init__(
        self,
        asking: Asking,
        storage: Storage,
        gallery: Gallery,
        successors: Successors,
        *,
        prompt_length: int,
    ) -> None:
        """`prompt_length`: the most characters of a prompt."""
        self._asking = asking
        self._ledger = storage.ledger
        self._lineage = storage.lineage
        self._preferences = storage.preferences
        self._styles = storage.styles
        self._gallery = gallery
        self._successors = successors
        self._longest = min(prompt_length, TEXT_LENGTH)

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Begin, or ask what should be other than it was."""
        by = Derivation(press.verb)
        if by in (Derivation.CHANGE, Derivation.EDIT):
            await in_time(interaction, self._open(interaction, press.subject, by))
        else:
            await self.begin(interaction, press.subject, by)

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """A form's words; who is refused gets them back."""
        by, subject = Derivation(press.verb), said.get(WHICH) or press.subject
        if subject.partition("-")[0] != press.subject.partition("-")[0]:
            subject = press.subject  # no form of ours asks about another request
        await self.begin(interaction, subject, by, said)

    async def begin(
        self,
        interaction: discord.Interaction,
        subject: str,
        by: Derivation,
        said: Mapping[str, str] | None = None,
    ) -> None:
        """Ask for it as `Asking.ask` does, or tell privately why not. `said`: by a form."""
        said = said or {}
        prompt, kept = said.get(PROMPT, ""), list[str]()
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                source = await self._source(interaction, subject, by)
                request, chosen = await self._asked(interaction, source, by, said)
                kept += self._kept(source, by)
        except Refused as refused:
            reason = words.refused(refusal(refused), prompt, kept)
            await Acknowledgement(interaction, private=True).refuse(reason)
            return
        returned = partial(words.refused, prompt=prompt, names=kept)
        await self._asking.ask(interaction, request, chosen, refused_in=returned)

    async def _open(self, interaction: discord.Interaction, subject: str, by: Derivation) -> None:
        try:
            source = await self._source(interaction, subject, by)
            modal = self._form(source, by)
        except Refused as refused:
            await whisper(interaction, refusal(refused))
            return
        await ask(interaction, modal, _(words.PRESS_AGAIN))

    def _form(self, source: Source, by: Derivation) -> discord.ui.Modal:
        """Raises `Refused`."""
        row, subjects = source.row, source.subjects
        if by is Derivation.CHANGE:
            self._able(source, by)
            return change_form(row.id, subjects, self._longest)
        _require_words(row.request, by)
        chosen, options = self._again(source), self._options(source)
        filled = [(option, chosen.options.get(option.name)) for option in options]
        prompt, kept = row.request.prompt, self._kept(source, by)
        return edit_form(row.id, prompt, filled, kept, self._longest)

    async def _source(
        self, interaction: discord.Interaction, subject: str, by: Derivation
    ) -> Source:
        """The image of that subject, where this person may start from it. Raises `Refused`."""
        named = Subject.of(subject)
        rows = await self._ledger.request(named.generation_id) if named else []
        who = beholder(interaction, rows)
        if not may_begin(who, rows):
            raise SourceUnseen
        if any(row.removed_by for row in rows):
            raise SourceRemoved
        if not is_made(rows):
            raise SourceUnseen
        request = rows[0].request
        if interaction.guild_id != request.guild_id:
            raise SourceElsewhere
        if by.takes_image and not suits(interaction, request):
            raise SourceRestricted
        found = {f"{row.id}-{number}": (row, number) for row, number in images(rows)}
        wanted = subject if subject in found else next(iter(found), "")
        if wanted == "" or (named and named.picture is not None and wanted != subject):
            raise SourceGone
        borrowed = await self._borrowed(rows[0], by, interaction.user.id)
        return Source(*found[wanted], tuple(found), is_private(rows), borrowed)

    async def _borrowed(self, row: Generation, by: Derivation, user_id: int) -> bool:
        """Whether by that button it starts from a picture that somebody else has attached.

        Raises SourceWithheld where whoever's image it starts from lets nobody, PictureNotKept where
        that was removed: its copy goes a while later, where it was still needed.
        """
        if by.takes_image:
            await self._require_leave(row.request, user_id)
        if by.takes_image or not row.request.pictures:
            return False
        begun, is_image = again.begun_from(row, await self._lineage.ancestors(row))
        if is_image and (begun is None or begun.removed_by is not None):
            raise PictureNotKept
        for each in (row, begun):
            if each is not None:
                await self._require_leave(each.request, user_id)
        return not is_image and (begun is None or begun.request.user_id != user_id)

    async def _asked(
        self,
        interaction: discord.Interaction,
        source: Source,
        by: Derivation,
        said: Mapping[str, str],
    ) -> tuple[Request, Chosen]:
        """What is asked for by that button. Raises `Refused`."""
        before = source.row.request
        prompt = said.get(PROMPT, "") if said else before.prompt
        if by.takes_image:
            model = self._able(source, by)
            chosen, pictures = Chosen(model=model.name), await self._image(source)
            prompt = prompt if model.prompt else ""
        else:
            _require_words(before, by)
            chosen, pictures = self._again(source), await self._pictures(source)
            options = chosen_from(said, self._options(source), chosen.options)
            chosen = replace(chosen, options=options, borrowed=source.borrowed)
        pressed = interaction.message.id if interaction.message else 0
        request = replace(
            request_from(interaction, prompt, private=source.private),
            pictures=pictures,
            spoiler=by.takes_image and before.spoiler,
            origin=Origin(source.row.id, source.picture, by, pressed),
        )
        return request, chosen

    async def _require_leave(self, request: Request, user_id: int) -> None:
        """Raises SourceWithheld where whoever asked for it does not let others start from it."""
        if not await self._preferences.may_use(request, user_id):
            raise SourceWithheld

    def _able(self, source: Source, by: Derivation) -> Model:
        """The model for it, where the image was made. Raises NoModelFor."""
        request = source.row.request
        model = model_for(by, self._successors.models(request.guild_id, request.place_id))
        if model is None:
            raise NoModelFor
        return model

    async def _image(self, source: Source) -> tuple[Attached, ...]:
        """The image itself, from our own file. Raises SourceGone."""
        output = source.row.outputs[source.picture]
        if not await self._gallery.holds(output.name):
            raise SourceGone
        return (Attached(output.media_type, output.size, url=ours(output.name)),)

    async def _pictures(self, source: Source) -> tuple[Attached, ...]:
        """What it was made from, likewise. Raises PictureNotKept."""
        pictures = again.pictures(source.row)
        for picture in pictures:
            if not await self._gallery.holds(picture.copied_from or ""):
                raise PictureNotKept
        return pictures

    def _again(self, source: Source) -> Chosen:
        """Raises ModelNotOffered."""
        styles = self._styles.of(source.row.request.guild_id)
        return again.chosen(source.row, self._successors.offered, styles)

    def _options(self, source: Source) -> Sequence[Option]:
        """Those that a form has room for. Raises ModelNotOffered."""
        return again.model_of(source.row, self._successors.offered).options[:OPTIONS]

    def _kept(self, source: Source, by: Derivation) -> list[str]:
        """The names of the others, as far as they were chosen."""
        if by is not Derivation.EDIT:
            return []
        shown = {option.name for option in self._options(source)}
        return [name for name in self._again(source).options if name not in shown]


def _require_words(request: Request, by: Derivation) -> None:
    """Raises WordsNotKept where there are none to ask for again, or to edit."""
    needed = request.prompt_input or by is Derivation.EDIT
    if needed and not (request.prompt and request.prompt_input):
        raise WordsNotKept
