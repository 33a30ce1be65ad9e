"""Discord's gateway: one WebSocket per shard."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from aiohttp import WSMsgType, web

from playground.sessions import Closed, Session, Sessions
from playground.world import World

log = logging.getLogger(__name__)

HEARTBEAT_INTERVAL = 41_250
"""Milliseconds, as Discord says in HELLO."""

_HEARTBEAT, _IDENTIFY, _PRESENCE, _VOICE, _RESUME = 1, 2, 3, 4, 6
_INVALID_SESSION, _HELLO, _HEARTBEAT_ACK = 9, 10, 11
_UNKNOWN_OPCODE, _DECODE_ERROR, _NOT_AUTHENTICATED = 4001, 4002, 4003
_GOODBYES = (1000, 1001)


class Gateway:
    """The server side of /gateway."""

    def __init__(self, world: World, token: str) -> None:
        self._sessions = Sessions(world, token)
        self._connections: set[Connection] = set()
        self._arrived = asyncio.Event()

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection. Frames are plain text, also where compression is offered."""
        socket = web.WebSocketResponse(max_msg_size=1 << 16)
        connection = Connection(self._sessions, socket, request)
        self._connections.add(connection)
        try:
            await socket.prepare(request)
            await connection.serve(self._arrived)
        except ConnectionError:  # the bot was killed while it connected
            return web.Response(status=499)
        finally:
            self._connections.discard(connection)
        return socket

    async def arrived(self) -> None:
        """Wait until a bot has identified for the first time."""
        await self._arrived.wait()

    @property
    def connected(self) -> bool:
        """Whether a bot has identified (or resumed) and is still there."""
        return any(connection.identified for connection in self._connections)

    def cut(self) -> None:
        """Drop every connection without a goodbye, as networks do; sessions can be resumed."""
        for connection in self._connections:
            connection.cut()

    async def invalidate(self) -> None:
        """Forget every session, and say so: each client must identify again."""
        for connection in list(self._connections):
            await connection.invalidate()

    async def close(self, _app: web.Application) -> None:
        """End every connection, for the server's shutdown."""
        self._sessions.detach()
        for connection in list(self._connections):
            await connection.close(1001, "Going away.")


class Connection:
    """One WebSocket from HELLO to its end."""

    def __init__(
        self, sessions: Sessions, socket: web.WebSocketResponse, request: web.Request
    ) -> None:
        self._sessions = sessions
        self._socket = socket
        self._request = request
        self._session: Session | None = None
        self._outbox: asyncio.Queue[str] | None = None
        self._sender: asyncio.Task[None] | None = None

    async def serve(self, arrived: asyncio.Event) -> None:
        """Talk until either side ends it; sets `arrived` once the bot has identified."""
        await self._send(_HELLO, {"heartbeat_interval": HEARTBEAT_INTERVAL})
        try:
            async for message in self._socket:
                if message.type is not WSMsgType.TEXT:
                    raise Closed(_DECODE_ERROR, "Error while decoding payload.")
                await self._receive(message.data)
                if self._session is not None:
                    arrived.set()
        except Closed as closed:
            await self.close(closed.code, closed.reason)
        finally:
            self._leave()

    @property
    def identified(self) -> bool:
        return self._session is not None and not self._socket.closed

    def cut(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()

    async def invalidate(self) -> None:
        if self._session is not None:
            self._sessions.end(self._session)
        await self._send(_INVALID_SESSION, False)

    async def close(self, code: int, reason: str) -> None:
        await self._socket.close(code=code, message=reason.encode())

    def _leave(self) -> None:
        if self._sender is not None:
            self._sender.cancel()
        if self._session is None:
            return
        if self._session.outbox is self._outbox:  # else it goes on over another connection
            self._session.outbox = None
        if self._socket.close_code in _GOODBYES:
            self._sessions.end(self._session)

    async def _receive(self, text: str) -> None:
        try:
            frame = json.loads(text)
            op, data = int(frame["op"]), frame.get("d")
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Closed(_DECODE_ERROR, "Error while decoding payload.") from None
        if op == _HEARTBEAT:
            await self._send(_HEARTBEAT_ACK, None)
        elif op == _IDENTIFY:
            url = f"ws://{self._request.host}/gateway"
            self._start(self._sessions.identify(data, url))
        elif op == _RESUME:
            session = self._sessions.resume(data)
            if session is None:
                await self._send(_INVALID_SESSION, False)
            else:
                self._start(session)
        elif self._session is None:
            raise Closed(_NOT_AUTHENTICATED, "Not authenticated.")
        elif op not in (_PRESENCE, _VOICE):
            log.error("NOT IMPLEMENTED by the playground: gateway opcode %d", op)
            raise Closed(_UNKNOWN_OPCODE, "Unknown opcode.")

    def _start(self, session: Session) -> None:
        self._session = session
        self._outbox = session.outbox
        self._sender = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        while self._outbox is not None and not self._socket.closed:
            await self._socket.send_str(await self._outbox.get())

    async def _send(self, op: int, data: Any) -> None:
        await self._socket.send_str(json.dumps({"op": op, "d": data, "s": None, "t": None}))
