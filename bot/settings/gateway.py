"""Settings: the gateways, processes that hear Discord."""

from __future__ import annotations

from bot.settings import values
from bot.settings.setting import Declared, Setting

#: Discord asks bots of that size to talk to it first.
MOST_SHARDS = 10_000


class GatewaySettings(Declared):
    """The same in every process that shares the database."""

    gateways = Setting(
        "GATEWAYS",
        values.whole(1, 1000),
        "Processes that hear Discord, each for an equal part of the shards; more than one needs a "
        "PostgreSQL database.",
        default="1",
    )
    shard_count = Setting(
        "SHARD_COUNT",
        values.whole(1, MOST_SHARDS),
        "Discord's shards in all. Unset: as many as Discord recommends.",
        absent=None,
        example="16",
    )
