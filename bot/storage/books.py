"""What an ended generation counts for: the table of the two books."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain import Entry, Status

#: What the two books say once a generation has ended: (the person's quota, the payer's budget).
#: The payer's side is pessimistic: what the provider may have billed stays counted.
BOOKS: Mapping[tuple[Status, bool], tuple[Entry, Entry]] = {
    # (status, bought: may the provider have billed it?)
    (Status.DELIVERED, True): (Entry.SETTLED, Entry.SETTLED),
    (Status.KEPT, True): (Entry.SETTLED, Entry.SETTLED),
    (Status.FAILED, True): (Entry.RELEASED, Entry.SETTLED),
    (Status.FAILED, False): (Entry.RELEASED, Entry.RELEASED),
    (Status.EXPIRED, False): (Entry.RELEASED, Entry.RELEASED),
    (Status.CANCELED, True): (Entry.SETTLED, Entry.SETTLED),
    (Status.CANCELED, False): (Entry.RELEASED, Entry.RELEASED),
    (Status.UNKNOWN, True): (Entry.RELEASED, Entry.SETTLED),
}
