"""The sequencer's process: one works, a second one waits; a lost database is awaited."""

import logging
import threading
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connections

from scif.journal.notes import Signer
from scif.journal.sequencing.publisher import Publisher
from scif.journal.sequencing.sequencer import BATCH, Connection, Sequencer
from scif.journal.sequencing.witness import Witness
from scif.journal.services.settle import CHECKPOINT_CHANNEL
from scif.kernel.keys import KeyStore

logger = logging.getLogger(__name__)

# Looking instead of NOTIFY by every writer: NOTIFY serialises their commits and halves the rate.
LOOK_EVERY_SECONDS = 0.015
_RETRY_SECONDS = 0.5
# Any number that nothing else in this database locks.
_LOCK = 5_710_001


def signer() -> Signer:
    """The log's signing key; only the sequencer and a recovery may read it."""
    return Signer(settings.JOURNAL_ORIGIN, KeyStore(settings.KEY_DIR).signer("journal.ed25519"))


def folder() -> Path:
    """Where the last published checkpoint lies."""
    return Path(settings.VAR_DIR) / "journal"


def connect() -> Connection:
    """A connection of its own: the advisory lock and every transaction live on it."""
    place = connections["default"].settings_dict
    return psycopg.connect(
        host=place["HOST"] or None,
        port=place["PORT"] or None,
        dbname=place["NAME"],
        user=place["USER"],
        password=place["PASSWORD"] or None,
        connect_timeout=5,
        application_name="sequencer",
        autocommit=True,
    )


def lock(connection: Connection) -> bool:
    """Become the one sequencer of this database, unless another is."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
    return bool(row and row[0])


def run(stop: threading.Event) -> None:
    """Sequence until told to stop; raises ``JournalMismatch`` for a journal not to be trusted."""
    key, publisher = signer(), Publisher()
    witness = Witness(folder(), key)
    try:
        while not stop.is_set():
            try:
                with connect() as connection:
                    if _stand_by(connection, stop):
                        published = witness.head()
                        sequencer = Sequencer(connection, key, witness, published=published)
                        if published is None and sequencer.size:
                            logger.warning("no published checkpoint to compare the journal with")
                        _work(connection, sequencer, publisher, stop)
            except psycopg.OperationalError as error:
                logger.warning("the database cannot be reached: %s", str(error).strip())
                stop.wait(_RETRY_SECONDS)
    finally:
        publisher.close()


def _stand_by(connection: Connection, stop: threading.Event) -> bool:
    waiting = False
    while not stop.is_set():
        if lock(connection):
            return True
        if not waiting:
            logger.info("another sequencer works; standing by")
            waiting = True
        stop.wait(_RETRY_SECONDS)
    return False


def _work(
    connection: Connection, sequencer: Sequencer, publisher: Publisher, stop: threading.Event
) -> None:
    connection.execute(f"LISTEN {CHECKPOINT_CHANNEL}")
    logger.info("sequencing from position %s", sequencer.size)
    asked = False
    while True:
        # Told to stop: what is committed by now still gets its position and its signature.
        stopping = stop.is_set()
        moved = sequencer.move()
        if moved:
            publisher.put(moved)
        # INVARIANT: signing never waits for a backlog to end.
        sequencer.sign(at_once=asked or stopping)
        if moved and len(moved.headers) == BATCH:
            continue
        if stopping:
            return
        asked = any(True for _ in connection.notifies(timeout=LOOK_EVERY_SECONDS, stop_after=1))
