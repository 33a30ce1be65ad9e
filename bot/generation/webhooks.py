"""The provider's webhooks: where they are to go, what they are signed with, whether they come.

A webhook is never believed: it says when to look, and the look says what is true. Its address
belongs to one generation and cannot be guessed, and whichever process gets it can tell whose it is.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from bot.clock import Clock, SystemClock
from bot.errors import ProviderError
from bot.replicate.webhook import NO_SECRET, is_signed
from bot.storage.facts import Facts

log = logging.getLogger(__name__)

#: Below PUBLIC_URL.
PATH = "/webhooks"
#: What an address is derived with: a fact of the installation, made once.
KEY, KEY_BYTES = "webhook_key", 32
#: So often the provider is asked for its secret, at most.
ASK_AGAIN_MS = 60_000
#: What is believed to have ended by now, but for so small a chance, is looked at though no webhook
#: has come. The larger one holds until a first webhook has shown that the address is right, and for
#: models of which too little is known: never seen, they are looked at after 15 s, not after 95.
DOUBT, FIRST_DOUBT = 0.05, 0.25
#: So many ends in a row that were not told, and predictions are polled as if there were none; until
#: one comes again. One is enough where none ever came.
MISSES = 3


class Webhooks:
    """One per process; outlives the client. Without `base` there are none."""

    def __init__(
        self, base: str | None = None, secret: str | None = None, clock: Clock | None = None
    ) -> None:
        """`base`: PUBLIC_URL; `secret`: what they are signed with, else the provider is asked."""
        self._base = base
        self._secret = secret
        self._is_given = secret is not None
        self._clock = clock or SystemClock()
        self._key = b""
        self._ask: Callable[[], Awaitable[str]] | None = None
        self._asked_at: int | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._misses = 0
        self._has_come = False

    @property
    def base(self) -> str | None:
        """None: there are none, or none any more in this process."""
        return self._base

    @asynccontextmanager
    async def opened(
        self, facts: Facts, ask: Callable[[], Awaitable[str]]
    ) -> AsyncIterator[Webhooks]:
        """While it lasts predictions may be created with them; `ask` fetches the secret.

        Nothing waits for the provider: until its secret is known, predictions are polled.
        """
        if self._base is not None:
            self._key = bytes.fromhex(await facts.settled(KEY, secrets.token_hex(KEY_BYTES)))
            self._ask = ask
            self._look_up()
        try:
            yield self
        finally:
            for asking in self._asking:
                asking.cancel()
            await asyncio.gather(*self._asking, return_exceptions=True)

    def address(self, generation_id: str) -> str | None:
        """Where its prediction's end is to be told; None: nowhere, so it has to be polled."""
        if self._base is None or not self._key:
            return None
        if self._secret is None:
            self._look_up()
            return None
        return f"{self._base}{PATH}/{generation_id}.{self._mark(generation_id)}"

    def generation(self, path: str) -> str | None:
        """Whose address ends in this; None: it was made up. It takes as long, right or wrong."""
        generation_id, _, mark = path.rpartition(".")
        expected = self._mark(generation_id)
        same = hmac.compare_digest(expected.encode(), mark.encode("utf-8", "replace"))
        return generation_id if same and self._key else None

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the provider sent it, a moment ago. It may have changed its secret since."""
        return self._secret is not None and is_signed(self._secret, headers, body)

    def distrust(self) -> None:
        """One was not genuine. Perhaps the secret is another one by now: its next try will tell."""
        log.info("webhook refused")
        if not self._is_given:
            self._look_up()

    def doubt(self, *, is_known: bool) -> float | None:
        """How unlikely it must be that a prediction still runs, to look though nothing was told.

        `is_known`: how long its model takes. None: look as if there were no webhooks.
        """
        if not self.come:
            return None
        return DOUBT if self._has_come and is_known else FIRST_DOUBT

    @property
    def come(self) -> bool:
        """Whether they can be relied on, as far as is known."""
        return self._misses < (MISSES if self._has_come else 1)

    def came(self) -> None:
        """A genuine one."""
        if not self.come:
            log.info("webhooks come again")
        self._misses, self._has_come = 0, True

    def missed(self) -> None:
        """A prediction was found ended, long after the end was to be told."""
        came = self.come
        self._misses += 1
        if came and not self.come:
            log.warning("webhooks do not come: polling", extra={"missed": self._misses})

    def refused(self) -> None:
        """The provider takes no create that names one."""
        self._give_up("the provider refuses them")

    def _give_up(self, why: str) -> None:
        if self._base is not None:
            log.warning("no webhooks: polling", extra={"reason": why})
        self._base = None

    def _mark(self, generation_id: str) -> str:
        said = f"webhook {generation_id}".encode("utf-8", "replace")
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()

    def _look_up(self) -> None:
        """Ask for the secret, unless that was done a moment ago."""
        now = self._clock.now()
        early = self._asked_at is not None and now < self._asked_at + ASK_AGAIN_MS
        if self._ask is None or self._is_given or early:
            return
        self._asked_at = now
        asking = asyncio.create_task(self._learn(self._ask), name="webhook secret")
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    async def _learn(self, ask: Callable[[], Awaitable[str]]) -> None:
        try:
            self._secret = await ask()
        except ProviderError as error:
            if error.status in NO_SECRET and self._secret is None:
                self._give_up("the provider gives no secret")
            else:
                log.info("webhook secret not known", extra={"reason": error.code})
