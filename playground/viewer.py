"""One open page: who is looking at what, and what of it was shown so far."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import WSMsgType, web

from playground.modal import Modal
from playground.trouble import Trouble
from playground.world import World, WorldError

#: Frames that wait for a page; one that lags further behind is shown the scene as it is now.
BACKLOG = 200


class Viewer:
    """One open page: who is looking, at which channel, and what it was shown so far."""

    def __init__(
        self, world: World, socket: web.WebSocketResponse, trouble: Trouble | None
    ) -> None:
        self.socket = socket
        self._world = world
        self._trouble = trouble
        self._places: list[dict[str, Any]] = []
        self._person = self._channel = ""
        self._shown: dict[str, str] | None = None
        self._commands: list[dict[str, Any]] = []
        self._menu: list[dict[str, str]] = []
        self._languages: dict[str, Any] = {}
        self._frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._answers: set[asyncio.Task[None]] = set()

    def look(self, person: str, channel: str) -> None:
        """Show the channel as this person sees it; unknown ids fall back to a plain member's view.

        A page that reconnects after a restart still holds the ids of the world before.
        """
        people = {entry["id"]: entry for entry in self._world.people}
        members = [id for id, entry in people.items() if entry["role"] == "member"]
        self._person = person if person in people else members[0]
        places = self._world.places.seen_by(self._person)
        channels = [entry["id"] for entry in places]
        if channel in self._lines:  # another person's line to the bot: one's own instead
            channel = places[-1]["id"]
        self._channel = channel if channel in channels else channels[0]
        self._shown = None
        self.look_again()

    @property
    def _lines(self) -> set[str]:
        """Everybody's direct messages with the bot."""
        return {str(channel) for channel in self._world.backend.dm_channels.values()}

    def show_trouble(self) -> None:
        if self._trouble is not None:
            self._frames.put_nowait({"type": "trouble", "trouble": self._trouble.state()})

    def look_again(self, *event: object) -> None:
        """Something may have changed: queue what of it this person sees.

        At once, not when the socket is free: a page that shows only every other edit would hide
        progress that a person on Discord sees.
        """
        if self._frames.qsize() > BACKLOG:
            self._frames = asyncio.Queue()
            self._shown = None
        for frame in self._differences():
            self._frames.put_nowait(frame)

    async def serve(self) -> None:
        """Push changes and answer requests until the page leaves."""
        unsubscribe = self._world.subscribe(self.look_again)
        pushing = asyncio.create_task(self._push())
        try:
            async for received in self.socket:
                if received.type is WSMsgType.TEXT:
                    self._begin(received.data)
        finally:
            unsubscribe()
            for task in (pushing, *self._answers):
                task.cancel()

    def _begin(self, text: str) -> None:
        # A command may take three seconds to be acknowledged; other requests do not wait for it.
        task = asyncio.create_task(self._answer(text))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, text: str) -> None:
        request = _parse(text)
        answer: dict[str, Any] = {"type": "answer", "id": request.get("id"), "error": None}
        try:
            if request.get("do") == "suggest":
                answer["choices"] = await self._suggestions(request)
            else:
                answer["modal"] = await self._do(request)
        except WorldError as error:
            answer["error"] = str(error)
        with contextlib.suppress(ConnectionError):
            await self.socket.send_json(answer)

    async def _suggestions(self, request: Mapping[str, Any]) -> list[dict[str, Any]]:
        name, option, typed = (str(request.get(key, "")) for key in ("name", "option", "typed"))
        return await self._world.suggest(self._person, self._channel, name, option, typed)

    async def _do(self, request: Mapping[str, Any]) -> Modal | None:
        """What a person does in Discord; returns the form that the bot opened, if any."""
        world, person, channel = self._world, self._person, self._channel
        match request:
            case {"do": "invoke", "name": str(name), "options": dict(options)}:
                typed = {str(option): str(value) for option, value in options.items()}
                return await world.invoke(person, channel, name, typed)
            case {"do": "click", "message": str(message), "custom_id": str(custom_id)}:
                return await world.click(person, channel, message, custom_id)
            case {"do": "use", "message": str(message), "name": str(name)}:
                return await world.use(person, channel, message, name)
            case {
                "do": "select",
                "message": str(message),
                "custom_id": str(custom_id),
                "values": list(values),
            }:
                chosen = [str(value) for value in values]
                return await world.select(person, channel, message, custom_id, chosen)
            case {"do": "submit", "modal": str(modal), "values": dict(filled)}:
                await world.submit(person, modal, filled)
            case {"do": "say", "text": str(words)}:
                await world.say(person, channel, words)
            case {"do": "delete", "message": str(message)}:
                await world.delete(person, channel, message)
            case _:
                await self._arrange(request)
        return None

    async def _arrange(self, request: Mapping[str, Any]) -> None:
        """Whose view this is; and what nobody asks Discord for: things at a keystroke, trouble."""
        world, person, channel = self._world, self._person, self._channel
        match request:
            case {"do": "look", "person": str(person), "channel": str(channel)}:
                self.look(person, channel)
            case {"do": "start-thread", "name": str(name)}:
                self.look(person, world.places.start_thread(person, channel, name))
            case {"do": "change-thread", "verb": str(verb)}:
                world.places.change_thread(channel, verb)
            case {"do": "take-messages", "open": bool(taken)}:
                world.places.take_messages(person, open=taken)
                self.look_again()
            case {"do": "speak", "locale": str(locale), "server": bool(server)}:
                if server:
                    world.languages.set_server(locale)
                else:
                    world.languages.speak(person, locale)
                self.look_again()
            case {"do": "switch", "name": str(name), "on": bool(on)} if self._trouble:
                self._trouble.switch(name, on=on)
            case {"do": "act", "name": str(name)} if self._trouble:
                await self._trouble.act(name)
            case _:
                raise WorldError("The page asked for something that the playground does not know.")

    async def _push(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await self.socket.send_json(await self._frames.get())

    def _differences(self) -> Iterator[dict[str, Any]]:
        # Asking the world what this person sees, instead of relaying its events, keeps the rule
        # of who may see an ephemeral message in one place.
        messages = self._world.messages(self._channel, self._person)
        languages = self._world.languages
        commands = languages.shown(self._person, self._world.commands(self._person, self._channel))
        menu = [
            {"name": each["name"], "shown": each.get("shown", each["name"])}
            for each in languages.shown(self._person, self._world.menu(self._person, self._channel))
        ]
        places = self._world.places.seen_by(self._person)
        before, self._shown = self._shown, {entry["id"]: json.dumps(entry) for entry in messages}
        if before is None:
            yield self._scene(messages, commands, menu, places)
        else:
            yield from ({"type": "gone", "id": id} for id in before if id not in self._shown)
            for entry in messages:
                if before.get(entry["id"]) != self._shown[entry["id"]]:
                    yield {"type": "message", "message": entry}
            if (commands, menu) != (self._commands, self._menu):
                yield {"type": "commands", "commands": commands, "menu": menu}
            if (spoken := languages.state(self._person)) != self._languages:
                yield {"type": "languages", "languages": spoken}
            if places != self._places:
                yield {"type": "channels", "channels": places}
        self._commands, self._menu, self._places = commands, menu, places
        self._languages = languages.state(self._person)

    def _scene(
        self,
        messages: list[dict[str, Any]],
        commands: list[dict[str, Any]],
        menu: list[dict[str, str]],
        places: list[dict[str, Any]],
    ) -> dict[str, Any]:
        world = self._world
        return {
            "type": "scene",
            "app": {"id": str(world.bot_user_id), "name": world.backend.bot_user.name},
            "people": world.people,
            "roles": world.roles,
            "channels": places,
            "trouble": self._trouble.state() if self._trouble else None,
            "person": self._person,
            "channel": self._channel,
            "messages": messages,
            "commands": commands,
            "menu": menu,
            "languages": world.languages.state(self._person),
        }


def _parse(text: str) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        request = json.loads(text)
        if isinstance(request, dict):
            return request
    return {}
