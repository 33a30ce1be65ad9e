"""What is counted while the bot runs: plain numbers in memory, until somebody asks for `/metrics`.

They are the whole process's: a client that dies and is started again goes on counting. A label's
values are ours or the catalogue's, never a person, a server or what was typed. Durations are in
seconds, money in dollars.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


class Metric:
    """One of them: its name as `/metrics` shows it, what it tells, and what it is told apart by."""

    #: Prometheus's name for what it is.
    kind = ""

    def __init__(self, name: str, about: str, *labels: str) -> None:
        self.name = name
        self.about = about
        self.labels = labels
        DECLARED.append(self)


class Counter(Metric):
    """How often something happened, or how much of it there was."""

    kind = "counter"

    def __init__(self, name: str, about: str, *labels: str) -> None:
        super().__init__(name, about, *labels)
        self.values: dict[tuple[str, ...], float] = {} if labels else {(): 0}

    def add(self, *labels: str, by: float = 1) -> None:
        self.values[labels] = self.values.get(labels, 0) + by


class Histogram(Metric):
    """How often something took how long."""

    kind = "histogram"

    def __init__(self, name: str, about: str, bounds: Sequence[float], *labels: str) -> None:
        """`bounds`: what is told apart, each bucket's largest value, ascending."""
        super().__init__(name, about, *labels)
        self.bounds = bounds
        #: By labels: how many fell into each bucket alone, the last without a bound; and their sum.
        self.values: dict[tuple[str, ...], tuple[list[int], float]] = {}
        if not labels:
            self.values[()] = self._empty

    def note(self, seconds: float, *labels: str) -> None:
        """A negative duration, as clocks that disagree make them, counts as none."""
        counts, total = self.values.get(labels) or self._empty
        counts[bisect_left(self.bounds, seconds)] += 1
        self.values[labels] = counts, total + max(0.0, seconds)

    @property
    def _empty(self) -> tuple[list[int], float]:
        return [0] * (len(self.bounds) + 1), 0.0


#: Every one of them, in the order in which `/metrics` and docs/operating.md have them.
DECLARED: list[Metric] = []

COMMANDS = Counter("imagine_commands_total", "Commands that people sent.", "command")
COMMAND_FAILURES = Counter(
    "imagine_command_failures_total",
    "Commands that ended in an error nobody expected; the log has it.",
    "command",
)
REFUSALS = Counter(
    "imagine_refusals_total", "Requests refused before anything was bought.", "reason"
)
ACKNOWLEDGEMENT = Histogram(
    "imagine_acknowledgement_seconds",
    "From a request for an image to Discord's taking our first answer; Discord waits 3 s.",
    (0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 1.5, 2, 3),
)
GENERATIONS = Counter(
    "imagine_generations_ended_total",
    "Generations that ended; reason is empty where nothing went wrong.",
    *("status", "reason", "model"),
)
IMAGE_WAIT = Histogram(
    "imagine_image_wait_seconds",
    "From a request to its image in Discord, where no moderator decided.",
    (2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800),
)
TURN_WAIT = Histogram(
    "imagine_turn_wait_seconds",
    "From a request (or a moderator's yes) to its purchase.",
    (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600),
)
PREDICTION = Histogram(
    "imagine_prediction_seconds",
    "How long the provider took for a prediction that succeeded.",
    (1, 2, 3, 5, 8, 13, 20, 30, 45, 60, 90, 120, 180, 300, 600),
    "model",
)
DELIVERY_LAG = Histogram(
    "imagine_delivery_lag_seconds",
    "From the provider's completion to the image in Discord, where no moderator decided.",
    (0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60, 300),
)
COST = Counter(
    "imagine_cost_dollars_total", "What the provider bills, by the prices that are set.", "model"
)
PROVIDER_CALLS = Counter(
    "imagine_provider_calls_total",
    "Calls to the predictions API by their outcome: ok, or an error's code. Polls are call=get.",
    *("call", "outcome"),
)
PROVIDER_SECONDS = Histogram(
    "imagine_provider_call_seconds",
    "How long they took, answered or not.",
    (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    "call",
)
EDITS = Counter(
    "imagine_progress_edits_total",
    "Edits of progress: what became of those sent, and dropped: overtaken before they were.",
    "outcome",
)
DISCORD_ERRORS = Counter(
    "imagine_discord_errors_total",
    "Calls that Discord refused, by its error code (or HTTP status), or did not answer.",
    "code",
)
LOOP_LAG = Histogram(
    "imagine_loop_lag_seconds",
    "How late the event loop is, asked ten times a second: nobody is answered sooner.",
    (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
