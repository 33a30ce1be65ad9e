"""Where a person can be: the server's channels, their threads, and the bot's direct messages."""

from __future__ import annotations

from typing import Any

from simcord.backend.access import channel_accessible
from simcord.backend.models import Channel

from playground.backend import PlaygroundBackend
from playground.errors import WorldError
from playground.guild import Guild
from playground.rules import Rules

_THREAD_NAME_MAX_LENGTH = 100
_STATES = {
    "archive": {"archived": True, "locked": False},
    "lock": {"archived": True, "locked": True},
    "reopen": {"archived": False, "locked": False},
}


class Places:
    """Channels as the page lists them; raises WorldError with a sentence for the person."""

    def __init__(self, backend: PlaygroundBackend, guild: Guild, rules: Rules) -> None:
        self._backend = backend
        self._guild = guild
        self._rules = rules

    def seen_by(self, person_id: str) -> list[dict[str, Any]]:
        """Channels that they can see, each with its threads, then their own line to the bot.

        `hidden`: not everybody can see it. `last` is the id of the line's newest message, so that
        the page can say that it is unread.
        """
        listed: list[dict[str, Any]] = []
        for channel in self._guild.channels:
            if not channel_accessible(self._backend, int(channel["id"]), int(person_id)):
                continue
            hidden = bool(self._backend.channels[int(channel["id"])].overwrites)
            listed.append({**channel, "kind": "channel", "state": "open", "hidden": hidden})
            listed += [_thread(thread) for thread in self._threads(int(channel["id"]))]
        line = self._backend.get_dm_channel(int(person_id))
        state = "closed" if int(person_id) in self._rules.closed else "open"
        name = self._backend.bot_user.name
        last = str(line.last_message_id) if line.last_message_id else None
        entry = {"id": str(line.id), "name": name, "kind": "dm", "state": state, "last": last}
        return [*listed, entry]

    def find(self, person_id: str, channel_id: str) -> Channel | None:
        """The channel, if the person can go there."""
        here = any(entry["id"] == channel_id for entry in self.seen_by(person_id))
        return self._backend.channels[int(channel_id)] if here else None

    def start_thread(self, person_id: str, channel_id: str, name: str) -> str:
        """Start a public thread in a channel, and return its id."""
        if not 1 <= len(name.strip()) <= _THREAD_NAME_MAX_LENGTH:
            raise WorldError(f"A thread's name takes 1 to {_THREAD_NAME_MAX_LENGTH} characters.")
        if all(channel["id"] != channel_id for channel in self._guild.channels):
            raise WorldError("Threads can be started in a channel of the server only.")
        thread = self._backend.create_thread(int(channel_id), name.strip(), int(person_id))
        self._backend.add_thread_member(thread.id, self._backend.bot_user.id)
        return str(thread.id)

    def change_thread(self, channel_id: str, verb: str) -> None:
        """`archive`, `lock` (which archives too) or `reopen` a thread; here anybody may."""
        thread = self._backend.channels.get(int(channel_id))
        if thread is None or not thread.is_thread or verb not in _STATES:
            raise WorldError("That is no thread.")
        self._backend.edit_channel(thread.id, {}, thread_metadata=_STATES[verb])

    def take_messages(self, person_id: str, *, open: bool) -> None:
        """Whether the bot may write to this person (else 50007); everybody starts with yes."""
        (self._rules.closed.discard if open else self._rules.closed.add)(int(person_id))

    def _threads(self, parent_id: int) -> list[Channel]:
        threads = self._backend.channels.values()
        return [thread for thread in threads if thread.is_thread and thread.parent_id == parent_id]


def _thread(thread: Channel) -> dict[str, Any]:
    state = thread.thread_metadata
    locked, archived = (state.locked, state.archived) if state else (False, False)
    named = "locked" if locked else "archived" if archived else "open"
    return {"id": str(thread.id), "name": thread.name or "", "kind": "thread", "state": named}
