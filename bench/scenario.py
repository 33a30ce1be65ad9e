"""What the bots are put through."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

SIGMA = 0.2
"""Spread of the durations, of their logarithm."""


@dataclass(frozen=True)
class Scenario:
    """A load, bounded in count and in time.

    `per_second` is infinite for all at once. Durations are lognormal with a mean of `seconds`;
    with `together` every prediction completes at the same moment, so long after the first
    dispatch. `warm_up` predictions come first and count for nothing. What is not delivered
    `drain` seconds after the last dispatch is lost. `rest` seconds pass before the first and after
    the last reading of what the bot uses, so that it is idle then. `calls_per_minute` are the
    provider's limits on creates and on everything else; unless `lifted`, a bot keeps its own.
    `only` names the bots that it is for, if not for all. With `webhooks` the provider tells the bot
    of each end.
    """

    name: str
    about: str
    requests: int
    per_second: float = math.inf
    seconds: float = 9.0
    together: bool = False
    image_size: int = 1_000_000
    media_type: str = "image/jpeg"
    warm_up: int = 50
    drain: float = 60.0
    rest: float = 1.5
    lifted: bool = True
    calls_per_minute: tuple[float, float] = (math.inf, math.inf)
    only: tuple[str, ...] = ()
    webhooks: bool = False

    def duration(self, chance: random.Random) -> float:
        """Seconds of one prediction."""
        return chance.lognormvariate(math.log(self.seconds) - SIGMA**2 / 2, SIGMA)


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("burst", "200 at once", 200),
        Scenario("crowd", "500 at 100 a second", 500, 100, drain=100.0),
        Scenario(
            "patience", "2,000 in flight, 60 s predictions", 2000, 100, seconds=60.0, drain=150.0
        ),
        Scenario(
            "heavy",
            "100 images of 8 MB at the same moment",
            100,
            together=True,
            seconds=12.0,
            image_size=8_000_000,
            media_type="image/png",
        ),
        Scenario(
            "limits",
            "200 at once, default settings, 600 creates and 3,000 other calls a minute",
            200,
            drain=150.0,
            lifted=False,
            calls_per_minute=(600, 3000),
            only=("ours",),
        ),
        Scenario("asked", "60 at 2 a second, polled", 60, 2, only=("ours",)),
        Scenario("told", "the same, with webhooks", 60, 2, only=("ours",), webhooks=True),
    )
}
