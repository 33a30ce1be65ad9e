"""Which servers' events a client hears: those of its shards."""

from __future__ import annotations

import discord


def of_slot(slot: int, slots: int, shards: int) -> list[int]:
    """The shards of one of so many equal slots: neighbours, and the first slots have one more."""
    each, more = divmod(shards, slots)
    first = slot * each + min(slot, more)
    return list(range(first, first + each + (slot < more)))


def is_mine(client: discord.Client, guild_id: int | None) -> bool:
    """Whether this client would hear of the server, if the bot is in it.

    What is in no server (a direct message) is shard 0's, as Discord has it.
    """
    ids, count = getattr(client, "shard_ids", None), client.shard_count
    return ids is None or ((guild_id or 0) >> 22) % (count or 1) in ids
