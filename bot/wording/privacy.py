"""`/me` in words: what is stored of a person, why, how long; and its end."""

from __future__ import annotations

from collections.abc import Sequence

from bot.language import N_, _, _n
from bot.text import number

TITLE = N_("## You and your data")
LISTED = N_("**Your name** appears in this and other servers' figures, for their managers.")
UNLISTED = N_(
    "**Your name** does not appear in servers' figures; your images count among “others”."
)
HIDE, SHOW = N_("Hide it"), N_("Show it")
EXPORT, DELETE, DELETE_NOW = N_("Export"), N_("Delete …"), N_("Delete it all")
KEEP = N_("Keep it")
EXPORT_ABOUT = N_("**A copy** of all of it: records as JSON and CSV, your images and pictures.")
DELETE_ABOUT = N_("**Delete** all of it. You are asked once more.")
PROMPTS = N_("**Prompts and options** · for `/history` and `/usage`; kept {how_long}")
PICTURES = N_("**Pictures you attach**, without metadata · to start from; kept {how_long}")
IMAGES = N_("**Images** · for `/history` and late delivery; kept {how_long}")
RECORDS = N_(
    "**Records** (your id, server, channel, message, model, times, outcome, cost) · for limits "
    "and accounts; kept until you delete them"
)
SAVED = N_(
    "**Images you save for a server** · for its members in `/history`; kept until you, or a "
    "moderator, take them out"
)
TOKEN = N_("**A key to the reply** · to finish your message; kept until it is finished")
PREFERENCES = N_("**Preferences** · for what you leave open; kept until you delete them")
SENT = N_("Prompts and pictures are sent to the provider of the model, which makes the image.")
POLICY = N_("The privacy policy: <{url}>")
EXPORTING = N_("⏳ Packing …")
DELETING = N_("⏳ Canceling what runs, then deleting …")
DELETED = N_(
    "🗑️ **Deleted**: your prompts, images and records here. Messages that are already in channels "
    "are yours or a moderator's to delete in Discord."
)
DELETED_LATER = N_(
    "🗑️ **Deleted**, except for what is still under way: at the provider, where it cannot be "
    "canceled, or before a server's moderators. That is deleted by itself as soon as it has ended; "
    "you need not come back."
)
CONFIRM = N_(
    """\
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
)


def stored(image_days: int | None, prompt_days: int | None, privacy_url: str | None) -> str:
    """What, why, how long."""
    lines = [
        _(PROMPTS).format(how_long=_kept(prompt_days)),
        _(PICTURES).format(how_long=_kept(image_days)),
        _(IMAGES).format(how_long=_kept(image_days)),
        _(SAVED),
        _(RECORDS),
        _(PREFERENCES),
        _(TOKEN),
        _(SENT),
    ]
    if privacy_url is not None:
        lines.append(_(POLICY).format(url=privacy_url))
    return "\n".join(lines)


def exported(part: int, images: int) -> str:
    return _n(
        "📦 **Your data**, part {number} · {count} image. Only you see this.",
        "📦 **Your data**, part {number} · {count} images. Only you see this.",
        images,
    ).format(number=part, count=number(images))


def export_ended(parts: int, left_out: Sequence[str], *, complete: bool) -> str:
    """After the last part: whether that was all."""
    if not parts:
        return _("⌛ Too many people export at the moment. Try again in a quarter of an hour.")
    told = [
        _n(
            "📦 **Your data** is below, in {count} part.",
            "📦 **Your data** is below, in {count} parts.",
            parts,
        ).format(count=number(parts))
    ]
    if left_out:
        told.append(
            _n(
                "{count} image too large for an upload here: `/history` sends it smaller.",
                "{count} images too large for an upload here: `/history` sends them smaller.",
                len(left_out),
            ).format(count=number(len(left_out)))
        )
    if not complete:
        told.append(_("There was no time or room for older images: save them from `/history`."))
    return " ".join(told)


def _kept(days: int | None) -> str:
    if days is None:
        return _("until you delete them")
    return _n("{count} day", "{count} days", days).format(count=number(days))
