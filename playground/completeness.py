"""What Discord always sends and SimCord leaves out, so that strict clients work too."""

from __future__ import annotations

from typing import Any

from simcord.components import walk_components
from simcord.enums import ComponentType, InteractionType

from playground.backend import PlaygroundBackend

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

_CHOSEN = {"min_values": 1, "max_values": 1}
_COMPONENTS: dict[int, dict[str, Any]] = {
    ComponentType.STRING_SELECT: _CHOSEN,
    ComponentType.USER_SELECT: _CHOSEN,
    ComponentType.ROLE_SELECT: _CHOSEN,
    ComponentType.MENTIONABLE_SELECT: _CHOSEN,
    ComponentType.CHANNEL_SELECT: _CHOSEN,
    ComponentType.THUMBNAIL: {"description": None, "spoiler": False},
    ComponentType.FILE: {"spoiler": False},
    ComponentType.SEPARATOR: {"spacing": 1, "divider": True},
    ComponentType.CONTAINER: {"accent_color": None, "spoiler": False},
}


def complete(backend: PlaygroundBackend, answer: Any) -> Any:
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
    if filled.get("response_message_id", "") is None:
        del filled["response_message_id"]  # a form is no message
    if "author" in filled and "components" in filled:
        _complete_components(filled)
    if "authorizing_integration_owners" in filled and "application_id" not in filled:
        _trace(backend, filled)
    return filled


def _trace(backend: PlaygroundBackend, metadata: dict[str, Any]) -> None:
    """Say of a message's interaction which message, or which form, it came from."""
    record = backend.interactions[int(metadata["id"])]
    if record.type == InteractionType.MESSAGE_COMPONENT:
        metadata["interacted_message_id"] = str(record.source_message_id)
    opener = backend.interactions.get(backend.openers.get(record.id, 0))
    if opener is None:
        return
    triggering = {**metadata, "id": str(opener.id), "type": opener.type}
    if opener.command_name is not None:
        triggering |= {"name": opener.command_name, "command_type": opener.command_type}
    _trace(backend, triggering)
    metadata["triggering_interaction_metadata"] = triggering


def _complete_components(message: dict[str, Any]) -> None:
    """Defaults that Discord spells out, and the facts of the files that components show."""
    files = {file["id"]: file for file in message.get("attachments") or []}
    for component in walk_components(message["components"]):
        for key, value in _COMPONENTS.get(component["type"], {}).items():
            component.setdefault(key, value)
        for item in component.get("items") or []:
            item.setdefault("description", None)
            item.setdefault("spoiler", False)
        holders = (component, *(component.get("items") or []))
        for media in (holder.get(key) for holder in holders for key in ("media", "file")):
            if isinstance(media, dict):
                file = files.get(str(media.get("attachment_id")), {})
                facts = {key: file[key] for key in ("width", "height") if key in file}
                media |= {"id": str(media.get("attachment_id", 0)), **facts}
                media.setdefault("proxy_url", media["url"])
