"""A person's number that is not their id: a keyed hash, the same every time, without a way back."""

from __future__ import annotations

import hashlib
import hmac

KEY_BYTES = 32


def pseudonym(key: bytes, user_id: int) -> int:
    """A negative 64-bit number: it fits where ids go, and is never taken for one."""
    digest = hmac.digest(key, str(user_id).encode(), hashlib.sha256)
    return -1 - (int.from_bytes(digest[:8], "big") >> 1)
