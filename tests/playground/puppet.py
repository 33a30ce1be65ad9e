"""A bot without a client: it hears of every interaction, and says at once what a test wants."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

import pytest

from playground.world import World, WorldError

SHOW = {"name": "show", "description": "Shows what the test wants"}


class Puppet:
    """Answers every interaction at once with `answer`, or never with None."""

    def __init__(self, world: World, commands: Sequence[Mapping[str, Any]] = (SHOW,)) -> None:
        self.world = world
        self.answer: dict[str, Any] | None = {"type": 4, "data": {"content": "ok"}}
        self.heard: list[Mapping[str, Any]] = []
        path = f"/applications/{world.application_id}/commands"
        world.dispatch("PUT", path, json=[dict(command) for command in commands])
        world.subscribe(self._hear)

    async def shows(self, person: str, channel: str, *components: Any, flags: int = 0) -> str:
        """Post `components` as the answer to a command; returns the message's id."""
        data = {"content": "here", "components": list(components), "flags": flags}
        if flags & 1 << 15:
            del data["content"]
        self.answer = {"type": 4, "data": data}
        await self.world.invoke(person, channel, "show", {})
        self.answer = {"type": 6}
        return str(self.world.messages(channel, person)[-1]["id"])

    def _hear(self, event: str, payload: Mapping[str, Any]) -> None:
        if event != "INTERACTION_CREATE":
            return
        self.heard.append(payload)
        if self.answer is not None:
            path = f"/interactions/{payload['id']}/{payload['token']}/callback"
            self.world.dispatch("POST", path, json=self.answer)


def member(world: World, role: str = "member") -> str:
    return next(person["id"] for person in world.people if person["role"] == role)


def role(world: World, name: str) -> str:
    return next(str(role["id"]) for role in world.roles if role["name"] == name)


async def refusal(action: Awaitable[object]) -> str:
    with pytest.raises(WorldError) as raised:
        await action
    return str(raised.value)
