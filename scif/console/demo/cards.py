"""Cards of the demonstration: staff badges encoded beforehand, and blank ones at the desks."""

import hashlib
import secrets
from collections.abc import Mapping

from django.conf import settings

from access.models import Badge, BadgeKind
from access.services.badge_prepared import prepared_badge_record
from access.services.staff_badge import staff_badge_record, staff_pin_record
from hardware.drivers.desfire_keys import AID, FILE, NUMBER_BYTES, KeyNumber, card_key
from hardware.simulators.cards import Application, CardFile, CardStore
from scif.console.demo.places import SEED, keep, one
from scif.console.demo.published import STAFF_PIN
from scif.facilities.models import Facility
from scif.kernel.keys import KeyStore
from scif.people.models import Person

ENCIPHERED = 3
ACCESS = 0x12F0
# In the drawer of each desk, for the day on which its reader gives no answer.
PREPARED_BADGES = {"b7": ("V", range(51, 61)), "ml": ("U", range(51, 61))}
BLANK_BADGES = {"b7": ("V", range(21, 31)), "ml": ("U", range(41, 51))}
# For whoever comes new, or has lost his: of either kind, at both desks.
BLANK_STAFF_BADGES = (
    ("b7", "S-03", BadgeKind.STAFF),
    ("b7", "S-04", BadgeKind.STAFF),
    ("b7", "G-07", BadgeKind.GUARD),
    ("ml", "S-13", BadgeKind.STAFF),
    ("ml", "S-14", BadgeKind.STAFF),
    ("ml", "G-23", BadgeKind.GUARD),
)
STAFF_BADGES = (
    ("b7", "S-01", BadgeKind.STAFF, "g.petrov"),
    ("b7", "S-02", BadgeKind.STAFF, "d.osei"),
    ("b7", "G-04", BadgeKind.GUARD, "m.okafor"),
    ("b7", "G-05", BadgeKind.GUARD, "r.lindqvist"),
    ("b7", "G-06", BadgeKind.GUARD, "j.adeyemi"),
    ("ml", "S-11", BadgeKind.STAFF, "n.khan"),
    ("ml", "S-12", BadgeKind.STAFF, "k.solberg"),
    # Doors open to it only behind the escort of his shift.
    ("ml", "S-16", BadgeKind.STAFF, "p.varga"),
    ("ml", "S-17", BadgeKind.STAFF, "m.villanueva"),
    # No door opens to it: it has no basis of entry. He signs in with it at a laptop outside.
    ("ml", "S-15", BadgeKind.STAFF, "c.wang"),
    ("ml", "G-21", BadgeKind.GUARD, "e.hughes"),
    ("ml", "G-22", BadgeKind.GUARD, "s.bianchi"),
)


def cards_seed(people: Mapping[str, Person], store: CardStore) -> None:
    """Record staff badges and lay blank cards into the virtual card store.

    A card bears its printed number as its name. One card, ``unknown``, is nobody's.
    """
    master = KeyStore(settings.KEY_DIR).secret("nfc.master")
    for facility_code, code, kind, login in STAFF_BADGES:
        facility = one(Facility, code=facility_code)
        uid, digest = _encoded(store, code, master)
        staff_badge_record(
            facility=facility,
            person=people[login],
            code=code,
            kind=kind,
            uid=uid,
            number_sha256=digest,
            actor=SEED,
        )
        staff_pin_record(facility=facility, person=people[login], pin=STAFF_PIN, actor=SEED)
    for facility_code, (letter, numbers) in BLANK_BADGES.items():
        for number_printed in numbers:
            code = f"{letter}-{number_printed}"
            store.create(code)
            keep(
                Badge(facility=one(Facility, code=facility_code), code=code, kind=BadgeKind.VISITOR)
            )
    for facility_code, code, kind in BLANK_STAFF_BADGES:
        store.create(code)
        keep(Badge(facility=one(Facility, code=facility_code), code=code, kind=kind))
    for facility_code, (letter, numbers) in PREPARED_BADGES.items():
        for number_printed in numbers:
            code = f"{letter}-{number_printed}"
            uid, digest = _encoded(store, code, master)
            prepared_badge_record(
                facility=one(Facility, code=facility_code),
                code=code,
                uid=uid,
                number_sha256=digest,
                actor=SEED,
            )
    _encoded(store, "unknown", master)


def _encoded(store: CardStore, code: str, master: bytes) -> tuple[str, str]:
    """Make a card as the desk reader would; gives its chip and the digest of its number."""
    number, card = secrets.token_bytes(NUMBER_BYTES), store.create(code)
    keys = [card_key(master, each, card.uid) for each in KeyNumber]
    card.applications[AID] = Application(keys=keys, settings=0x0F)
    card.applications[AID].files[FILE] = CardFile(data=number, comm=ENCIPHERED, access=ACCESS)
    store.save(code, card)
    return card.uid.hex(), hashlib.sha256(number).hexdigest()
