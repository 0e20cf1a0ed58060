"""The virtual card store: a directory with one JSON file for each card.

A file is all that a DESFire EV1 card remembers: its UID, its applications, their keys and files.
The simulated PN532 encodes cards here; a simulated reader, provisioned with an application's read
key as real ones are, reads them. Both are processes of their own, so every write is atomic: a
reader sees the old card or the new one, never half of either.
"""

import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEY_BYTES = 16
UID_BYTES = 7
FACTORY_KEY = bytes(KEY_BYTES)
FREE = 0xE  # access right: anyone, without a key
NEVER = 0xF  # access right: nobody
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class CardError(Exception):
    """The store holds no such card, or its file is not a card."""


@dataclass(slots=True)
class CardFile:
    """A standard data file.

    ``access`` holds four key numbers, a nibble each from the highest: read, write, read and write,
    change; 0xE is everyone, 0xF nobody. ``comm`` is 0 plain, 1 with MAC, 3 enciphered.
    """

    data: bytes
    comm: int = 3
    access: int = 0xFFFF

    @property
    def size(self) -> int:
        """Bytes in the file, fixed when it is created."""
        return len(self.data)

    def readers(self) -> tuple[int, int]:
        """The two key numbers (or FREE, NEVER) that may read the file."""
        return self.access >> 12 & 0xF, self.access >> 4 & 0xF


@dataclass(slots=True)
class Application:
    """An application of AES keys. ``settings`` is the card's key-settings byte."""

    keys: list[bytes]
    settings: int = 0x0F
    versions: list[int] = field(default_factory=list)
    files: dict[int, CardFile] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.versions += [0] * (len(self.keys) - len(self.versions))


@dataclass(slots=True)
class Card:
    """One card. ``applications`` is keyed by the 24-bit AID as an integer.

    ``master_key`` is the card's own (application 000000): 16 bytes, AES if ``master_aes``, else DES
    as the factory leaves it. ``settings`` is the key-settings byte of that key.
    """

    uid: bytes
    master_key: bytes = FACTORY_KEY
    master_aes: bool = False
    master_version: int = 0
    settings: int = 0x0F
    applications: dict[int, Application] = field(default_factory=dict)

    def read(self, *, aid: int, file: int, key_number: int, key: bytes) -> bytes | None:
        """What a reader that holds this one key gets from a file; None where the card refuses."""
        application = self.applications.get(aid)
        if application is None or file not in application.files:
            return None
        readers = application.files[file].readers()
        if FREE in readers:
            return application.files[file].data
        if key_number not in readers or key_number >= len(application.keys):
            return None
        if not hmac.compare_digest(application.keys[key_number], key):
            return None
        return application.files[file].data


class CardStore:
    """The cards of one installation, by name (``card-01``), in ``directory``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def names(self) -> list[str]:
        """Every card's name, in order."""
        return sorted(path.stem for path in self.directory.glob("*.json"))

    def load(self, name: str) -> Card:
        """The card as it is now; raises CardError."""
        try:
            return _card_from(json.loads(self._path(name).read_text("utf-8")))
        except FileNotFoundError as error:
            raise CardError(f"no card {name!r}") from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CardError(f"{name!r} is not a card: {error}") from error

    def save(self, name: str, card: Card) -> None:
        """Write the whole card at once."""
        path = self._path(name)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.write_text(json.dumps(_card_to(card), indent=1), "utf-8")
        draft.replace(path)

    def create(self, name: str, uid: bytes | None = None) -> Card:
        """A card as it leaves the factory, without applications; replaces one of the same name."""
        card = Card(uid=uid or b"\x04" + secrets.token_bytes(UID_BYTES - 1))
        self.save(name, card)
        return card

    def delete(self, name: str) -> None:
        """Throw the card away, if it is there."""
        self._path(name).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[tuple[str, Card]]:
        for name in self.names():
            yield name, self.load(name)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise CardError(f"{name!r} is not a card's name")
        return self.directory / f"{name}.json"


def _card_to(card: Card) -> dict[str, Any]:
    return {
        "uid": card.uid.hex(),
        "master_key": card.master_key.hex(),
        "master_aes": card.master_aes,
        "master_version": card.master_version,
        "settings": card.settings,
        "applications": {
            f"{aid:06x}": {
                "settings": application.settings,
                "keys": [key.hex() for key in application.keys],
                "versions": application.versions,
                "files": {
                    str(number): {
                        "comm": file.comm,
                        "access": f"{file.access:04x}",
                        "data": file.data.hex(),
                    }
                    for number, file in application.files.items()
                },
            }
            for aid, application in card.applications.items()
        },
    }


def _card_from(stored: dict[str, Any]) -> Card:
    return Card(
        uid=bytes.fromhex(stored["uid"]),
        master_key=bytes.fromhex(stored["master_key"]),
        master_aes=bool(stored["master_aes"]),
        master_version=int(stored["master_version"]),
        settings=int(stored["settings"]),
        applications={
            int(aid, 16): Application(
                settings=int(application["settings"]),
                keys=[bytes.fromhex(key) for key in application["keys"]],
                versions=[int(version) for version in application["versions"]],
                files={
                    int(number): CardFile(
                        comm=int(file["comm"]),
                        access=int(file["access"], 16),
                        data=bytes.fromhex(file["data"]),
                    )
                    for number, file in application["files"].items()
                },
            )
            for aid, application in stored["applications"].items()
        },
    )
