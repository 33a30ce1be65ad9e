"""Six kinds of people in a server, one of them at a time, and what they try with the real bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

import discord
from simcord import actors
from simcord.actors import MemberActor
from simcord.backend import serializers
from simcord.backend.access import channel_accessible

from bot.domain.generation import Generation, Status
from bot.domain.guild import Holder
from bot.wording import (
    NOT_STORED,
    appeals,
    desk,
    history,
    images,
    moderation,
    screening,
    settings,
    styles,
    usage,
)
from bot.wording import NOT_YOURS as NOT_YOURS_TO_CANCEL
from tests.world import World

PEOPLE = (
    "the owner",
    "a manager",
    "a moderator",
    "a member",
    "a blocked member",
    "a moderator of another server",
)
"""Whoever tries; the last one is a member here."""

BLOCKED, STRANGER = PEOPLE[4:]
YES = "yes"
ELSEWHERE = "nothing of this server"
_TOLD = (
    "This server's moderators have blocked you from making images here.",
    NOT_YOURS_TO_CANCEL,
    NOT_STORED,
    usage.NOBODY_ELSES,
    settings.NEEDS_MANAGE_SERVER,
    screening.NEEDS_MANAGE_SERVER,
    moderation.NEEDS_MODERATOR,
    desk.OWN_REQUEST,
    desk.NOT_YOURS,
    desk.NOT_PENDING,
    appeals.NOT_YOURS,
    images.NOT_TO_BE_SEEN,
    images.NOT_YOURS,
    images.YOUR_OWN,
    images.NOTHING_REPORTED,
    history.NOT_YOURS,
    history.NOT_TO_BE_SAVED,
    styles.NEEDS_MANAGE_SERVER,
)
REFUSALS: Mapping[str, str] = dict(zip(ascii_lowercase, _TOLD, strict=False))
"""What people are told that may not, by the letter in the table."""

_MODAL_SUBMIT = 5
_MODERATES = discord.Permissions(manage_messages=True, moderate_members=True)
_IMAGE_SECONDS = 15
_SEEN = discord.PermissionOverwrite(view_channel=True)
_UNSEEN = discord.PermissionOverwrite(view_channel=False)


@dataclass
class Scene:
    """One person's try: `who` acts here, `there` is the same person in another server.

    `asker` is somebody else who asks for images, new for each try, as `judge` is who decides them.
    """

    world: World
    kind: str
    who: Any
    there: Any
    asker: Any
    judge: Any
    desk: Any
    elsewhere: Any

    async def command(self, name: str, **options: Any) -> Any:
        return await self.who.slash(self.world.channel, name, **options)

    async def press(self, custom_id: str, message: Any = None) -> Any:
        """A button of `message`, or elsewhere, where this person cannot see that."""
        if message is None or not self._sees(message.channel_id):
            message = _button(self.world, self.world.channel, custom_id)
        return await self.world.forged(self.who, message, custom_id)

    async def press_there(self, custom_id: str) -> Any:
        """A button's id, forged in another server."""
        message = _button(self.world, self.elsewhere, custom_id)
        return await self.world.forged(self.there, message, custom_id)

    async def submit(self, custom_id: str, **fields: str) -> Any:
        return await _submit(self.world, self.who, self.world.channel, custom_id, fields)

    async def submit_there(self, custom_id: str, **fields: str) -> Any:
        return await _submit(self.world, self.there, self.elsewhere, custom_id, fields)

    async def ask(
        self, who: Any = None, seconds: float = _IMAGE_SECONDS, **options: Any
    ) -> Generation:
        """An image, as it is after so long; without a block, where this person has one."""
        asking = who or self.asker
        async with self.free():
            await self.world.imagine(asking, **options)
            await self.world.env.advance_time(seconds)
        return await self.latest(asking)

    async def review(self, who: Any = None) -> Generation:
        """The same where images are reviewed: it waits at the desk."""
        for name, value in (("review", "image"), ("desk", str(self.desk.id))):
            await self.world.set_limit(Holder.CHANNEL, self.world.channel.id, name, value)
        row = await self.ask(who)
        assert row.status is Status.REVIEWING
        return row

    async def reject(self, who: Any = None) -> Generation:
        """Reviewed, and decided by a moderator who is none of the six."""
        row = await self.review(who)
        form = f"imagine-form:desk:reject:{subject(row)}"
        await _submit(self.world, self.judge, self.world.channel, form, {"reason": "too red"})
        await self.world.env.advance_time(5)
        return await self.latest(who or self.asker)

    async def appeal(self) -> Generation:
        """What the asker was refused, once more at the desk."""
        row = await self.reject()
        form = f"imagine-form:desk:appeal:{row.id}"
        await _submit(self.world, self.asker, self.world.channel, form, {"appeal": "a fox"})
        return await self.latest(self.asker)

    async def report(self) -> Generation:
        """The asker's image, which somebody has reported."""
        row, somebody = await self.ask(), _member(self.world, f"{self.asker.name}s-reporter")
        form = f"imagine-form:image:report:{row.id}"
        await _submit(self.world, somebody, self.world.channel, form, {"reason": "no"})
        assert await self.reports(row) == 1
        return row

    async def reports(self, row: Generation) -> int:
        """How many of this image are open."""
        return len(await self.world.bot._storage.reports.reports(row.request.interaction_id))

    async def saved(self, row: Generation) -> bool:
        """Whether its image is kept for the server."""
        saved = self.world.bot._storage.saved
        return bool(await saved.of_request(row.request.interaction_id))

    async def latest(self, who: Any) -> Generation:
        [row] = await self.world.ledger.recent(who.id, 1)
        return row

    async def status(self) -> Status:
        """What became of what the asker asked for, a little later."""
        await self.world.env.advance_time(5)
        return (await self.latest(self.asker)).status

    async def acts(self) -> int:
        """How much is on this server's record."""
        sql = "select count(*) as n from audit where guild_id = :guild"
        [row] = await self.world.database.read(sql, {"guild": self.world.guild.id})
        return int(row["n"])

    @asynccontextmanager
    async def free(self) -> AsyncIterator[None]:
        """Without this person's block, as it was before or after."""
        if self.kind != BLOCKED:
            yield
            return
        await self.block(self.who, False)
        yield
        await self.block(self.who, True)

    async def block(self, who: Any, blocked: bool) -> None:
        """By another moderator."""
        sanctions, now = self.world.bot._storage.sanctions, self.world.clock.now()
        about = self.world.guild.id, self.judge.id, who.id, ""
        if blocked:
            await sanctions.block(*about, until=None, now=now)
        else:
            await sanctions.unblock(*about, now=now)

    @property
    def card(self) -> Any:
        """At the desk; the newest one."""
        return self.world.env.backend.get_message(self.desk.id, self.desk.last_message.id)

    def _sees(self, channel_id: int) -> bool:
        return channel_accessible(self.world.env.backend, channel_id, self.who.id)


