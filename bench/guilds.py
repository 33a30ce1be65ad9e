"""`python -m bench.guilds`: what a server costs a gateway: memory, and time to take it in.

GUILD_CREATE events as Discord sends them to a bot without members, into the bot's own client.
"""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path
from typing import Any

import discord
import typer
from discord.ext import commands

from bot.chat.application import asked_of_discord

#: A server of middling size. Members, messages and presences are not sent, or not kept.
CHANNELS, ROLES, EMOJIS = 40, 25, 50

app = typer.Typer(add_completion=False)


@app.command()
def main(guilds: int = 2_000) -> None:
    """Take in so many, and say what each cost."""
    client = commands.AutoShardedBot(shard_count=1, **asked_of_discord())
    state: Any = client._connection  # noqa: SLF001 - as its own gateway feeds it
    gc.collect()
    memory, began = _resident(), time.process_time()
    for number in range(guilds):
        data: Any = _guild(10**17 + number * 10**6)
        state._add_guild(discord.Guild(data=data, state=state))  # noqa: SLF001 - as above
    seconds = time.process_time() - began
    gc.collect()
    each = (_resident() - memory) / guilds
    sys.stdout.write(
        f"{guilds} servers with {CHANNELS} channels, {ROLES} roles and {EMOJIS} emojis each: "
        f"{each / 1024:.1f} KiB and {1000 * seconds / guilds:.2f} ms of CPU a server\n"
    )


def _guild(id: int) -> dict[str, Any]:
    return {
        "id": str(id),
        "name": "A server of middling size",
        "owner_id": str(id + 1),
        "member_count": 500,
        "preferred_locale": "en-US",
        "features": [],
        "verification_level": 1,
        "premium_tier": 1,
        "afk_timeout": 300,
        "system_channel_flags": 0,
        "roles": [_role(id, n) for n in range(ROLES)],
        "channels": [_channel(id, n) for n in range(CHANNELS)],
        "emojis": [_emoji(id, n) for n in range(EMOJIS)],
        "members": [],
        "threads": [],
        "presences": [],
        "voice_states": [],
    }


def _role(id: int, number: int) -> dict[str, Any]:
    # The first is @everyone, whose id is the server's.
    about = {"color": 0, "hoist": False, "managed": False, "mentionable": False, "flags": 0}
    rights = {"permissions": "2248473465835073", "position": number}
    return {"id": str(id + 100 * number), "name": f"role {number}", **about, **rights}


def _channel(id: int, number: int) -> dict[str, Any]:
    overwrite = {"id": str(id), "type": 0, "allow": "0", "deny": "1024"}
    return {
        "id": str(id + 10_000 + number),
        "type": 0,
        "name": f"channel-{number}",
        "position": number,
        "topic": "what this one is about",
        "permission_overwrites": [overwrite],
    }


def _emoji(id: int, number: int) -> dict[str, Any]:
    about = {"require_colons": True, "managed": False, "animated": False, "available": True}
    return {"id": str(id + 20_000 + number), "name": f"emoji{number}", "roles": [], **about}


def _resident() -> int:
    """Bytes in memory, as Linux counts them."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


if __name__ == "__main__":
    app()
