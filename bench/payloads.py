"""Discord's objects as its gateway and REST send them: every key that a client may rely on."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime
from typing import Any

from bench.record import Record

APPLICATION = 1_000_000_000_000_000_001
GUILDS = 10
PER_PERSON = 3
"""Requests of one person, at most."""

_FIRST_GUILD = 2_000_000_000_000_000_000
_FIRST_PERSON = 3_000_000_000_000_000_000
_DISCORD_EPOCH_MS = 1_420_070_400_000
#: View, send (also in threads), embed, attach, read history, use commands.
_PERMISSIONS = "277025508352"
_JOINED = "2026-01-01T00:00:00.000000+00:00"
_SIZE_LIMIT = 10 * 1024 * 1024
#: What a server has none of, and where it is as new servers are.
_GUILD_LISTS = (
    "emojis", "stickers", "features", "threads", "voice_states", "presences", "stage_instances",
    "guild_scheduled_events", "soundboard_sounds",
)  # fmt: skip
_GUILD_NUMBERS = (
    "verification_level", "default_message_notifications", "explicit_content_filter", "mfa_level",
    "nsfw_level", "premium_tier", "afk_timeout", "system_channel_flags",
)  # fmt: skip
_counter = itertools.count()


def snowflake() -> int:
    """A new id that says "now": clients read the age of an interaction from it."""
    passed = int(time.time() * 1000) - _DISCORD_EPOCH_MS
    return (passed << 22) | (next(_counter) & 0x3FFFFF)


def bot_user() -> dict[str, Any]:
    return _user(APPLICATION, "Imagine") | {"bot": True, "verified": True, "mfa_enabled": False}


def application() -> dict[str, Any]:
    return {
        "id": str(APPLICATION),
        "name": "Imagine",
        "icon": None,
        "description": "",
        "rpc_origins": [],
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "tags": [],
        "owner": _user(_FIRST_PERSON - 1, "owner"),
        "team": None,
        "summary": "",
    }


def ready(url: str) -> dict[str, Any]:
    return {
        "v": 10,
        "user": bot_user(),
        "guilds": [{"id": str(_guild_id(at)), "unavailable": True} for at in range(GUILDS)],
        "session_id": "bench-session",
        "session_type": "normal",
        "resume_gateway_url": url,
        "shard": [0, 1],
        "application": {"id": str(APPLICATION), "flags": 0},
    }


def guild_create(at: int) -> dict[str, Any]:
    """The server number `at`, as GUILD_CREATE tells it."""
    nobody = dict.fromkeys(_GUILD_LISTS, ())
    nothing = dict.fromkeys(_GUILD_NUMBERS, 0)
    return {
        **nobody,
        **nothing,
        "id": str(_guild_id(at)),
        "name": f"Server {at}",
        "owner_id": str(_FIRST_PERSON),
        "roles": [_everyone(at)],
        "channels": [_channel(at)],
        "members": [_member(bot_user())],
        "member_count": 2,
        "preferred_locale": "en-US",
        "joined_at": _JOINED,
        "large": False,
        "unavailable": False,
    }


def interaction(record: Record) -> dict[str, Any]:
    """Somebody's `/imagine`, as INTERACTION_CREATE tells it."""
    at = (record.number // PER_PERSON) % GUILDS
    guild_id = str(_guild_id(at))
    person = _FIRST_PERSON + record.number // PER_PERSON
    member = _member(_user(person, f"person{person % 10_000}"))
    return {
        "id": str(snowflake()),
        "application_id": str(APPLICATION),
        "type": 2,
        "token": record.token,
        "version": 1,
        "guild_id": guild_id,
        "guild": {"id": guild_id, "locale": "en-US", "features": []},
        "guild_locale": "en-US",
        "locale": "en-US",
        "channel_id": _channel(at)["id"],
        "channel": {**_channel(at), "permissions": _PERMISSIONS},
        "member": member | {"permissions": _PERMISSIONS},
        "app_permissions": _PERMISSIONS,
        "attachment_size_limit": _SIZE_LIMIT,
        "authorizing_integration_owners": {"0": guild_id},
        "entitlements": [],
        "context": 0,
        "data": {
            "id": str(APPLICATION + 1),
            "name": "imagine",
            "type": 1,
            "options": [{"name": "prompt", "type": 3, "value": record.prompt}],
        },
    }


def message(record: Record, attached: int = 0) -> dict[str, Any]:
    """The reply, with one attachment of `attached` bytes if there are any."""
    at = (record.number // PER_PERSON) % GUILDS
    return {
        "id": str(record.message_id),
        "channel_id": _channel(at)["id"],
        "type": 20,
        "author": bot_user(),
        "content": "",
        "timestamp": datetime.now(UTC).isoformat(),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [_attachment(attached)] if attached else [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "flags": 0,
        "webhook_id": str(APPLICATION),
        "application_id": str(APPLICATION),
    }


def callback(record: Record, kind: int) -> dict[str, Any]:
    """What a callback answers with, where the response was asked for."""
    about = {
        "id": str(record.message_id),
        "type": 2,
        "response_message_id": str(record.message_id),
        "response_message_loading": kind == 5,
        "response_message_ephemeral": False,
    }
    return {"interaction": about, "resource": {"type": kind, "message": message(record)}}


def _attachment(size: int) -> dict[str, Any]:
    return {
        "id": str(snowflake()),
        "filename": "image.jpg",
        "size": size,
        "url": "http://127.0.0.1/attachments/image.jpg",
        "proxy_url": "http://127.0.0.1/attachments/image.jpg",
        "content_type": "image/jpeg",
    }


def _everyone(at: int) -> dict[str, Any]:
    """The role that everybody in the server has."""
    return {
        "id": str(_guild_id(at)),
        "name": "@everyone",
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": 0,
        "permissions": _PERMISSIONS,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def _guild_id(at: int) -> int:
    return _FIRST_GUILD + at


def _channel(at: int) -> dict[str, Any]:
    return {
        "id": str(_FIRST_GUILD + 1000 + at),
        "guild_id": str(_guild_id(at)),
        "type": 0,
        "name": "imagine",
        "position": 0,
        "permission_overwrites": [],
        "nsfw": False,
        "topic": None,
        "parent_id": None,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "flags": 0,
    }


def _member(user: dict[str, Any]) -> dict[str, Any]:
    return {
        "user": user,
        "nick": None,
        "avatar": None,
        "roles": [],
        "joined_at": _JOINED,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": None,
    }


def _user(user_id: int, name: str) -> dict[str, Any]:
    return {
        "id": str(user_id),
        "username": name,
        "global_name": name,
        "discriminator": "0",
        "avatar": None,
        "public_flags": 0,
    }
