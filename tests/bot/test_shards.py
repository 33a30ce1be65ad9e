"""Which shards a slot has, and whose a server is."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import discord
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.shards import is_mine, of_slot
from bot.chat.sight import is_lost

counts = st.integers(1, 200)
snowflakes = st.integers(0, (1 << 63) - 1)


@dataclass
class Client:
    """What discord.py's knows of its shards, and of its servers."""

    shard_count: int | None
    shard_ids: list[int] | None
    guilds: dict[int, Any] = field(default_factory=dict)
    ready: bool = True

    def get_guild(self, guild_id: int) -> Any:
        return self.guilds.get(guild_id)

    def is_ready(self) -> bool:
        return self.ready


def client(*args: Any, **fields: Any) -> discord.Client:
    return cast("discord.Client", Client(*args, **fields))


@given(slots=counts, more=counts)
def test_every_shard_is_in_exactly_one_slot_and_slots_differ_by_one_at_most(
    slots: int, more: int
) -> None:
    shards = slots + more
    found = [of_slot(slot, slots, shards) for slot in range(slots)]

    assert [shard for each in found for shard in each] == list(range(shards))
    sizes = {len(each) for each in found}
    assert max(sizes) - min(sizes) <= 1


@given(slots=counts, more=counts, guild_id=snowflakes)
def test_every_server_is_heard_by_exactly_one_gateway(slots: int, more: int, guild_id: int) -> None:
    shards = slots + more
    gateways = [client(shards, of_slot(slot, slots, shards)) for slot in range(slots)]

    assert sum(is_mine(each, guild_id) for each in gateways) == 1
    assert [is_mine(each, None) for each in gateways] == [True] + [False] * (slots - 1)


@given(guild_id=snowflakes)
def test_whoever_has_no_slot_hears_nobody_and_who_is_alone_hears_all(guild_id: int) -> None:
    assert not is_mine(client(4, []), guild_id)
    assert is_mine(client(None, None), guild_id)
    assert is_mine(client(4, None), guild_id)


def test_a_server_of_another_gateway_is_never_lost_and_one_of_ours_only_once_all_are_here() -> None:
    """What is lost is erased: a process that cannot know must not say so."""
    ours, theirs, place = 0 << 22, 1 << 22, 5
    here = client(2, [0])
    starting = client(2, [0], ready=False)

    assert is_lost(here, ours, place)
    assert not is_lost(here, theirs, place)
    assert not is_lost(starting, ours, place)
    assert not is_lost(client(2, []), ours, place)


def test_a_channel_is_lost_where_its_server_is_here_without_it() -> None:
    channels = {5: object()}
    guild = SimpleNamespace(unavailable=False, get_channel=channels.get)
    away = SimpleNamespace(unavailable=True, get_channel={}.get)

    assert not is_lost(client(1, [0], {7: guild}), 7, 5)
    assert is_lost(client(1, [0], {7: guild}), 7, 6)
    assert not is_lost(client(1, [0], {7: away}), 7, 5)
