"""Gateway sessions: what each shard is owed, whether it is connected or not."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import discord
from simcord import intents as sim_intents
from simcord.backend import serializers

from playground.completeness import complete
from playground.world import World

REPLAY_LIMIT = 2_000
"""Events kept per session for a RESUME; whoever missed more must identify again."""

_DISPATCH = 0
_AUTHENTICATION_FAILED, _INVALID_SHARD, _DISALLOWED_INTENTS = 4004, 4010, 4014


class Closed(Exception):
    """A connection ends with one of Discord's close codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass
class Session:
    """One shard's events, numbered; `outbox` is None while nobody is connected."""

    id: str
    intents: discord.Intents
    shard: tuple[int, int]
    sequence: int = 0
    sent: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=REPLAY_LIMIT))
    outbox: asyncio.Queue[str] | None = None

    def push(self, event: str, data: Any) -> None:
        self.sequence += 1
        frame = json.dumps({"op": _DISPATCH, "s": self.sequence, "t": event, "d": data})
        self.sent.append((self.sequence, frame))
        if self.outbox is not None:
            self.outbox.put_nowait(frame)

    def covers(self, guild_id: int | None) -> bool:
        """Whether this shard serves the guild; direct messages belong to shard 0."""
        shard_id, shard_count = self.shard
        return ((guild_id or 0) >> 22) % shard_count == shard_id


class Sessions:
    """Every session of the one bot whose token is `token`, fed by the world's events."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token
        self._sessions: dict[str, Session] = {}
        # Not world.subscribe: ephemeral messages are not announced to bots.
        world.backend.subscribers.append(self._feed)

    def detach(self) -> None:
        """Hear of no more events."""
        with suppress(ValueError):
            self._world.backend.subscribers.remove(self._feed)

    def identify(self, data: Mapping[str, Any], url: str) -> Session:
        """A new session: READY, then the guilds. Raises Closed with Discord's code."""
        self._authenticate(data)
        intents = discord.Intents.none()
        intents.value = int(data.get("intents") or 0)
        # Privileged intents are off until somebody turns them on in the developer portal.
        if sim_intents.missing_privileged_intents(intents, discord.Intents.default()):
            raise Closed(_DISALLOWED_INTENTS, "Disallowed intent(s).")
        shard_id, shard_count = data.get("shard") or (0, 1)
        if not 0 <= shard_id < shard_count:
            raise Closed(_INVALID_SHARD, "Invalid shard.")
        session = Session(secrets.token_hex(16), intents, (shard_id, shard_count))
        self._forget_abandoned(session.shard)
        self._sessions[session.id] = session
        self._greet(session, url)
        return session

    def resume(self, data: Mapping[str, Any]) -> Session | None:
        """The session to continue, with what it missed in its outbox; None if it is gone."""
        self._authenticate(data)
        session = self._sessions.get(str(data.get("session_id")))
        seen = int(data.get("seq") or 0)
        if session is None or (session.sent and session.sent[0][0] > seen + 1):
            return None
        session.outbox = asyncio.Queue()
        for sequence, frame in session.sent:
            if sequence > seen:
                session.outbox.put_nowait(frame)
        session.push("RESUMED", {})
        return session

    def end(self, session: Session) -> None:
        """Forget a session whose client said goodbye."""
        self._sessions.pop(session.id, None)

    def _authenticate(self, data: Mapping[str, Any]) -> None:
        if str(data.get("token")).removeprefix("Bot ") != self._token:
            raise Closed(_AUTHENTICATION_FAILED, "Authentication failed.")

    def _forget_abandoned(self, shard: tuple[int, int]) -> None:
        for session in list(self._sessions.values()):
            if session.shard == shard and session.outbox is None:
                self.end(session)

    def _greet(self, session: Session, url: str) -> None:
        session.outbox = asyncio.Queue()
        backend = self._world.backend
        guilds = [guild for guild in backend.guilds.values() if session.covers(guild.id)]
        ready = {
            "v": 10,
            "user": dict(serializers.user_payload(backend.bot_user)),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": url,
            "shard": list(session.shard),
            "application": {"id": str(backend.application_id), "flags": 0},
        }
        session.push("READY", ready)
        for guild in guilds:
            self._tell(session, "GUILD_CREATE", serializers.guild_create_payload(backend, guild))

    def _feed(self, event: str, payload: Mapping[str, Any]) -> None:
        about_guild = event in ("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE")
        guild_id = payload.get("id" if about_guild else "guild_id")
        for session in self._sessions.values():
            if session.covers(int(guild_id) if guild_id is not None else None):
                self._tell(session, event, payload)

    def _tell(self, session: Session, event: str, payload: Mapping[str, Any]) -> None:
        gate = sim_intents.required_intent(event, payload)
        if gate is not None and not getattr(session.intents, gate):
            return
        data = complete(self._world.backend, dict(payload))  # a copy, since it is cut below
        self._censor(session, event, data)
        if event == "GUILD_CREATE":
            bot_id = self._world.bot_user_id
            sim_intents.prune_guild_create(data, session.intents, bot_id)
        session.push(event, data)

    def _censor(self, session: Session, event: str, data: dict[str, Any]) -> None:
        """Hide what only the message content intent shows."""
        if session.intents.message_content:
            return
        bot_id, backend = self._world.bot_user_id, self._world.backend
        if event in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            sim_intents.censor_message(data, bot_id, backend=backend)
        elif event == "INTERACTION_CREATE" and "message" in data:
            # The message whose button was pressed is shown; what it replies to is not.
            sim_intents.censor_message(data["message"], bot_id, backend=backend, exempt_root=True)
