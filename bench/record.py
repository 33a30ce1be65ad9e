"""What one request went through, on the one clock of the process that serves and measures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass(slots=True)
class Record:
    """One `/imagine`, from its dispatch to its image. Times are seconds of `time.monotonic`.

    `seconds` is how long its prediction takes; `completes_at` is infinite until it was bought;
    `seen_at` is the first answer that said so.
    `deliveries` are the moments at which an attachment had arrived complete.
    """

    number: int
    seconds: float
    dispatched_at: float
    message_id: int
    acknowledged_at: float | None = None
    created_at: float = math.inf
    completes_at: float = math.inf
    seen_at: float | None = None
    creates: int = 0
    polls: int = 0
    edits: int = 0
    refusals: int = 0
    incomplete: int = 0
    deliveries: list[float] = field(default_factory=list)

    @property
    def token(self) -> str:
        """The interaction's token; nothing secret, so that its number can be read back."""
        return f"bench-token-of-interaction-{self.number}"

    @property
    def prompt(self) -> str:
        return f"A lighthouse at dusk in the rain, oil on canvas, number {self.number}"

    @property
    def settled(self) -> bool:
        """Whether nothing more is expected: the image, or words instead of it."""
        return bool(self.deliveries) or self.refusals > 0


def number_in(text: str) -> int:
    """The request that a token or a prompt belongs to; -1 where it names none."""
    digits = text[len(text.rstrip("0123456789")) :]
    return int(digits) if digits else -1
