"""What an ended generation counts for: the table of the two books."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.generation import Entry, Status

#: How what cannot be carried on for a day ends, and whether it was bought; all else is unknown.
GIVEN_UP: Mapping[Status, tuple[Status, bool]] = {
    Status.PROPOSED: (Status.EXPIRED, False),
    Status.QUEUED: (Status.EXPIRED, False),
    Status.REVIEWING: (Status.EXPIRED, True),
    Status.APPEALING: (Status.REJECTED, True),
    Status.DELIVERING: (Status.KEPT, True),
}
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
    # A server may say that what its moderators reject does not count for the person.
    (Status.REJECTED, True): (Entry.SETTLED, Entry.SETTLED),
    (Status.REJECTED, False): (Entry.RELEASED, Entry.RELEASED),
    (Status.EXPIRED, True): (Entry.RELEASED, Entry.SETTLED),
    (Status.UNKNOWN, True): (Entry.RELEASED, Entry.SETTLED),
}
