"""Everything that can be made to go wrong, by name: for `--fault` and for the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from playground.discord_faults import FAULTS as DISCORD_FAULTS
from playground.discord_faults import DiscordFaults
from playground.errors import WorldError
from playground.faults import FAULTS as REPLICATE_FAULTS
from playground.faults import Faults
from playground.gateway import Gateway
from playground.keeper import Keeper
from playground.replicate import SmallReplicate

FAULTS: Mapping[str, str] = {**REPLICATE_FAULTS, **DISCORD_FAULTS}
"""Every fault of both halves, with what happens while it is on."""

ACTIONS: Mapping[str, tuple[str, str]] = {
    "kill": ("Kill the bot", "ends it at once, as a crash would (kill -9)"),
    "start": ("Start the bot", "starts it again over the same data"),
    "restart": ("Restart the bot", "kills it and starts it again"),
    "drop-gateway": ("Drop the gateway", "cuts Discord's push connection; the bot resumes it"),
    "invalid-session": ("End the session", "Discord forgets the session; the bot identifies anew"),
}
"""What happens once: its button, and what it does."""


class Trouble:
    """The one switchboard; `listeners` are called after each change. Changes apply at once."""

    def __init__(self, small: SmallReplicate, discord: DiscordFaults) -> None:
        self.listeners: list[Callable[[], None]] = []
        self._small = small
        self._discord = discord
        self._actions: dict[str, Callable[[], Awaitable[object]]] = {}
        self._keeper: Keeper | None = None

    def attend(self, keeper: Keeper, gateway: Gateway) -> None:
        """Learn whom the actions act upon."""
        self._keeper = keeper
        keeper.changed = self._changed

        async def drop() -> None:
            gateway.cut()

        self._actions = {
            "kill": keeper.kill,
            "start": keeper.start,
            "restart": keeper.restart,
            "drop-gateway": drop,
            "invalid-session": gateway.invalidate,
        }

    @property
    def on(self) -> frozenset[str]:
        """The names of the faults that are on."""
        return frozenset(self._small.faults.names) | frozenset(self._discord.names)

    def switch(self, name: str, *, on: bool) -> None:
        """Turn one fault on or off. Raises WorldError for a name that is none."""
        if name not in FAULTS:
            raise WorldError(f"There is no fault “{name}”.")
        wanted = self.on | {name} if on else self.on - {name}
        self._small.faults = Faults.parse(wanted & REPLICATE_FAULTS.keys())
        self._discord.names.clear()
        self._discord.names.update(wanted & DISCORD_FAULTS.keys())
        self._changed()

    async def act(self, name: str) -> None:
        """Make one thing happen. Raises WorldError for a name that is none."""
        action = self._actions.get(name)
        if action is None:
            raise WorldError(f"“{name}” cannot be done here.")
        await action()
        self._changed()

    def state(self) -> dict[str, Any]:
        """What the page shows: every fault and action, and whether the bot runs."""
        on = self.on
        return {
            "running": self._keeper is not None and self._keeper.running,
            "faults": [
                {
                    "name": name,
                    "does": does,
                    "on": name in on,
                    "side": "discord" if name in DISCORD_FAULTS else "provider",
                }
                for name, does in FAULTS.items()
            ],
            "actions": [
                {"name": name, "label": ACTIONS[name][0], "does": ACTIONS[name][1]}
                for name in self._actions
            ],
        }

    def _changed(self) -> None:
        for listener in list(self.listeners):
            listener()
