"""`/me` in words: what is stored of a person, why, how long; and its end."""

from __future__ import annotations

from collections.abc import Sequence

from bot.text import plural

TITLE = "## You and your data"
LISTED = "**Your name** appears in this and other servers' figures, for their managers."
UNLISTED = "**Your name** does not appear in servers' figures; your images count among “others”."
HIDE, SHOW = "Hide it", "Show it"
EXPORT, DELETE, DELETE_NOW, KEEP = "Export", "Delete …", "Delete it all", "Keep it"
EXPORT_ABOUT = "**A copy** of all of it: records as JSON and CSV, your images and pictures."
DELETE_ABOUT = "**Delete** all of it. You are asked once more."
RECORDS = (
    "**Records** (your id, server, channel, message, model, times, outcome, cost) · for limits "
    "and accounts; kept until you delete them"
)
EXPORTING = "⏳ Packing …"
DELETING = "⏳ Canceling what runs, then deleting …"
DELETED = (
    "🗑️ **Deleted**: your prompts, images and records here. Messages that are already in channels "
    "are yours or a moderator's to delete in Discord."
)
DELETED_LATER = (
    "🗑️ **Deleted**, but for what is not over: at the provider, where it cannot be canceled, or "
    "before a server's moderators. It is deleted by itself as soon as it is; you need not come "
    "back."
)
CONFIRM = """\
## Delete your data?
**Canceled**: what is waiting or being generated for you.
**Erased**: your prompts and options, stored images and pictures, records, links to messages, and \
your choices in `/me`. `/history` and `/usage` begin empty.
**What stays, without your name**: that some image was made, where, when (to a quarter of an \
hour), by which model and at which price, since somebody paid for it.
**What stays under a pseudonym** made with a secret key: for a month, that an image counts against \
limits and a refusal against the filter's brake; and, as long as a server keeps them, limits that \
its managers set for you and a block from asking for images.
**What stays without your name or any text**: that something was decided by or about you, when.
Messages already posted in Discord are not touched, nor what the provider keeps by its own rules."""


def stored(image_days: int | None, prompt_days: int | None, privacy_url: str | None) -> str:
    """What, why, how long."""
    lines = [
        f"**Prompts and options** · for `/history` and `/usage`; kept {_kept(prompt_days)}",
        f"**Pictures you attach**, without metadata · to start from; kept {_kept(image_days)}",
        f"**Images** · for `/history` and late delivery; kept {_kept(image_days)}",
        RECORDS,
        "**A key to the reply** · to finish your message; kept until it is finished",
        "Prompts and pictures are sent to the provider of the model, which makes the image.",
    ]
    if privacy_url is not None:
        lines.append(f"The privacy policy: <{privacy_url}>")
    return "\n".join(lines)


def exported(number: int, images: int) -> str:
    return f"📦 **Your data**, part {number} · {plural(images, 'image')}. Only you see this."


def export_ended(parts: int, left_out: Sequence[str], *, complete: bool) -> str:
    """After the last part: whether that was all."""
    if not parts:
        return "⌛ Too many people export at the moment. Try again in a quarter of an hour."
    text = f"📦 **Your data** is below, in {plural(parts, 'part')}."
    if left_out:
        text += (
            f" {plural(len(left_out), 'image')} too large for an upload here: `/history` sends "
            "them smaller."
        )
    if not complete:
        text += " There was no time or room for older images: save them from `/history`."
    return text


def _kept(days: int | None) -> str:
    return "until you delete them" if days is None else plural(days, "day")
