"""Wait until what was committed is in the journal and signed: before a report quotes it."""

import time

from django.db import connection

from scif.journal.models import Checkpoint, Entry, Outbox

CHECKPOINT_CHANNEL = "journal_checkpoint"
_LOOK_EVERY = 0.01


class NotSettled(Exception):
    """The sequencer did not sequence and sign in time; it may be down."""


def settle(*, timeout_seconds: float = 5.0) -> Checkpoint | None:
    """Wait until everything committed before the call has a position and a signed checkpoint.

    Asks the sequencer to sign at once. Gives the latest checkpoint, None for an empty journal;
    raises :class:`NotSettled` after the timeout. Not for use inside the transaction that appends.
    """
    deadline = time.monotonic() + timeout_seconds
    last = Outbox.objects.order_by("-id").values_list("id", flat=True).first() or 0
    asked = False
    while True:
        if not Outbox.objects.filter(id__lte=last).exists():
            head = Entry.objects.order_by("-position").values_list("position", flat=True).first()
            checkpoint = Checkpoint.objects.order_by("-size").first()
            if head is None or (checkpoint is not None and checkpoint.size > head):
                return checkpoint
            if not asked:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_notify(%s, '')", [CHECKPOINT_CHANNEL])
                asked = True
        if time.monotonic() > deadline:
            raise NotSettled("the journal's sequencer has not signed what was committed")
        time.sleep(_LOOK_EVERY)
