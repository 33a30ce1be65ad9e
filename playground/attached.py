"""Files that people attach to what they are about to send, until it is sent."""

from __future__ import annotations

import secrets

from playground.errors import WorldError

ATTACHMENT_SIZE_LIMIT = 10 * 1024 * 1024
"""Bytes per file for a server without boosts and a person without Nitro (Discord, reference)."""

_KEPT = 20  # files; whoever attached more has sent the first ones, or left them


class Attached:
    """Kept by an id that only who attached the file knows; the oldest go when there are many.

    A file stays after it was sent: what was refused is sent again with the same one.
    """

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, bytes]] = {}

    def put(self, name: str, content: bytes) -> str:
        """Keep a file; returns its id. Raises WorldError for one that Discord would not take."""
        if len(content) > ATTACHMENT_SIZE_LIMIT:
            raise WorldError(f"A file takes up to {ATTACHMENT_SIZE_LIMIT // 1024**2} MiB.")
        id = secrets.token_hex(16)
        self._files[id] = (name or "unknown", content)
        while len(self._files) > _KEPT:
            del self._files[next(iter(self._files))]
        return id

    def get(self, id: str) -> tuple[str, bytes]:
        """A file's name and content. Raises WorldError when it is not there any more."""
        if id not in self._files:
            raise WorldError("Attach that file again: it is not here any more.")
        return self._files[id]
