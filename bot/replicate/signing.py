"""The key that webhooks are signed with, as Standard Webhooks writes it."""

from __future__ import annotations

import base64
import binascii
import re

#: Base64 of 16 bytes or more; by the standard it is 24 to 64.
_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{22,172}={0,2}")


def is_secret(text: str) -> bool:
    """Whether signatures can be verified with it: half a key would refuse them all."""
    if _SECRET.fullmatch(text) is None:
        return False
    try:
        base64.b64decode(f"{text.removeprefix('whsec_').rstrip('=')}==")
    except binascii.Error:
        return False
    return True
