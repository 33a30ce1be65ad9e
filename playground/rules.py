"""What Discord enforces and SimCord does not: nonces, closed lines, archived threads, forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from simcord.backend import serializers
from simcord.backend.errors import BackendError
from simcord.backend.models import Channel
from simcord.enums import CallbackType, ChannelType, InteractionType

from playground.backend import PlaygroundBackend

NONCE_MAX_LENGTH = 25
"""Characters (Discord, create message)."""

NONCE_KEPT = timedelta(minutes=5)
"""Discord says "the past few minutes"."""

_POST = re.compile(r"^/channels/(\d+)/messages$")
_EDIT = re.compile(r"^/channels/(\d+)/messages/\d+$")
_CHANNEL = re.compile(r"^/channels/(\d+)$")
_CALLBACK = re.compile(r"^/interactions/(\d+)/[^/]+/callback$")
_WEBHOOK = re.compile(r"^/webhooks/\d+/([^/]+)(/messages/[^/]+)?$")
_NEW_MESSAGE = (4, 5)  # callbacks that post: a message, a deferred message


class Rules:
    """Asked before every call of the bot; `closed` holds the people who take no messages."""

    def __init__(self, backend: PlaygroundBackend) -> None:
        self.closed: set[int] = set()
        self._backend = backend
        self._nonces: dict[str, tuple[datetime, int, int]] = {}

    def before(self, method: str, path: str, body: Any) -> Any | None:
        """The answer, where it is ours to give; raises BackendError where Discord would refuse."""
        fields = body if isinstance(body, Mapping) else {}
        if method == "PATCH" and (found := _CHANNEL.match(path)):
            return self._reopened(int(found[1]), fields)
        if method == "POST" and (found := _CALLBACK.match(path)):
            self._require_answerable(int(found[1]), fields)
        channel, posts = self._target(method, path, fields)
        if channel is None:
            return None
        self._require_open(channel, posts=posts)
        if posts and channel.type == ChannelType.DM and self.closed & set(channel.recipient_ids):
            raise BackendError(403, 50007, "Cannot send messages to this user")
        return self._earlier(fields) if method == "POST" and _POST.match(path) else None

    def after(self, method: str, path: str, body: Any, answer: Any) -> Any:
        """The answer, with the nonce of the message that was just created."""
        nonce = body.get("nonce") if isinstance(body, Mapping) else None
        if nonce is None or method != "POST" or not _POST.match(path):
            return answer
        made = (self._backend.clock.now(), int(answer["channel_id"]), int(answer["id"]))
        self._nonces.setdefault(str(nonce), made)
        return {**answer, "nonce": nonce}

    def reopen(self, thread: Channel) -> None:
        self._backend.edit_channel(thread.id, {}, thread_metadata={"archived": False})

    def _target(
        self, method: str, path: str, body: Mapping[str, Any]
    ) -> tuple[Channel | None, bool]:
        """Which channel a call writes to, and whether it posts there (or edits)."""
        channels, posts = self._backend.channels, method == "POST"
        if (
            found := _POST.match(path)
            if posts
            else _EDIT.match(path)
            if method == "PATCH"
            else None
        ):
            return channels.get(int(found[1])), posts
        interactions = self._backend.interactions
        if found := _CALLBACK.match(path):
            record = interactions.get(int(found[1]))
            posts = body.get("type") in _NEW_MESSAGE
        elif (found := _WEBHOOK.match(path)) and method in ("POST", "PATCH"):
            record = interactions.get(self._backend.interaction_tokens.get(found[1], 0))
        else:
            return None, False
        return (channels.get(record.channel_id) if record else None), posts

    def _require_answerable(self, interaction_id: int, callback: Mapping[str, Any]) -> None:
        """A submitted form cannot be answered with another one."""
        record = self._backend.interactions.get(interaction_id)
        submitted = record is not None and record.type == InteractionType.MODAL_SUBMIT
        if submitted and callback.get("type") == CallbackType.MODAL:
            raise BackendError(400, 50035, "Invalid Form Body: a modal cannot answer a modal")

    def _require_open(self, channel: Channel, *, posts: bool) -> None:
        """Posting reopens an archived thread unless it is locked; nothing in one can be edited."""
        state = channel.thread_metadata
        if state is None or not (state.archived or state.locked):
            return
        if state.archived and (state.locked or not posts):
            raise BackendError(400, 50083, "Thread is archived")
        if state.locked and posts:
            raise BackendError(400, 160005, "Thread is locked")
        if state.archived:
            self.reopen(channel)

    def _reopened(self, channel_id: int, changes: Mapping[str, Any]) -> Any | None:
        """Reopening an unlocked thread takes no more than the right to post there."""
        thread = self._backend.channels.get(channel_id)
        if thread is None or thread.thread_metadata is None or dict(changes) != {"archived": False}:
            return None
        if thread.thread_metadata.locked:
            raise BackendError(403, 50013, "Missing Permissions")
        bot = self._backend.bot_user.id
        needed = "send_messages_in_threads"
        self._backend.require_permissions(thread.guild_id, bot, thread.id, needed)
        self.reopen(thread)
        return dict(serializers.thread_payload(self._backend, thread))

    def _earlier(self, body: Mapping[str, Any]) -> Any | None:
        """With `enforce_nonce`, the message that this nonce has already made."""
        nonce = body.get("nonce")
        self._backend.nonce = None if nonce is None else str(nonce)
        if nonce is None:
            return None
        if len(str(nonce)) > NONCE_MAX_LENGTH:
            raise BackendError(400, 50035, "Invalid Form Body: nonce is over 25 characters")
        now = self._backend.clock.now()
        self._nonces = {
            known: made for known, made in self._nonces.items() if now - made[0] < NONCE_KEPT
        }
        found = self._nonces.get(str(nonce))
        if not body.get("enforce_nonce") or found is None:
            return None
        message = self._backend.messages.get(found[1], {}).get(found[2])
        if message is None:
            return None
        return {**serializers.message_payload(self._backend, message), "nonce": nonce}
