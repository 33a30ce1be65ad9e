"""The key that webhooks are signed with, as Standard Webhooks writes it."""

from __future__ import annotations

import re

#: Base64 of 16 bytes or more; by the standard it is 24 to 64.
_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{22,172}={0,2}")


def is_secret(text: str) -> bool:
    return _SECRET.fullmatch(text) is not None
