"""From the edge journal to the centre's inbox: in order, everything, each entry once."""

import threading

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.gateway.centre import Centre, CentreAway
from hardware.gateway.edge_journal import EdgeJournal, StatePut
from hardware.gateway.seals import sealed

BATCH = 5_000
MANY = 200  # from so many entries on they are copied, not inserted
POLL_SECONDS = 0.25
CURSOR = ("meta", "uplink")


class Uplink:
    """Moves a cursor along the edge journal.

    INVARIANT: the cursor passes an entry only after the centre has committed it; an entry that
    arrives twice because the cursor was lost changes nothing there.
    """

    def __init__(self, edge: EdgeJournal, centre: Centre, signer: Ed25519PrivateKey) -> None:
        self._edge = edge
        self._centre = centre
        self._signer = signer
        self._cursor = int(edge.states(CURSOR[0]).get(CURSOR[1], {}).get("seq", 0))
        self._arrived = threading.Event()
        edge.on_append = self._arrived.set

    @property
    def cursor(self) -> int:
        """The last entry that the centre has."""
        return self._cursor

    def step(self) -> None:
        """Send what is new, or wait a little for it. Raises CentreAway."""
        if not self.drain():
            self._arrived.wait(POLL_SECONDS)
        self._arrived.clear()

    def drain(self) -> int:
        """Send one batch; gives how many entries went."""
        entries = self._edge.after(self._cursor, BATCH)
        if not entries:
            return 0
        try:
            send = self._centre.copy if len(entries) >= MANY else self._centre.insert
            send(sealed(entries, self._signer))
        except CentreAway:
            self._centre.close()
            raise
        self._cursor = entries[-1].seq
        self._edge.append([], [StatePut(*CURSOR, {"seq": self._cursor})])
        return len(entries)