def subject(row: Generation) -> str:
    """What a card's buttons are about."""
    return f"{row.request.interaction_id}-{row.status}"


def verdict(result: Any, *, done: bool) -> str:
    """YES, or the letter of what was said; raises AssertionError where it was something else."""
    said = told(result)
    refused = [letter for letter, words in REFUSALS.items() if words in said]
    assert len(refused) == (0 if done else 1), f"done: {done}, and said: {said!r}"
    return refused[0] if refused else YES


def told(result: Any) -> str:
    """All that a person reads in answer."""
    answers = [result.response, *result.followups]
    return "\n".join(text for each in answers if each for text in (each.content, *_texts(each)))


def _texts(message: Any) -> list[str]:
    found, left = [], list(message.components)
    while left:
        part = left.pop(0)
        found += [part["content"]] if "content" in part else []
        left += part.get("components", ())
    return found


def _button(world: World, channel: Any, custom_id: str) -> Any:
    """A panel of the bot's with this button: what whoever forges an id makes of any other."""
    backend = world.env.backend
    button = {"type": 2, "style": 2, "label": "forged", "custom_id": custom_id}
    row = {"type": 1, "components": [button]}
    author, flags = backend.bot_user.id, discord.MessageFlags(components_v2=True).value
    return backend.create_message(channel.id, author, "", components=[row], flags=flags)


async def _submit(
    world: World, who: Any, channel: Any, custom_id: str, fields: Mapping[str, str]
) -> Any:
    """A form, also one that was never shown."""
    values = [{"type": 4, "custom_id": name, "value": value} for name, value in fields.items()]
    components = [{"type": 18, "component": value} for value in values]
    data = {"custom_id": custom_id, "components": components}
    backend = world.env.backend
    stored = _button(world, channel, custom_id)
    return await actors._dispatch_actor_interaction(
        who,
        _MODAL_SUBMIT,
        channel,
        data,
        extra={"message": dict(serializers.message_payload(backend, stored))},
        source_message_id=stored.id,
    )


async def scenes(world: World) -> AsyncIterator[Scene]:
    """One try for each of PEOPLE, in the same server, where Discord hides no command."""
    for command in world.bot.tree.get_commands():
        vars(command)["default_permissions"] = None  # they are only defaults
    await world.bot.tree.sync()
    there = world.env.create_guild()
    elsewhere = there.create_text_channel("elsewhere")
    rank = there.create_role("Moderators", permissions=_MODERATES)
    judge = _member(world, "judge", world.guild.roles["Moderators"])
    review_desk = _desk(world)
    for number, (kind, who) in enumerate(_people(world).items()):
        same = there.add_member(who.user, roles=[rank] if kind == STRANGER else [])
        asker = _member(world, f"asker{number}")
        scene = Scene(world, kind, who, same, asker, judge, review_desk, elsewhere)
        if kind == BLOCKED:
            await scene.block(who, True)
        yield scene


def _people(world: World) -> dict[str, Any]:
    owner = MemberActor(world.env, world.guild, world.guild.owner)
    new = _member(world, "blocked"), _member(world, "stranger")
    return dict(zip(PEOPLE, (owner, world.olivia, world.mona, world.bob, *new), strict=True))


def _member(world: World, name: str, *roles: Any) -> Any:
    return world.guild.add_member(world.env.create_user(name), roles=roles)


def _desk(world: World) -> Any:
    """A channel that moderators, managers and the bot see."""
    guild, bot = world.bot.get_guild(world.guild.id), world.bot.user
    assert guild is not None
    assert bot is not None
    roles = [world.guild.roles[name] for name in ("Moderators", "Managers")]
    seen = dict.fromkeys((bot, *roles), _SEEN)
    return world.guild.create_text_channel("desk", overwrites={guild.default_role: _UNSEEN, **seen})
