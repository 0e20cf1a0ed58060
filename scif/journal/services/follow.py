"""Act on the journal after the fact, each entry once it is committed, with a durable cursor."""

from collections.abc import Collection

from django.db import transaction
from django.db.transaction import TransactionManagementError

from scif.journal.models import Entry, Follower
from scif.kernel.clock import now


def follow(name: str, *, limit: int = 500, kinds: Collection[str] = ()) -> list[Entry]:
    """The next entries for a follower, of some kinds or of all, in order.

    Its cursor advances in the caller's transaction.

    A follower that fails rolls its cursor back and reads the same entries again (at least once).
    While another process holds the cursor, and when there is nothing new, the list is empty.
    A new follower begins with the first entry. Raises ``TransactionManagementError`` outside a
    transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise TransactionManagementError("a follower reads inside its own transaction")
    Follower.objects.bulk_create([Follower(name=name)], ignore_conflicts=True)
    follower = Follower.objects.select_for_update(skip_locked=True).filter(pk=name).first()
    if follower is None:
        return []
    wanted = Entry.objects.select_related("body").filter(position__gte=follower.position)
    if kinds:
        wanted = wanted.filter(kind__in=kinds)
    entries = list(wanted.order_by("position")[:limit])
    if entries:
        follower.position = entries[-1].position + 1
        follower.advanced_at = now()
        follower.save(update_fields=["position", "advanced_at"])
    return entries
