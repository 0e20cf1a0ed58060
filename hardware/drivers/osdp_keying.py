"""Which key an OSDP device is spoken to with: its own, and in a window the one it is to take."""

from enum import StrEnum
from typing import Any

from osdp import LibFlag

from hardware.drivers.osdp_config import OsdpDevice
from hardware.drivers.osdp_fingerprint import fingerprint

SWITCH = 1.5  # seconds without a session before another attempt
SETTLE = 3.0  # seconds after a key was taken in which the session begins anew


class Key(StrEnum):
    """The keys that a session can stand on."""

    OWN = "own"
    OFFERED = "offered"
    # The offered one; a device that refuses it is given it over a session under the default key.
    GIVEN = "given"


class Keying:
    """The keys of one device.

    INVARIANT: outside an open window only its own key counts. libosdp speaks under the default key
    where it is not told to insist on ours, and then says nothing but the offered key: a device is
    online only once it has proven that one.
    """

    def __init__(self, device: OsdpDevice, now: float) -> None:
        self._device = device
        self._since = now
        self._taken_at = float("-inf")
        self.asked = False
        self.taken = False
        offer = device.offer
        give = offer is not None and offer.from_default and now < offer.until
        self.key = Key.GIVEN if give else Key.OWN

    def succeeded(self, device: OsdpDevice, now: float) -> "Keying":
        """The keys of the same device by another record; a session that begins anew goes on so."""
        fresh = Keying(device, now)
        fresh._taken_at = self._taken_at
        return fresh

    def open(self, now: float) -> bool:
        """Whether the device may take the key that it is offered."""
        return self._device.offer is not None and not self.taken and now < self._device.offer.until

    def settling(self, now: float) -> bool:
        """Whether the session is expected to begin anew under the key just taken."""
        return now - self._taken_at < SETTLE

    def wants(self, now: float) -> bool:
        """Whether the device is to be told its new key over the session of its own."""
        return self.open(now) and not self.asked and self.key is Key.OWN

    def proven(self) -> bool:
        """Whether a session that stands now proves that the device has the offered key."""
        return not self.taken and self.key is not Key.OWN

    def take(self, now: float) -> str:
        """The device has its new key; gives the fingerprint by which the centre knows it."""
        offer = self._device.offer
        if offer is None:
            raise ValueError(f"{self._device.code} was offered no key")
        if self.key is Key.OWN:
            self._taken_at = now
        self.taken, self.key = True, Key.OFFERED
        return fingerprint(offer.scbk)

    def moves(self, now: float, *, alive: bool, refused: bool) -> bool:
        """Whether another key is to be spoken: the window has closed, or this one is not the key.

        ``refused``: the device did not accept it. libosdp takes a key at its start only, and a
        start ends the sessions of the whole bus: a device that is only silent is no reason.
        """
        offer = self._device.offer
        if offer is None or self.taken:
            return False
        if not self.open(now):
            moved, self.key = self.key is not Key.OWN, Key.OWN
            return moved
        if alive or now - self._since < SWITCH:
            self._since = now if alive else self._since
            return False
        if offer.from_default or not refused:
            return False
        self._since, self.asked = now, False
        self.key = Key.OWN if self.key is Key.OFFERED else Key.OFFERED
        return True

    def stuck(self, now: float, *, alive: bool) -> bool:
        """Whether libosdp has settled for speaking in the clear: it must try this device anew."""
        if self.key is not Key.GIVEN or alive or now - self._since < SWITCH:
            return False
        self._since = now
        return True

    def for_library(self) -> tuple[bytes, list[Any]]:
        """Key and flags for libosdp."""
        offer = self._device.offer
        key = self._device.scbk if offer is None or self.key is Key.OWN else offer.scbk
        insist = [] if self.key is Key.GIVEN else [LibFlag.EnforceSecure]
        return key, [*insist, LibFlag.EnableNotification]
