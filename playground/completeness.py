"""What Discord always sends and SimCord leaves out, so that strict clients work too."""

from __future__ import annotations

from typing import Any

from simcord.backend import Backend
from simcord.enums import InteractionType

# By a key that only this kind of object has; the values are those of a plain, unboosted server.
_LEFT_OUT: dict[str, dict[str, Any]] = {
    "discriminator": {"primary_guild": None},
    "communication_disabled_until": {"banner": None},
    "permission_overwrites": {"flags": 0},
    "recipients": {"flags": 0},
    "default_member_permissions": {"version": "1", "nsfw": False},
    "verify_key": {
        "type": None,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
    },
    "premium_tier": {
        "home_header": None,
        "region": "us-east",
        "widget_enabled": False,
        "widget_channel_id": None,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "safety_alerts_channel_id": None,
        "nsfw": False,
        "nsfw_level": 0,
        "incidents_data": None,
    },
}


def complete(backend: Backend, answer: Any) -> Any:
    """A copy of a payload, at any depth, with the keys that SimCord leaves out."""
    if isinstance(answer, list):
        return [complete(backend, item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    filled = {key: complete(backend, value) for key, value in answer.items()}
    for marker, left_out in _LEFT_OUT.items():
        if marker in filled:
            filled = left_out | filled
    if "author" in filled and filled.get("nonce", "") is None:
        del filled["nonce"]  # Discord has the key only where the sender gave one
    if filled.get("type") == InteractionType.MESSAGE_COMPONENT and "user" in filled:
        source = backend.interactions[int(filled["id"])].source_message_id
        filled["interacted_message_id"] = str(source)
    return filled
