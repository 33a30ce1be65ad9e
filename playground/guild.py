"""The server that everybody in the playground shares."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from playground.backend import PlaygroundBackend

_BOT_PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
    use_application_commands=True,
)


@dataclass(frozen=True)
class Guild:
    """Ids and names, as the page shows them."""

    id: int
    people: list[dict[str, str]]
    channels: list[dict[str, str]]


def found_guild(backend: PlaygroundBackend) -> Guild:
    """Create “Playground” with its people, its channels and the bot, which it names Imagine."""
    backend.bot_user.name = "Imagine"
    people = {
        role: backend.make_user(name.lower(), global_name=name)
        for name, role in (("Olivia", "owner"), ("Mona", "moderator"), ("Max", "member"))
    }
    guild = backend.create_guild("Playground", owner_id=people["owner"].id)
    # SimCord invites a bot with nearly every permission; ours gets what its invite asks for.
    for role in guild.roles.values():
        if role.managed:
            role.permissions = _BOT_PERMISSIONS.value
    may_delete = discord.Permissions(manage_messages=True).value
    moderators = backend.create_role(guild.id, "Moderator", permissions=may_delete)
    backend.add_member(guild.id, people["moderator"].id, roles=[moderators.id])
    backend.add_member(guild.id, people["member"].id)
    return Guild(
        id=guild.id,
        people=[
            {"id": str(user.id), "name": str(user.global_name), "role": role}
            for role, user in people.items()
        ],
        channels=[
            {"id": str(backend.create_channel(guild.id, name, position=at).id), "name": name}
            for at, name in enumerate(("imagine", "general"))
        ],
    )
