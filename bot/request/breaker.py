"""Whether anything is bought at all: it stops by itself when the provider's account is in trouble.

Closed, purchases go on. A refused credential, an empty account, or ten failures in a row open it:
nothing is bought until the first rest is over. Then one purchase, the probe, decides: it closes
again, or rests twice as long. A probe is one image, and while it is open only the probe counts.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.errors import (
    AuthenticationFailed,
    ModelNotFound,
    OutOfCredit,
    PredictionCanceled,
    PredictionTimeout,
    ProviderError,
    ProviderTrouble,
    by_code,
)

#: Failures in a row that are the provider's own.
MOST_FAILURES = 10
#: Between a failure and the next probe: doubled with every probe that fails, up to an hour.
FIRST_REST_MS, LONGEST_REST_MS = 60_000, 3_600_000

#: What says at once that no purchase can succeed; the account's owner has to act.
_ACCOUNT = (AuthenticationFailed, OutOfCredit)
_PROVIDERS_FAULT = (
    *_ACCOUNT,
    ModelNotFound,
    PredictionCanceled,
    PredictionTimeout,
    ProviderTrouble,
)


class Breaker:
    """Pure: callers bring the time, in UTC milliseconds, and the generation's id."""

    def __init__(self) -> None:
        self._failures = 0
        self._rest_ms = FIRST_REST_MS
        self._probe_at = 0
        self._probe: str | None = None
        #: Why it is open: the code of what opened it; None: it is closed.
        self.reason: str | None = None
        #: Called with `reason` when it opens and when it closes.
        self.changed: Callable[[str | None], None] = lambda _: None

    def resume(self, reason: str, now: int) -> None:
        """Open, as an earlier process left it; the next purchase is a probe."""
        self.reason, self._probe_at = reason, now

    def admits(self, now: int) -> bool:
        """Whether something may be bought now."""
        return self.reason is None or (self._probe is None and now >= self._probe_at)

    def creates(self, wanted: int, now: int) -> int:
        """How many of them may be bought now."""
        return wanted if self.reason is None else min(wanted, int(self.admits(now)))

    def wait(self, now: int) -> int | None:
        """Milliseconds until something may be bought; None: once the probe has ended."""
        if self.reason is None:
            return 0
        return None if self._probe is not None else max(0, self._probe_at - now)

    def bought(self, generation_id: str) -> None:
        """Its create is about to be sent."""
        if self.reason is not None:
            self._probe = generation_id

    def accepted(self, generation_id: str) -> None:
        """The provider took the create: its account works."""
        if generation_id == self._probe and self._is_account:
            self._close()

    def refused(self, generation_id: str, error: ProviderError, now: int) -> None:
        """The provider refused its create: whoever waits must not try an account that cannot buy.

        Its end, once that is recorded, says the same again and changes nothing more.
        """
        if isinstance(error, _ACCOUNT):
            self.ended(generation_id, error, now)

    def put_off(self, generation_id: str) -> None:
        """The provider said "not now", and bought nothing: the next one may try."""
        if generation_id == self._probe:
            self._probe = None

    def released(self, generation_id: str, now: int) -> None:
        """It ended as somebody wished or by what was typed, which says nothing, but may cost."""
        if generation_id == self._probe:
            self._probe, self._probe_at = None, now + self._rest_ms

    def ended(self, generation_id: str, error: ProviderError | None, now: int) -> None:
        """The provider has decided: well (None), or not."""
        fault = error if isinstance(error, _PROVIDERS_FAULT) else None
        if self.reason is None:
            self._count(fault, now)
        elif generation_id != self._probe:
            return
        elif fault is not None:
            self._rest_ms = min(self._rest_ms * 2, LONGEST_REST_MS)
            self.released(generation_id, now)
        elif error is not None:
            self.released(generation_id, now)
        else:
            self._close()

    def _count(self, fault: ProviderError | None, now: int) -> None:
        self._failures = 0 if fault is None else self._failures + 1
        if fault and (isinstance(fault, _ACCOUNT) or self._failures >= MOST_FAILURES):
            self.reason, self._probe_at = fault.code, now + self._rest_ms
            self.changed(self.reason)

    @property
    def _is_account(self) -> bool:
        return isinstance(by_code(self.reason), _ACCOUNT)

    def _close(self) -> None:
        self.reason, self._probe = None, None
        self._failures, self._rest_ms = 0, FIRST_REST_MS
        self.changed(None)
