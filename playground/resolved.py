"""The people, roles and channels that an interaction speaks of, as Discord encloses them."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from simcord.backend import serializers
from simcord.backend.access import channel_accessible
from simcord.backend.models import Channel, Message
from simcord.interactions import store_interaction_attachment

from playground.attached import Attached
from playground.backend import PlaygroundBackend
from playground.errors import WorldError
from playground.uploads import safe_name


class Kind(StrEnum):
    """What an id can stand for; the word is for a sentence."""

    USER = "person"
    ROLE = "role"
    CHANNEL = "channel"


class Resolved:
    """The `resolved` of one interaction: whatever was taken, in `objects`.

    `channel` is where the interaction happens, and `person_id` whose it is: nobody can name a
    channel that they do not see.
    """

    def __init__(
        self, backend: PlaygroundBackend, attached: Attached, channel: Channel, person_id: int
    ) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self._backend = backend
        self._attached = attached
        self._channel = channel
        self._person_id = person_id

    def take(self, wanted: str, *kinds: Kind, channel_types: Collection[int] = ()) -> str:
        """Enclose what the id `wanted` stands for, and return it.

        Raises WorldError for an id that is none of `kinds`, or a channel of another type.
        """
        takers = {Kind.USER: self._user, Kind.ROLE: self._role}
        id = int(wanted) if wanted.isdecimal() else 0
        for kind in kinds:
            if kind is Kind.CHANNEL:
                found = self._take_channel(id, channel_types)
            else:
                found = takers[kind](id)
            if found:
                return str(id)
        raise WorldError(f"There is no such {' or '.join(kinds)} here.")

    def take_file(self, wanted: str) -> str:
        """Enclose a file that the person attached; returns its id as an attachment.

        Raises WorldError when there is none of the id `wanted`.
        """
        name, content = self._attached.get(wanted)
        return store_interaction_attachment(
            self._backend, self._channel.id, safe_name(name), content, self.objects
        )

    def take_message(self, message: Message) -> str:
        """Enclose a message that a command was chosen for; returns its id."""
        payload = dict(serializers.message_payload(self._backend, message))
        self._enclose("messages", message.id, payload)
        return str(message.id)

    def _enclose(self, group: str, id: int, payload: dict[str, Any]) -> bool:
        self.objects.setdefault(group, {})[str(id)] = payload
        return True

    def _user(self, id: int) -> bool:
        backend, guild_id = self._backend, self._channel.guild_id
        if guild_id is None:
            if id not in (*self._channel.recipient_ids, backend.bot_user.id):
                return False
        elif not self._member(guild_id, id):
            return False
        return self._enclose("users", id, dict(serializers.user_payload(backend.get_user(id))))

    def _member(self, guild_id: int, id: int) -> bool:
        guild = self._backend.get_guild(guild_id)
        member = guild.members.get(id)
        if member is None:
            return False
        payload = dict(serializers.member_payload(self._backend, guild, member, with_user=False))
        for left_out in ("deaf", "mute"):  # Discord (receiving and responding, resolved data)
            payload.pop(left_out)
        allowed = self._backend.compute_permissions(guild_id, id, self._channel.id)
        return self._enclose("members", id, {**payload, "permissions": str(allowed)})

    def _role(self, id: int) -> bool:
        guild_id = self._channel.guild_id
        role = None if guild_id is None else self._backend.get_guild(guild_id).roles.get(id)
        if role is None:
            return False
        return self._enclose("roles", id, dict(serializers.role_payload(role)))

    def _take_channel(self, id: int, types: Collection[int]) -> bool:
        backend, guild_id = self._backend, self._channel.guild_id
        channel = backend.channels.get(id)
        if channel is None or guild_id is None or channel.guild_id != guild_id:
            return False
        if types and channel.type not in types:
            return False
        if not channel_accessible(backend, id, self._person_id):
            return False
        allowed = backend.compute_permissions(guild_id, self._person_id, id)
        payload = dict(serializers.channel_payload(backend, channel))
        return self._enclose("channels", id, {**payload, "permissions": str(allowed)})
