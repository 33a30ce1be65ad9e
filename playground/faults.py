"""Trouble on request: what the small Replicate can be told to do wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

#: Every fault by the name that `--fault` takes, with what happens.
FAULTS: Mapping[str, str] = {
    "slow": "every image takes four times as long",
    "failing": "every prediction fails with an error in free text",
    "safety": "the safety filter refuses every image (E005)",
    "safety-some": "the safety filter takes every second image",
    "rate-limit": "creates are throttled to one in three seconds, the first one included (429)",
    "timeout": "no prediction ever ends by itself",
    "oversize": "images are larger than the 10 MiB that Discord takes",
    "no-credit": "the account has no credit (402): the bot stops buying, and probes after a minute",
    "bad-token": "the API token is not accepted (401): the same",
    "retired": "the model does not exist any more (404)",
    "server-error": "creates end in a server error (500)",
    "truncated": "the image's download breaks off in the middle",
    "slow-loris": "the image's download drips, one byte a second",
    "not-an-image": "the image's address serves a web page",
    "flaky-polls": "every second look at a prediction meets a 503 page",
    "lost-creates": "creates are accepted, but their connection is cut without an answer",
    "lost-answers": "every second call takes effect, but its answer is lost",
    "reset": "every second connection is reset before anything is read",
    "5xx-storm": "every call to the provider meets a 502 page",
    "429-storm": "every call to the provider is told to wait a second (429)",
    "clock-ahead": "the provider's clock is a day ahead",
    "clock-behind": "the provider's clock is a day behind",
    "no-list": "the provider does not list predictions (404)",
    "no-files": "the provider takes no files (404)",
    "late-list": "predictions are listed only five seconds after their create",
    "no-webhooks": "creates that name a webhook are refused (422), and there is no secret (404)",
    "webhook-lost": "no webhook arrives: after a few the bot goes back to asking",
    "webhook-forged": "a forged webhook says too early that the image is ready",
    "webhook-stale": "a webhook of ten minutes ago, rightly signed, says so too early",
    "webhook-replayed": "each webhook is sent again and again, as it was",
    "webhook-reordered": "webhooks arrive in reverse: the end first, then what came before",
    "webhook-double": "each webhook comes twice at the same moment",
}


@dataclass(frozen=True, slots=True)
class Faults:
    """Which faults are on; all off by default."""

    slow: bool = False
    failing: bool = False
    safety: bool = False
    safety_some: bool = False
    rate_limit: bool = False
    timeout: bool = False
    oversize: bool = False
    no_credit: bool = False
    bad_token: bool = False
    retired: bool = False
    server_error: bool = False
    truncated: bool = False
    slow_loris: bool = False
    not_an_image: bool = False
    flaky_polls: bool = False
    lost_creates: bool = False
    lost_answers: bool = False
    reset: bool = False
    storm_5xx: bool = False
    storm_429: bool = False
    clock_ahead: bool = False
    clock_behind: bool = False
    no_list: bool = False
    no_files: bool = False
    late_list: bool = False
    no_webhooks: bool = False
    webhook_lost: bool = False
    webhook_forged: bool = False
    webhook_stale: bool = False
    webhook_replayed: bool = False
    webhook_reordered: bool = False
    webhook_double: bool = False

    @classmethod
    def parse(cls, names: Iterable[str]) -> Faults:
        """The faults of these `names`, keys of `FAULTS`. Raises ValueError naming unknown ones."""
        wanted = set(names)
        if unknown := sorted(wanted - FAULTS.keys()):
            raise ValueError(f"No such fault: {', '.join(unknown)}. Known: {', '.join(FAULTS)}.")
        return cls(**{_field(name): True for name in wanted})

    @property
    def names(self) -> tuple[str, ...]:
        """The faults that are on, as `--fault` names them."""
        on = {field.name for field in fields(self) if getattr(self, field.name)}
        return tuple(name for name in FAULTS if _field(name) in on)

    @property
    def skew_seconds(self) -> float:
        """How far the provider's clock is ahead of ours."""
        return 86_400.0 * (self.clock_ahead - self.clock_behind)


def _field(name: str) -> str:
    """The field of a name: an identifier starts with a letter."""
    first, _, rest = name.partition("-")
    return f"{rest}_{first}" if first[0].isdecimal() else name.replace("-", "_")
