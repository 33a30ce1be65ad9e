"""Trouble on request: what the small Replicate can be told to do wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

#: Every fault by the name that `--fault` takes, with what happens.
FAULTS: Mapping[str, str] = {
    "slow": "every image takes four times as long",
    "failing": "every prediction fails with an error in free text",
    "safety": "the safety filter refuses every image (E005)",
    "rate-limit": "creates are throttled to one in three seconds, the first one included (429)",
    "timeout": "no prediction ever ends by itself",
    "oversize": "images are larger than the 10 MiB that Discord takes",
    "no-credit": "the account has no credit (402)",
    "bad-token": "the API token is not accepted (401)",
    "retired": "the model does not exist any more (404)",
    "server-error": "creates end in a server error (500)",
    "truncated": "the image's download breaks off in the middle",
    "not-an-image": "the image's address serves a web page",
    "flaky-polls": "every second look at a prediction meets a 503 page",
}


@dataclass(frozen=True, slots=True)
class Faults:
    """Which faults are on; all off by default."""

    slow: bool = False
    failing: bool = False
    safety: bool = False
    rate_limit: bool = False
    timeout: bool = False
    oversize: bool = False
    no_credit: bool = False
    bad_token: bool = False
    retired: bool = False
    server_error: bool = False
    truncated: bool = False
    not_an_image: bool = False
    flaky_polls: bool = False

    @classmethod
    def parse(cls, names: Iterable[str]) -> Faults:
        """The faults of these `names`, keys of `FAULTS`. Raises ValueError naming unknown ones."""
        wanted = set(names)
        if unknown := sorted(wanted - FAULTS.keys()):
            raise ValueError(f"No such fault: {', '.join(unknown)}. Known: {', '.join(FAULTS)}.")
        return cls(**{name.replace("-", "_"): True for name in wanted})

    @property
    def names(self) -> tuple[str, ...]:
        """The faults that are on, as `--fault` names them."""
        on = (field.name for field in fields(self) if getattr(self, field.name))
        return tuple(name.replace("_", "-") for name in on)
