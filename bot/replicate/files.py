"""Files handed to the provider, for inputs that are too large to be sent along."""

from __future__ import annotations

import io
from collections.abc import Mapping
from http import HTTPStatus

import aiohttp

from bot.errors import ProviderTrouble, UploadUnsupported
from bot.replicate.origin import Origin
from bot.replicate.problems import problem

#: Characters of an address that we pass on; recorded ones have 80.
LONGEST_ADDRESS = 2_000
_NO_SUCH_ROUTE = frozenset({404, 405, 501})


async def upload(origin: Origin, name: str, media_type: str, content: bytes) -> str:
    """The address by which a prediction's input names it, for a day; nobody here ever calls it.

    Raises UploadUnsupported where the provider takes no files, else another `ProviderError`.
    """
    form = aiohttp.FormData()
    form.add_field("content", io.BytesIO(content), filename=name, content_type=media_type)
    form.add_field("filename", name)
    form.add_field("type", media_type)
    answer = await origin.call("POST", "/files", form=form)
    if answer.status in _NO_SUCH_ROUTE or 300 <= answer.status < 400:
        raise UploadUnsupported(status=answer.status)
    if not answer.accepted:
        raise problem(answer.status, answer.text, answer.headers)
    urls = answer.body.get("urls") if isinstance(answer.body, Mapping) else None
    address = urls.get("get") if isinstance(urls, Mapping) else None
    if not isinstance(address, str) or not _is_address(address):
        if answer.status == HTTPStatus.OK:  # a gateway's home page
            raise UploadUnsupported(status=answer.status)
        raise ProviderTrouble("The answer names no file.", answer.status)
    return address


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://")) and len(text) <= LONGEST_ADDRESS
