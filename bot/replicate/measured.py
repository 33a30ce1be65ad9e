"""Calls to the predictions API, counted by what became of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from bot import tally
from bot.errors import ProviderError

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
Call = Callable[Asked, Coroutine[Any, Any, Answer]]


def measured(name: str) -> Callable[[Call[Asked, Answer]], Call[Asked, Answer]]:
    """Count each call as `name`, with its outcome and its duration; whoever is canceled as such."""

    def around(call: Call[Asked, Answer]) -> Call[Asked, Answer]:
        @wraps(call)
        async def counting(*asked: Asked.args, **named: Asked.kwargs) -> Answer:
            began, outcome = time.monotonic(), "abandoned"
            try:
                answer = await call(*asked, **named)
                outcome = "ok"
                return answer
            except ProviderError as error:
                outcome = error.code
                raise
            finally:
                tally.PROVIDER_CALLS.add(name, outcome)
                tally.PROVIDER_SECONDS.note(time.monotonic() - began, name)

        return counting

    return around
