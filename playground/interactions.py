"""What people ask of the bot, on its way there and until the bot has acknowledged it."""

from __future__ import annotations

import asyncio
from typing import Any

from simcord.backend import serializers
from simcord.backend.models import Channel, Interaction, Message
from simcord.enums import InteractionType
from simcord.interactions import base_payload

from playground.attached import ATTACHMENT_SIZE_LIMIT
from playground.backend import PlaygroundBackend
from playground.errors import WorldError
from playground.modal import Modal, opened
from playground.resolved import Resolved

ACKNOWLEDGE_WITHIN = 3.0
"""Seconds an application has for its first response (Discord, receiving-and-responding)."""


class Interactions:
    """Sent through the gateway; each waits `acknowledge_within` seconds for its first response."""

    def __init__(self, backend: PlaygroundBackend, acknowledge_within: float) -> None:
        self._backend = backend
        self._acknowledge_within = acknowledge_within
        self._unanswered: dict[int, asyncio.Event] = {}

    async def command(
        self, channel: Channel, person_id: str, data: dict[str, Any], resolved: Resolved
    ) -> Modal | None:
        """Run a command, typed or chosen from a menu."""
        kind = InteractionType.APPLICATION_COMMAND
        record, payload = self._made(kind, channel, person_id, data, resolved)
        return await self._send(record, payload)

    async def component(
        self,
        channel: Channel,
        person_id: str,
        data: dict[str, Any],
        source: Message,
        resolved: Resolved | None = None,
    ) -> Modal | None:
        """Use a component of the message `source`."""
        kind = InteractionType.MESSAGE_COMPONENT
        record, payload = self._made(kind, channel, person_id, data, resolved)
        self._attach(record, payload, source)
        return await self._send(record, payload)

    async def submission(
        self, channel: Channel, opener: Interaction, components: list[Any], resolved: Resolved
    ) -> None:
        """Submit the form that answered `opener`; it carries the message that `opener` came from.

        A form can be submitted again until a submission was acknowledged, as Discord's client
        keeps it open.
        """
        data = {"custom_id": (opener.modal or {})["custom_id"], "components": components}
        person_id = str(opener.user_id)
        kind = InteractionType.MODAL_SUBMIT
        record, payload = self._made(kind, channel, person_id, data, resolved)
        self._backend.openers[record.id] = opener.id
        source = self._backend.messages[channel.id].get(opener.source_message_id or 0)
        if source is not None:
            self._attach(record, payload, source)
        await self._send(record, payload)
        opener.modal_consumed = True

    def settle(self) -> None:
        """After a call of the bot: wake whoever waits for what it has acknowledged."""
        for interaction_id, answered in self._unanswered.items():
            if self._backend.interactions[interaction_id].responded:
                answered.set()

    def _made(
        self,
        kind: InteractionType,
        channel: Channel,
        person_id: str,
        data: dict[str, Any],
        resolved: Resolved | None,
    ) -> tuple[Interaction, dict[str, Any]]:
        if resolved is not None and resolved.objects:
            data = {**data, "resolved": resolved.objects}
        record, payload = base_payload(
            self._backend,
            type=kind,
            channel_id=channel.id,
            guild_id=channel.guild_id,
            user_id=int(person_id),
            data=data,
        )
        payload["attachment_size_limit"] = ATTACHMENT_SIZE_LIMIT
        payload["locale"] = self._backend.locale
        if channel.guild_id is not None:
            payload["guild_locale"] = self._backend.guilds[channel.guild_id].preferred_locale
        payload["authorizing_integration_owners"] = {"0": str(channel.guild_id or 0)}
        return record, payload

    def _attach(self, record: Interaction, payload: dict[str, Any], source: Message) -> None:
        record.source_message_id = source.id
        payload["message"] = dict(serializers.message_payload(self._backend, source))

    async def _send(self, record: Interaction, payload: dict[str, Any]) -> Modal | None:
        answered = self._unanswered[record.id] = asyncio.Event()
        try:
            self._backend.emit("INTERACTION_CREATE", payload)
            await asyncio.wait_for(answered.wait(), self._acknowledge_within)
        except TimeoutError:
            raise WorldError("The application did not respond") from None
        finally:
            del self._unanswered[record.id]
        return opened(record)
