"""The server that everybody in the playground shares.

Accounts and memberships have ages, so that what depends on them can be tried: Nia's account is
made when the playground starts, and its age is near zero then. Two moderators share a channel that
nobody else but the owner and the bot can see, for what has to be decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import discord
from simcord.backend.models import Overwrite, User
from simcord.enums import OverwriteType

from playground.backend import PlaygroundBackend

_BOT_PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
    use_application_commands=True,
    manage_guild=True,  # not in the invite: reading the server's AutoMod rules takes it
)
_FOUNDED = 1_000  # days ago


@dataclass(frozen=True)
class Guild:
    """Ids and names, as the page shows them."""

    id: int
    people: list[dict[str, str]]
    channels: list[dict[str, str]]


@dataclass(frozen=True)
class Person:
    """One of the people: days since the account was made, and since it joined the server."""

    name: str
    role: str
    about: str
    account_days: int
    member_days: int


_PEOPLE = (
    Person("Olivia", "owner", "Owner", 2_200, _FOUNDED),
    Person("Mona", "moderator", "Moderators", 1_500, 700),
    Person("Max", "member", "Artists", 400, 90),
    Person("Nia", "newcomer", "New account", 0, 0),
    Person("Milo", "second moderator", "Moderators", 900, 300),
)
_ROLES = {
    "Moderators": (discord.Permissions(manage_messages=True, moderate_members=True), 0x3B5BA9),
    "Artists": (discord.Permissions.none(), 0xA03E57),
}
#: The server's AutoMod has one rule, to try what the bot does with it; owners are exempt.
_AUTOMOD = {
    "name": "No slop",
    "event_type": 1,
    "trigger_type": 1,
    "trigger_metadata": {
        "keyword_filter": ["slop*"],
        "regex_patterns": [],
        "allow_list": ["slope"],
    },
    "actions": [
        {"type": 1, "metadata": {"custom_message": "No slop here: say what you want to see."}}
    ],
}


def found_guild(backend: PlaygroundBackend) -> Guild:
    """Create “Playground” with its people, its channels and the bot, which it names Imagine."""
    backend.bot_user.name = "Imagine"
    users = {person: _account(backend, person) for person in _PEOPLE}
    owner = next(user for person, user in users.items() if person.role == "owner")
    founded = discord.utils.time_snowflake(_days_ago(backend, _FOUNDED))
    guild = backend.create_guild("Playground", id=founded, owner_id=owner.id)
    # SimCord invites a bot with nearly every permission; ours gets little more than it asks for.
    for role in guild.roles.values():
        if role.managed:
            role.permissions = _BOT_PERMISSIONS.value
    roles = {
        name: backend.create_role(guild.id, name, permissions=allowed.value, color=color).id
        for name, (allowed, color) in _ROLES.items()
    }
    for person, user in users.items():
        held = [roles[person.about]] if person.about in roles else []
        if user is not owner:
            backend.add_member(guild.id, user.id, roles=held)
        joined = _days_ago(backend, person.member_days)
        backend.get_member(guild.id, user.id).joined_at = joined.isoformat()
    backend.create_auto_mod_rule(guild.id, owner.id, _AUTOMOD)
    channels = {"imagine": [], "general": [], "moderators": _hidden(backend, guild.id)}
    return Guild(
        id=guild.id,
        people=[_entry(person, user) for person, user in users.items()],
        channels=[
            {"id": str(backend.create_channel(guild.id, name, position=at, overwrites=seen).id)}
            | {"name": name}
            for at, (name, seen) in enumerate(channels.items())
        ],
    )


def _hidden(backend: PlaygroundBackend, guild_id: int) -> list[Overwrite]:
    """Who sees the moderators' channel; owners see everything."""
    see = discord.Permissions(view_channel=True).value
    roles = backend.get_guild(guild_id).roles.values()
    allowed = [role for role in roles if role.managed or role.name == "Moderators"]
    everyone = Overwrite(guild_id, OverwriteType.ROLE, deny=see)
    return [everyone, *(Overwrite(role.id, OverwriteType.ROLE, allow=see) for role in allowed)]


def roles_of(backend: PlaygroundBackend, guild_id: int) -> list[dict[str, Any]]:
    """The server's roles with id, name and colour (0 for none), the highest first."""
    roles = backend.get_guild(guild_id).roles.values()
    return [
        {"id": str(role.id), "name": role.name, "color": role.color}
        for role in sorted(roles, key=lambda role: -role.position)
    ]


def _account(backend: PlaygroundBackend, person: Person) -> User:
    """Somebody whose id says when the account was made, as every id on Discord does."""
    name = person.name.lower()
    if not person.account_days:
        return backend.make_user(name, global_name=person.name)
    made = discord.utils.time_snowflake(_days_ago(backend, person.account_days))
    user = User(id=backend.reserve_id(made), name=name, global_name=person.name)
    backend.users[user.id] = user
    return user


def _days_ago(backend: PlaygroundBackend, days: int) -> datetime:
    return backend.clock.now() - timedelta(days=days)


def _entry(person: Person, user: User) -> dict[str, str]:
    named = {"id": str(user.id), "name": person.name}
    return {**named, "role": person.role, "about": person.about}
