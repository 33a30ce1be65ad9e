"""A rest after a refusal: what Discord refused is not tried again for a while.

It shuts out an address with 10,000 refusals (401, 403, 429) in 10 minutes:
https://discord.com/developers/docs/topics/rate-limits
"""

from __future__ import annotations

from bot.clock import Clock

#: Between two tries of the same.
REST_MS = 3_600_000


class Backoff:
    """By the id of a request; in memory only, so a restart tries once more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[int, int] = {}

    def begin(self, interaction_id: int) -> None:
        self._until[interaction_id] = self._clock.now() + REST_MS

    def end(self, interaction_id: int) -> None:
        self._until.pop(interaction_id, None)

    def holds(self, interaction_id: int) -> bool:
        """Whether it is to be left alone still."""
        return self._clock.now() < self._until.get(interaction_id, 0)
