"""The people, the channels and the bot, and what a person can do in Discord's client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simcord._clock import Clock
from simcord.backend import serializers
from simcord.backend.access import message_accessible
from simcord.backend.errors import BackendError
from simcord.backend.models import EPHEMERAL_FLAG, Channel, Message
from simcord.backend.ops import EventListener
from simcord.enums import AppCommandType
from simcord.http import router
from simcord.http import routes as _routes  # noqa: F401 - registers every route

from playground.attached import ATTACHMENT_SIZE_LIMIT, Attached
from playground.backend import PlaygroundBackend
from playground.components import chosen, pressed
from playground.errors import WorldError
from playground.guild import found_guild, roles_of
from playground.interactions import ACKNOWLEDGE_WITHIN, Interactions
from playground.languages import Languages
from playground.modal import Modal, filled, opened
from playground.options import fill, typing
from playground.places import Places
from playground.resolved import Resolved
from playground.rules import Rules

__all__ = ["ATTACHMENT_SIZE_LIMIT", "World", "WorldError"]

_MESSAGE_MAX_LENGTH = 2000

_SENTENCES = {
    10003: "That channel is no longer there.",
    10008: "That message is no longer there.",
    50001: "You cannot see that channel.",
    50013: "You may not do that here.",
}


class World:
    """One server, “Playground”, with three text channels, five people and the bot.

    Every action raises WorldError with a sentence for the person who tried it. What asks the bot
    something returns once the bot has acknowledged it, with the form that it opened, if any.
    """

    def __init__(self, backend: PlaygroundBackend, acknowledge_within: float) -> None:
        self.backend = backend
        guild = found_guild(backend)
        self.guild_id = guild.id
        self.people = guild.people
        self.channels = guild.channels
        self.rules = Rules(backend)
        self.attached = Attached()
        self.places = Places(backend, guild, self.rules)
        self.languages = Languages(backend, guild.id)
        self._interactions = Interactions(backend, self.languages, acknowledge_within)
        self._dismissed: set[int] = set()

    @classmethod
    def create(
        cls, clock: Clock | None = None, acknowledge_within: float = ACKNOWLEDGE_WITHIN
    ) -> World:
        """A world in real time, or in that of `clock`; `acknowledge_within` is in seconds."""
        return cls(PlaygroundBackend(clock), acknowledge_within)

    @property
    def bot_user_id(self) -> int:
        return self.backend.bot_user.id

    @property
    def application_id(self) -> int:
        return self.backend.application_id

    @property
    def roles(self) -> list[dict[str, Any]]:
        """The server's roles as the page offers them, the highest first."""
        return roles_of(self.backend, self.guild_id)

    def subscribe(self, listener: EventListener) -> Callable[[], None]:
        """Call `listener(event, payload)` for every gateway event; returns the way out.

        MESSAGE_* events of ephemeral messages (flags & 64) come too: only their recipient may be
        shown them, which `messages` takes care of.
        """
        self.backend.subscribers.append(listener)
        self.backend.whispers.append(listener)

        def unsubscribe() -> None:
            if listener in self.backend.whispers:
                self.backend.subscribers.remove(listener)
                self.backend.whispers.remove(listener)

        return unsubscribe

    def messages(self, channel_id: str, viewer_id: str) -> list[dict[str, Any]]:
        """What `viewer_id` sees in a channel: Discord message payloads, oldest first."""
        stored = self.backend.messages.get(int(channel_id), {}).values()
        return [
            dict(serializers.message_payload(self.backend, message))
            for message in sorted(stored, key=lambda message: message.id)
            if self._sees(message, int(viewer_id))
        ]

    def commands(self, viewer_id: str, channel_id: str) -> list[dict[str, Any]]:
        """The slash commands that `viewer_id` is offered in a channel, as registered."""
        self._require(viewer_id, channel_id)
        return self.backend.visible_commands(user_id=int(viewer_id), channel_id=int(channel_id))

    async def invoke(
        self, person_id: str, channel_id: str, name: str, options: Mapping[str, str]
    ) -> Modal | None:
        """Run a slash command.

        `name` is the command, with its subcommands after spaces; `options` maps option names to
        what was typed, or to a choice's value, or to an id: of a person, a role, a channel, or
        of what `attached.put` keeps.
        """
        root, *path = name.split()
        offered = {command["name"]: command for command in self.commands(person_id, channel_id)}
        command = offered.get(root)
        if command is None:
            raise WorldError(f"There is no command /{root} here.")
        channel, resolved = self._enter(person_id, channel_id)
        data = fill(command, path, options, resolved)
        return await self._interactions.command(channel, person_id, data, resolved)

    async def suggest(
        self, person_id: str, channel_id: str, name: str, option: str, typed: str
    ) -> list[dict[str, Any]]:
        """The choices that the bot suggests while somebody types an option of a slash command."""
        root, *path = name.split()
        commands = self.commands(person_id, channel_id)
        command = next((each for each in commands if each["name"] == root), None)
        if command is None:
            raise WorldError(f"There is no command /{root} here.")
        channel, _ = self._enter(person_id, channel_id)
        data = typing(command, path, option, typed)
        return await self._interactions.suggestions(channel, person_id, data)

    def menu(self, viewer_id: str, channel_id: str) -> list[dict[str, Any]]:
        """The commands that `viewer_id` is offered in a message's Apps menu, as registered."""
        self._require(viewer_id, channel_id)
        where = {"user_id": int(viewer_id), "channel_id": int(channel_id)}
        return self.backend.visible_commands(**where, type=AppCommandType.MESSAGE)

    async def use(
        self, person_id: str, channel_id: str, message_id: str, name: str
    ) -> Modal | None:
        """Choose a command of a message's Apps menu."""
        message = self._message(person_id, channel_id, message_id)
        offered = {each["name"]: each for each in self.menu(person_id, channel_id)}
        if name not in offered:
            raise WorldError(f"There is no “{name}” here.")
        channel, resolved = self._enter(person_id, channel_id)
        target = {"type": AppCommandType.MESSAGE, "target_id": resolved.take_message(message)}
        data = {"id": offered[name]["id"], "name": name, **target}
        return await self._interactions.command(channel, person_id, data, resolved)

    async def click(
        self, person_id: str, channel_id: str, message_id: str, custom_id: str
    ) -> Modal | None:
        """Press a button."""
        message = self._message(person_id, channel_id, message_id)
        data = pressed(message, custom_id)
        channel, _ = self._enter(person_id, channel_id)
        return await self._interactions.component(channel, person_id, data, message)

    async def select(
        self,
        person_id: str,
        channel_id: str,
        message_id: str,
        custom_id: str,
        values: Sequence[str],
    ) -> Modal | None:
        """Choose `values` in a select menu; people, roles and channels by their ids."""
        message = self._message(person_id, channel_id, message_id)
        channel, resolved = self._enter(person_id, channel_id)
        data = chosen(message, custom_id, values, resolved)
        return await self._interactions.component(channel, person_id, data, message, resolved)

    async def submit(self, person_id: str, modal_id: str, values: Mapping[str, Any]) -> None:
        """Submit a form that the bot opened for this person, also long ago.

        `values` are by custom id, as `playground.modal.filled` says. What is refused or not
        acknowledged can be submitted again.
        """
        opener = self.backend.interactions.get(int(modal_id) if modal_id.isdecimal() else 0)
        modal = None if opener is None else opened(opener)
        if opener is None or modal is None or str(opener.user_id) != person_id:
            raise WorldError("That form is no longer there.")
        if opener.modal_consumed:
            raise WorldError("That form was submitted before.")
        channel, resolved = self._enter(person_id, str(opener.channel_id))
        components = filled(modal, values, resolved)
        await self._interactions.submission(channel, opener, components, resolved)

    async def say(self, person_id: str, channel_id: str, text: str) -> None:
        """Post an ordinary message."""
        if not text.strip():
            raise WorldError("Type something first.")
        if len(text) > _MESSAGE_MAX_LENGTH:
            raise WorldError(f"A message takes up to {_MESSAGE_MAX_LENGTH:,} characters.")
        channel = self._require(person_id, channel_id)
        if channel.guild_id is not None:
            may = "send_messages_in_threads" if channel.is_thread else "send_messages"
            self._require(person_id, channel_id, may)
            self._enter(person_id, channel_id)
        self.backend.create_message(int(channel_id), int(person_id), text)

    async def delete(self, person_id: str, channel_id: str, message_id: str) -> None:
        """Delete a message; an ephemeral one is only dismissed, as in Discord's client."""
        message = self._message(person_id, channel_id, message_id)
        if message.is_ephemeral:
            self._dismissed.add(message.id)
            gone = {"id": message_id, "channel_id": channel_id, "flags": EPHEMERAL_FLAG}
            self.backend.whisper("MESSAGE_DELETE", gone)
            return
        if message.author_id != int(person_id):
            self._require(person_id, channel_id, "manage_messages")
        self.backend.delete_message(message.channel_id, message.id)

    def dispatch(self, method: str, path: str, **request: Any) -> Any:
        """One REST call of the bot; raises simcord's BackendError (RouteNotImplemented, …)."""
        try:
            body = request.get("json")
            given = self.rules.before(method, path, body)
            if given is not None:
                return given
            answer = router.dispatch(self.backend, method, path, **request)
            return self.rules.after(method, path, body, answer)
        finally:
            self.backend.nonce = None
            self._interactions.settle()
            # SimCord keeps every call for its assertions; nobody asks here.
            self.backend.http_requests.clear()
            self.backend.transcript.clear()

    def _sees(self, message: Message, viewer_id: int) -> bool:
        return message.id not in self._dismissed and message_accessible(
            self.backend, message.channel_id, message, viewer_id, history=True
        )

    def _message(self, person_id: str, channel_id: str, message_id: str) -> Message:
        self._require(person_id, channel_id)
        stored = self.backend.messages[int(channel_id)]
        message = stored.get(int(message_id)) if message_id.isdecimal() else None
        if message is None or not self._sees(message, int(person_id)):
            raise WorldError(_SENTENCES[10008])
        return message

    def _enter(self, person_id: str, channel_id: str) -> tuple[Channel, Resolved]:
        """The channel in which the person acts, and what encloses whom they name there.

        Whoever acts in an archived thread reopens it, unless it is locked.
        """
        channel = self._require(person_id, channel_id)
        state = channel.thread_metadata
        if state is not None and state.locked:
            raise WorldError("This thread is locked.")
        if state is not None and state.archived:
            self.rules.reopen(channel)
        return channel, Resolved(self.backend, self.attached, channel, int(person_id))

    def _require(self, person_id: str, channel_id: str, *permissions: str) -> Channel:
        """The channel, if the person is here and may do that there."""
        if not any(person["id"] == person_id for person in self.people):
            raise WorldError("Nobody here has that id.")
        channel = self.places.find(person_id, channel_id)
        if channel is None:
            raise WorldError(_SENTENCES[10003])
        if channel.guild_id is None:
            return channel
        try:
            self.backend.require_permissions(
                self.guild_id, int(person_id), channel.id, "view_channel", *permissions
            )
        except BackendError as error:
            sentence = _SENTENCES.get(error.code, f"Discord says: {error.message}.")
            raise WorldError(sentence) from None
        return channel
