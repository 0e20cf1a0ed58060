"""Go on after a restore from backup, and say so in the journal, signed."""

import base64
import os

from scif.journal.notes import TreeHead
from scif.journal.sequencing.process import connect, folder, lock, signer
from scif.journal.sequencing.sequencer import JournalMismatch, Sequencer
from scif.journal.sequencing.witness import Witness
from scif.journal.services.append import HEADER_VERSION, SALT_BYTES, timestamp
from scif.kernel.actor import Actor
from scif.kernel.canonical import canonical_json
from scif.kernel.clock import now

KIND = "journal.recovered"


class NothingToRecover(Exception):
    """The journal continues what was published; a recovery would state something untrue."""


def recover(*, reason: str) -> TreeHead:
    """Append a signed statement that names the last published checkpoint, and sign a new one.

    For a database that was restored from a backup, so that what was published after the backup is
    lost. The restored journal must agree with its own last checkpoint, and the sequencer must be
    stopped. Whoever holds the lost checkpoint will find the contradiction, and this statement.
    Raises :class:`NothingToRecover`, or ``JournalMismatch`` for a journal that is not whole.
    """
    key = signer()
    witness = Witness(folder(), key)
    lost = witness.head()
    if lost is None:
        raise NothingToRecover("No checkpoint was published, so none can be lost.")
    with connect() as connection:
        if not lock(connection):
            raise JournalMismatch("A sequencer is working on this journal: stop it first.")
        sequencer = Sequencer(connection, key, witness, published=None)
        size, stored = sequencer.size, sequencer.stored_tree()
        root = stored.root(size)
        if lost.size <= size and stored.root(lost.size) == lost.root:
            raise NothingToRecover("The journal continues the last published checkpoint.")
        statement = key.sign(
            "scif journal recovery v1\n"
            f"origin {key.name}\n"
            f"lost {lost.size} {base64.b64encode(lost.root).decode()}\n"
            f"restored {size} {base64.b64encode(root).decode()}\n"
        )
        moment = timestamp(now())
        actor = Actor.system("journal_recover")
        header = {
            "v": HEADER_VERSION,
            "kind": KIND,
            "actor": {"kind": actor.kind.value, "ref": actor.reference},
            "subject": {"type": "journal.checkpoint", "id": str(lost.size)},
            "facility": None,
            "recorded_at": moment,
            "occurred_at": moment,
        }
        body = {"reason": reason, "statement": statement, "lost_checkpoint": witness.note()}
        witness.keep_lost(lost.size)
        sequencer.append(
            canonical_json(header).decode(), os.urandom(SALT_BYTES), canonical_json(body)
        )
        head = sequencer.sign(at_once=True)
    if head is None:
        raise JournalMismatch("The recovery was not signed.")
    return head
