"""One of the people: what they see in a channel, and what they press there by its label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simcord.components import walk_components

from playground.stage import Stage
from tests.playground.test_whole import person, until

EPHEMERAL = 1 << 6
Message = dict[str, Any]


@dataclass
class Visitor:
    """Counts the clicks; `place` is one of the server's channels by its name."""

    running: Stage
    role: str
    place: str = "imagine"
    clicks: int = 0

    @property
    def id(self) -> str:
        return person(self.running, self.role)

    @property
    def channel(self) -> str:
        channels = self.running.world.channels
        return next(str(each["id"]) for each in channels if each["name"] == self.place)

    def seen(self) -> list[Message]:
        return self.running.world.messages(self.channel, self.id)

    def now(self, message: Mapping[str, Any]) -> Message:
        """The message as this person sees it by now. Raises LookupError where they do not."""
        return _first(each for each in self.seen() if each["id"] == message["id"])

    async def sees(self, true: Callable[[Message], object]) -> Message:
        """Wait for a message of which that is true; the newest one."""

        def newest() -> Message | None:
            return next((each for each in reversed(self.seen()) if true(each)), None)

        await until(self.running, lambda: newest() is not None)
        found = newest()
        assert found is not None
        return found

    async def says(self, message: Mapping[str, Any], words: str) -> Message:
        """Wait until the message holds the words."""
        return await self.sees(lambda each: each["id"] == message["id"] and words in text(each))

    async def command(self, name: str, **options: str) -> Message:
        """A slash command, up to its first answer."""
        before = {each["id"] for each in self.seen()}
        await self.running.world.invoke(self.id, self.channel, name, options)
        [answer] = [each for each in self.seen() if each["id"] not in before]
        return answer

    async def press(self, message: Mapping[str, Any], label: str) -> str:
        """A button; the form's id, where it opened one. Raises LookupError without that button."""
        part = _first(each for each in _parts(self.now(message)) if each.get("label") == label)
        return await self.press_id(message, part["custom_id"])

    async def press_id(self, message: Mapping[str, Any], custom_id: str) -> str:
        self.clicks += 1
        form = await self.running.world.click(self.id, self.channel, message["id"], custom_id)
        return str(form["id"]) if form else ""

    async def choose(self, message: Mapping[str, Any], about: str, value: str) -> None:
        """Open the menu whose id holds `about`, and choose: two clicks."""
        self.clicks += 2
        menus = (str(each.get("custom_id", "")) for each in _parts(self.now(message)))
        menu = next(each for each in menus if each.startswith(f"imagine-choice:{about}"))
        where = self.id, self.channel, message["id"]
        await self.running.world.select(*where, menu, [value])

    async def fill(self, form: str, **values: str) -> None:
        await self.running.world.submit(self.id, form, values)


def _first(found: Iterable[Message]) -> Message:
    """Not by `next`: a coroutine turns StopIteration into another error."""
    for each in found:
        return each
    raise LookupError


def _parts(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from walk_components(message["components"])


def text(message: Mapping[str, Any]) -> str:
    """All that it says, in a panel or without one."""
    told = [str(part["content"]) for part in _parts(message) if "content" in part]
    return "\n".join([str(message["content"]), *told])


def is_private(message: Mapping[str, Any]) -> bool:
    return bool(message["flags"] & EPHEMERAL)
