"""What an operator reads of a generation in the log: ids of ours, never a prompt or a person."""

from __future__ import annotations

from bot.domain.generation import Generation
from bot.refusals.pictures import Failure, PictureRefused

#: HTTP statuses whose texts are about the account or the service, not about what was typed.
_LOGGED_DETAIL = frozenset({401, 402, 404, 429})


def fields(row: Generation, error: Failure | None = None) -> dict[str, object]:
    """What an operator may read of it: ids of ours, never a prompt or a person."""
    known: dict[str, object] = {"generation": row.id, "status": row.status.value}
    if isinstance(error, PictureRefused):
        known["reason"] = error.code
    elif error is not None:
        known |= {"reason": error.code, "http": error.status}
        if error.status is not None and (error.status in _LOGGED_DETAIL or error.status >= 500):
            known["detail"] = error.detail
    return known
