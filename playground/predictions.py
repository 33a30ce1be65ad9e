"""A prediction whose state is a function of time: nothing runs in the background."""

from __future__ import annotations

import math
import random
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from playground.faults import Faults
from playground.models import FLUX, TEXT
from playground.words import improved

#: The share of a prediction's time that it spends in "starting".
STARTING_SHARE = 0.15
#: Spread of the durations: with it, nine in ten lie between 0.6 and 1.6 times the mean.
SPREAD = 0.3
#: Of an image's time, what a few sentences take.
WRITING_SHARE = 0.25
#: Seconds: Replicate ends every prediction after 30 minutes, and forgets its files after an hour.
LONGEST_RUN = 30 * 60.0
RETENTION = 3600.0

_CANCEL_AFTER = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s?)?")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Real gateways hand on Replicate's own addresses: whoever follows them takes a key to a stranger.
_ELSEWHERE = "https://api.replicate.com/v1/predictions"
_REFUSAL = (
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
)
_FAILURE = "Async prediction failed: ModelError: the playground was told to fail"


@dataclass
class Purchase:
    """One accepted create: the `number`th line on the invoice. Times are seconds since 1970."""

    id: str
    model: str
    input: Mapping[str, Any]
    created_at: float
    duration: float
    deadline: float
    faults: Faults
    number: int = 0
    pictures: Sequence[bytes] = ()
    canceled_at: float = math.inf

    @property
    def started_at(self) -> float:
        return self.created_at + STARTING_SHARE * self.duration

    @property
    def finished_at(self) -> float:
        """When it would end by itself."""
        return math.inf if self.faults.timeout else self.created_at + self.duration

    @property
    def ended_at(self) -> float:
        return min(self.finished_at, self.canceled_at, self.deadline)

    @property
    def file_names(self) -> list[str]:
        """What it makes; the filter may have taken every second one."""
        extension = self.input.get("output_format", "jpg")
        names = [f"out-{n}.{extension}" for n in range(int(self.input.get("num_outputs", 1)))]
        return names[::2] if self.faults.safety_some and len(names) > 1 else names

    @property
    def is_refused(self) -> bool:
        """Whether the filter takes all of it."""
        alone = self.faults.safety_some and self.input.get("num_outputs", 1) == 1
        return self.faults.safety or (alone and self.number % 2 == 1)

    def status(self, now: float) -> str:
        """Replicate's word for its state at `now`."""
        if now < self.ended_at:
            return "starting" if now < self.started_at else "processing"
        if self.ended_at == self.finished_at:
            return "failed" if self.faults.failing or self.is_refused else "succeeded"
        # Ended by its deadline before it began: never billed, and called by another word.
        began = self.ended_at >= self.started_at or self.ended_at == self.canceled_at
        return "canceled" if began else "aborted"

    def removed(self, now: float) -> bool:
        """Whether its input and output are gone by `now`."""
        return now >= self.ended_at + RETENTION

    def cancel(self, now: float) -> None:
        """End it now, unless it has ended."""
        self.canceled_at = min(self.canceled_at, now)

    def body(self, now: float, files_url: str, *, skew: float = 0.0) -> dict[str, object]:
        """What the API says of it at `now`; its output lies below `files_url`.

        `skew` is how many seconds the clock that dates it is ahead.
        """
        status, removed = self.status(now), self.removed(now)
        ended, began = now >= self.ended_at, min(now, self.ended_at) >= self.started_at
        output = self._output(files_url)
        return {
            "id": self.id,
            "model": self.model,
            "version": "hidden",
            "input": {} if removed else dict(self.input),
            "logs": self._logs(status),
            "output": output if status == "succeeded" and not removed else None,
            "data_removed": removed,
            "error": self._error(status),
            "source": "api",
            "status": status,
            "created_at": _stamp(self.created_at + skew),
            **({"started_at": _stamp(self.started_at + skew)} if began else {}),
            **({"completed_at": _stamp(self.ended_at + skew)} if ended else {}),
            **({"metrics": self._metrics(status)} if ended else {}),
            "urls": {
                "cancel": f"{_ELSEWHERE}/{self.id}/cancel",
                "get": f"{_ELSEWHERE}/{self.id}",
                "web": f"https://replicate.com/p/{self.id}",
            },
        }

    def _output(self, files_url: str) -> object:
        if self.model == TEXT:
            return improved(str(self.input["prompt"]))
        outputs = [f"{files_url}/{self.id}/{name}" for name in self.file_names]
        return outputs if self.model == FLUX else outputs[0]

    def _logs(self, status: str) -> str:
        lines = {"starting": "", "aborted": "", "processing": "Generating one image\n"}
        return lines.get(status, f"Generating one image\nEnded as {status}\n")

    def _error(self, status: str) -> str | None:
        if status != "failed":
            return None
        return _REFUSAL if self.is_refused else _FAILURE

    def _metrics(self, status: str) -> dict[str, float]:
        if self.ended_at < self.started_at:
            return {}
        seconds = {
            "predict_time": round(self.ended_at - self.started_at, 6),
            "total_time": round(self.ended_at - self.created_at, 6),
        }
        return (
            {**seconds, "image_count": len(self.file_names)} if status == "succeeded" else seconds
        )


def purchase(  # noqa: PLR0913 - all that a purchase is
    *,
    model: str,
    input: Mapping[str, Any],
    pictures: Sequence[bytes] = (),
    now: float,
    mean_seconds: float,
    cancel_after: float | None,
    faults: Faults,
    chance: random.Random,
    number: int = 0,
) -> Purchase:
    """Accept a create at `now`; durations vary log-normally around `mean_seconds`."""
    duration = chance.lognormvariate(math.log(mean_seconds) - SPREAD**2 / 2, SPREAD)
    return Purchase(
        # Not from `chance`: ids must differ from those of earlier runs over the same ledger.
        id="".join(secrets.choice(_ALPHABET) for _ in range(26)),
        model=model,
        input=input,
        pictures=pictures,
        created_at=now,
        duration=duration * (4 if faults.slow else 1) * (WRITING_SHARE if model == TEXT else 1),
        deadline=now + min(cancel_after or LONGEST_RUN, LONGEST_RUN),
        faults=faults,
        number=number,
    )


def _stamp(seconds: float) -> str:
    """Nine fractional digits, as some real timestamps have."""
    nanoseconds = round(seconds * 1_000_000) * 1000 + 253
    whole, fraction = divmod(nanoseconds, 1_000_000_000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{fraction:09}Z"


def cancel_seconds(text: str) -> float | None:
    """What a `Cancel-After` of the forms 30, 30s, 5m, 1h30m45s means."""
    found = _CANCEL_AFTER.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    return hours * 3600.0 + minutes * 60 + seconds or None
