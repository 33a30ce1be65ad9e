"""SimCord's Discord with three differences: real time, local files, audible whispers."""

from __future__ import annotations

import asyncio
import io
import mimetypes
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from PIL import Image, UnidentifiedImageError
from simcord._clock import Clock
from simcord.backend import Backend, serializers
from simcord.backend.cdn import CdnStore
from simcord.backend.models import Message
from simcord.backend.ops import EventListener
from simcord.components import walk_components

_DISCORD_EPOCH_MS = 1_420_070_400_000


class RealClock(Clock):
    """UTC as it is, so that Discord's 3 s and 15 min deadlines pass while somebody watches."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class LocalFiles(CdnStore):
    """Attachments under `{base}/attachments/…`; `base` is known once a server listens."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self._files: dict[str, tuple[bytes, str]] = {}

    def store_attachment(
        self,
        attachment_id: int,
        channel_id: int,
        filename: str,
        data: bytes,
        description: str | None,
    ) -> dict[str, Any]:
        content_type = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        path = f"/attachments/{channel_id}/{attachment_id}/{quote(filename)}"
        self._files[path] = (data, content_type)
        attachment: dict[str, Any] = {
            "id": str(attachment_id),
            "filename": filename,
            "size": len(data),
            "url": self.base + path,
            "proxy_url": self.base + path,
            "content_type": content_type,
        }
        # Discord leaves the key out where there is nothing to say.
        if description is not None:
            attachment["description"] = description
        if content_type.startswith("image/"):
            attachment |= _dimensions(data)
        return attachment

    def read(self, path: str) -> tuple[bytes, str] | None:
        """Bytes and content type of `/attachments/…` (still quoted), or None."""
        return self._files.get(path)

    def get(self, url: str) -> bytes | None:
        found = self.read(url.removeprefix(self.base))
        return found[0] if found else super().get(url)


def _dimensions(data: bytes) -> dict[str, int]:
    """Width and height in pixels, as Discord adds them to images; reads the header only."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return {"width": image.width, "height": image.height}
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return {}


def spell_ids(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write the ids of default values as strings: discord.py sends numbers, which no page can hold.

    Changes the components that it is given, and returns them.
    """
    for component in walk_components(components):
        for entity in component.get("default_values") or []:
            entity["id"] = str(entity["id"])
    return components


class PlaygroundBackend(Backend):
    """SimCord's store; `whispers` hear of ephemeral messages, which no gateway announces.

    `registered` is set once the bot has registered commands. `skew` tells how far Discord's clock
    is ahead of the bot's: ids and dates show it, deadlines do not. `nonce` is that of the message
    being created. `openers` leads from a submitted form to the interaction that opened it.

    On Discord the recipient's own client is told of them and the bot is not, so they must not
    go through `subscribers`, which feed the bot.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.whispers: list[EventListener] = []
        self.registered = asyncio.Event()
        self.skew: Callable[[], timedelta] = timedelta
        self.nonce: str | None = None
        self.openers: dict[int, int] = {}
        self.locale = "en-US"
        super().__init__(clock=clock or RealClock())
        self.cdn: LocalFiles = LocalFiles()

    def speak(self, locale: str) -> None:
        """Everybody's language, and the servers'."""
        self.locale = locale
        for guild in self.guilds.values():
            guild.preferred_locale = locale

    def whisper(self, event: str, payload: Mapping[str, Any]) -> None:
        for listener in list(self.whispers):
            listener(event, payload)

    def register_commands(
        self, guild_id: int | None, payloads: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        registered = super().register_commands(guild_id, payloads)
        self.registered.set()
        return registered

    def snowflake(self) -> int:
        """An id with the time that this Discord believes it is: ours, and `skew`."""
        milliseconds = int((self.clock.now() + self.skew()).timestamp() * 1000)
        return self._allocate_at(milliseconds - _DISCORD_EPOCH_MS)

    def emit(self, event: str, payload: Mapping[str, Any]) -> None:
        if event == "MESSAGE_CREATE" and self.nonce is not None:
            payload = {**payload, "nonce": self.nonce}
        super().emit(event, payload)

    def prepare_message(self, *args: Any, **fields: Any) -> Message:
        message = super().prepare_message(*args, **fields)
        message.timestamp = self._shown(message.timestamp)
        spell_ids(message.components)
        return message

    def _shown(self, stamp: str) -> str:
        skew = self.skew()
        return (datetime.fromisoformat(stamp) + skew).isoformat() if skew else stamp

    def commit_message(self, message: Message, *, broadcast: bool = True) -> Message:
        committed = super().commit_message(message, broadcast=broadcast)
        if committed.is_ephemeral:
            self.whisper("MESSAGE_CREATE", dict(serializers.message_payload(self, committed)))
        return committed

    def edit_message(self, channel_id: int, message_id: int, fields: dict[str, Any]) -> Message:
        spell_ids(fields.get("components") or [])
        edited = super().edit_message(channel_id, message_id, fields)
        if edited.is_ephemeral:
            self.whisper("MESSAGE_UPDATE", dict(serializers.message_payload(self, edited)))
        return edited

    def delete_message(self, channel_id: int, message_id: int) -> None:
        message = self.get_message(channel_id, message_id)
        super().delete_message(channel_id, message_id)
        if message.is_ephemeral:
            gone = {"id": str(message_id), "channel_id": str(channel_id), "flags": message.flags}
            self.whisper("MESSAGE_DELETE", gone)
