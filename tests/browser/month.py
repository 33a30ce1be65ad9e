"""A server that has been busy for a month: made-up rows in the ledger, from a seed."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playground.stage import Stage

ROW = """
insert into generation (
    id, interaction_id, ordinal, status, owner_epoch, application_id, guild_id, channel_id,
    place_id, user_id, message_id, token_expires_at, private, size_limit, locale, provider, model,
    prompt, options, prediction_id, created_at, submitted_at, ended_at, compute_ms, duration_ms,
    price_micros, cost_micros, quota, budget, error)
values (
    :id, :number, 0, :status, 1, 1, :guild, :channel,
    :channel, :user, :number, 0, 0, 1, 'en', 'http://127.0.0.1', :model,
    :prompt, '{}', :id, :at, :at, :at + 9000, 8000, 8000,
    :price, case when :budget = 'settled' then :price end, :quota, :budget, :error)"""

#: Images a day on weekdays and at weekends, before chance.
WEEKDAY, WEEKEND = 9, 16
DAYS = 30
#: How often of a hundred; how it ended, what the person's book and the payer's say, why.
OUTCOMES = {
    ("delivered", "settled", "settled", None): 84,
    ("failed", "released", "settled", "safety"): 7,
    ("failed", "released", "released", "trouble"): 3,
    ("canceled", "released", "released", None): 4,
    ("unknown", "released", "settled", None): 2,
}
#: How often of a hundred; a model and its micro-dollars an image.
MODELS = {
    ("google/imagen-4-ultra", 60_000): 70,
    ("google/imagen-4", 40_000): 22,
    ("google/imagen-4-fast", 20_000): 8,
}
#: Of a hundred images: those of the playground's people in their order, and of one who has left.
SHARES = (24, 17, 38, 9, 2, 12)
LEFT = 81_384_788_765_712_384
PROMPTS = (
    "a red fox in snow, oil painting",
    "a lighthouse at dawn, woodcut",
    "an astronaut reading in a greenhouse, soft morning light, 35 mm film",
    "isometric map of a harbour town",
    "a heron made of folded newspaper",
    "two old friends playing chess under a plane tree in October",
    "poster for a jazz night, three colours",
    "a teapot in the shape of a whale",
)


def fill(running: Stage, database: Path) -> None:
    """Pictures of it differ by their dates alone."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(ROW, list(_rows(running, random.Random(4))))


def _rows(running: Stage, chance: random.Random) -> Iterator[dict[str, object]]:
    people = [*(int(person["id"]) for person in running.world.people), LEFT]
    place = {"guild": running.world.guild_id, "channel": int(running.world.channels[0]["id"])}
    for number, at in enumerate(_times(chance), 1):
        [(status, quota, budget, error)] = chance.choices([*OUTCOMES], [*OUTCOMES.values()])
        [(model, price)] = chance.choices([*MODELS], [*MODELS.values()])
        yield {
            **place,
            "id": f"{number}-0",
            "number": number,
            "status": status,
            "quota": quota,
            "budget": budget,
            "error": error,
            "model": model,
            "price": price,
            "user": chance.choices(people, SHARES)[0],
            "prompt": chance.choice(PROMPTS),
            "at": round(at.timestamp() * 1000),
        }


def _times(chance: random.Random) -> Iterator[datetime]:
    """Oldest first; today's in its first minutes, since nothing may lie in the future."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for age in range(DAYS - 1, -1, -1):
        day = today - timedelta(days=age)
        usual = WEEKEND if day.weekday() >= 5 else WEEKDAY
        count = max(0, round(chance.gauss(usual, 4)))
        first, last = (9 * 60, 23 * 60) if age else (0, 5)
        for minutes in sorted(chance.uniform(first, last) for _ in range(count)):
            yield day + timedelta(minutes=minutes)
