"""What this system keeps on a DESFire card (EV1, or EV2 used as one), and the keys that guard it.

No key is on two cards, and none but `nfc.master` is kept: a *site key* for each key number is
derived from it, and each card's key from the site key and the card's UID, by NXP's AN10922. A door
reader is provisioned with the site key for reading alone, so whoever opens one up can neither
write a card nor change its keys.
"""

from enum import IntEnum

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

AID = 0xF5C1A0
FILE = 1
NUMBER_BYTES = 16
KEY_BYTES = 16
UID_BYTES = 7
SYSTEM = b"SCIF-RR"
SITE = b"SCIF reading room/key "


class KeyNumber(IntEnum):
    """The keys of the application, by their numbers on the card."""

    MASTER = 0  # changes keys, deletes the application
    READ = 1  # all that a door reader needs
    WRITE = 2


def diversify(key: bytes, diversification_input: bytes) -> bytes:
    """AES-128 key diversification of NXP AN10922, section 2.2.

    ``key`` is 16 bytes, the input 16 to 31: over that range AN10922's padding to two blocks is
    that of AES-CMAC (NIST SP 800-38B) over ``01`` and the input. Raises ValueError for others.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("a key is 16 bytes")
    if not 16 <= len(diversification_input) <= 31:
        raise ValueError("a diversification input is 16 to 31 bytes")
    mac = CMAC(AES(key))
    mac.update(b"\x01" + diversification_input)
    return mac.finalize()


def site_key(nfc_master: bytes, number: KeyNumber) -> bytes:
    """The key from which every card's key of this number is diversified."""
    return diversify(nfc_master, SITE + bytes((number,)))


def card_key(nfc_master: bytes, number: KeyNumber, uid: bytes) -> bytes:
    """One card's key. The input is UID, AID (highest byte first) and system identifier."""
    if len(uid) != UID_BYTES:
        raise ValueError("a DESFire UID is 7 bytes")
    return diversify(site_key(nfc_master, number), uid + AID.to_bytes(3, "big") + SYSTEM)


def reader_provision(nfc_master: bytes) -> dict[str, str | int]:
    """What a door reader must be told so that it can read these cards, and nothing more."""
    return {
        "aid": f"{AID:06x}",
        "file": FILE,
        "key_number": int(KeyNumber.READ),
        "key": site_key(nfc_master, KeyNumber.READ).hex(),
        "diversification": "an10922",
        "system": SYSTEM.hex(),
    }
