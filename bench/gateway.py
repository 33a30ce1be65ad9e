"""Discord's gateway for one bot: HELLO, READY, the servers, then whatever it is told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import WSMsgType, web

from bench import payloads

_HEARTBEAT, _IDENTIFY, _RESUME, _HELLO, _HEARTBEAT_ACK = 1, 2, 6, 10, 11
_HEARTBEAT_INTERVAL = 41_250  # milliseconds, as Discord says


class Gateway:
    """Holds the one connection that events go to; `identified` is set once it is greeted."""

    def __init__(self) -> None:
        self.identified = asyncio.Event()
        self._socket: web.WebSocketResponse | None = None
        self._sequence = 0

    async def connect(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one connection to its end. Frames are plain text, whatever was offered."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        await _send(socket, _HELLO, {"heartbeat_interval": _HEARTBEAT_INTERVAL})
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            opcode = json.loads(message.data)["op"]
            if opcode == _HEARTBEAT:
                await _send(socket, _HEARTBEAT_ACK, None)
            elif opcode == _IDENTIFY:
                self._socket = socket
                await self._greet(f"ws://{request.host}/gateway")
            elif opcode == _RESUME:
                self._socket = socket
                await self.tell("RESUMED", {})
        return socket

    async def tell(self, event: str, data: object) -> None:
        """Send an event to the bot; nobody hears it while none is connected."""
        self._sequence += 1
        if self._socket is not None and not self._socket.closed:
            frame = {"op": 0, "s": self._sequence, "t": event, "d": data}
            await self._socket.send_str(json.dumps(frame))

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close(code=1001)

    async def _greet(self, url: str) -> None:
        await self.tell("READY", payloads.ready(url))
        for at in range(payloads.GUILDS):
            await self.tell("GUILD_CREATE", payloads.guild_create(at))
        self.identified.set()


async def _send(socket: web.WebSocketResponse, opcode: int, data: Any) -> None:
    await socket.send_str(json.dumps({"op": opcode, "d": data, "s": None, "t": None}))
