"""What whoever waited for long is told in a direct message."""

from __future__ import annotations

from bot.domain.generation import Generation
from bot.language import _n


def notified(row: Generation, published_id: int | None) -> str:
    """With a link to the images' message; none where nobody but them sees it."""
    request = row.request
    message_id = published_id or (None if request.private else row.message_id)
    if message_id is None:
        return _n("Your image is ready.", "Your images are ready.", request.asked)
    place = request.guild_id or "@me"
    link = f"https://discord.com/channels/{place}/{request.channel_id}/{message_id}"
    said = _n("Your image is ready: {link}", "Your images are ready: {link}", request.asked)
    return said.format(link=link)
