"""Badges and PINs of permanent staff, recorded.

A badge that was encoded elsewhere is recorded with the digest of its number. A PIN is drawn by an
officer after an identity check, and shown once.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from access.events import BadgeChanged, PersonChanged
from access.models import Badge, BadgeAssignment, BadgeKind, Pin
from access.rules.pin import pin_verifier
from access.rules.states import CREDENTIAL, CredentialAction, CredentialState
from access.selectors.people import people_of
from access.services.orders import policy_number
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import require
from scif.kernel.events import publish
from scif.kernel.keys import KeyStore
from scif.kernel.text import text_of
from scif.people.access import lock, require_role, visible
from scif.people.models import Person

SHA256_HEX = 64
CHANGE = "access.change_roster"


@transaction.atomic
def staff_badge_record(
    *,
    facility: Facility,
    person: Person,
    code: str,
    kind: BadgeKind,
    uid: str,
    number_sha256: str,
    actor: Actor,
) -> Badge:
    """Record a badge that was encoded elsewhere as issued to a member of staff.

    Only the digest of its number is taken. Raises ``ValidationError`` for a printed number or a
    digest that is in use.
    """
    require_role(actor, CHANGE, facility)
    people_of(actor, CHANGE).get(pk=person.pk)
    require(
        len(number_sha256) == SHA256_HEX,
        "digest_malformed",
        "The digest of a badge's number is 64 hexadecimal digits.",
    )
    badge = Badge(
        facility=facility,
        code=code,
        kind=kind,
        uid=uid,
        number_sha256=number_sha256,
        state=CREDENTIAL.next(CredentialState.BLANK, CredentialAction.ISSUE),
    )
    badge.full_clean()
    badge.save(force_insert=True)
    BadgeAssignment.objects.create(badge=badge, person=person, issued_at=now())
    append(
        kind="badge.recorded",
        actor=actor,
        subject=badge,
        facility=facility.pk,
        body={"badge": code, "person": str(person.pk)},
    )
    publish(BadgeChanged(badge.pk))
    return badge


@transaction.atomic
def staff_pin_record(
    *,
    facility: Facility,
    person: Person,
    pin: str,
    actor: Actor,
    duress_pin: str = "",
    checked: Mapping[str, str] | None = None,
) -> None:
    """Set the PIN of a member of staff; only its keyed verifier is kept (R24).

    With ``duress_pin``, a second one that opens alike and calls for help. ``checked`` is what his
    identity was checked against; it goes into the journal's erasable body.
    """
    require_role(actor, CHANGE, facility)
    people_of(actor, CHANGE).get(pk=person.pk)
    digits = policy_number(facility, "pin_digits")
    most = policy_number(facility, "pin_max_digits")
    for each in (pin, duress_pin or pin):
        require(
            digits <= len(each) <= most and each.isdecimal() and each.isascii(),
            "pin_unfit",
            "The PIN has too few digits or more than a keypad takes, or other signs.",
            f"Type {digits} to {most} digits.",
        )
    require(pin != duress_pin, "pins_equal", "The second PIN is the same as the first.")
    key = KeyStore(settings.KEY_DIR).secret("pin.hmac")
    Pin.objects.update_or_create(
        person=person,
        facility=facility,
        defaults={
            "verifier": pin_verifier(key=key, person_id=str(person.pk), pin=pin),
            "duress_verifier": pin_verifier(key, str(person.pk), duress_pin) if duress_pin else "",
            "set_at": now(),
        },
    )
    # The same for one PIN and for two: the journal tells nobody who has a second one.
    append(
        kind="pin.set",
        actor=actor,
        subject=person,
        facility=facility.pk,
        body=dict(checked) if checked else None,
    )
    publish(PersonChanged(person.pk))


@dataclass(frozen=True, slots=True)
class DrawnPins:
    """What is shown once and written nowhere; ``second`` is empty unless it was asked for."""

    pin: str
    second: str = ""


@transaction.atomic
def staff_pin_draw(
    *,
    person_id: UUID,
    facility_id: UUID,
    document: str,
    last_characters: str,
    second: bool,
    actor: Actor,
) -> DrawnPins:
    """Draw a PIN for a member of staff whose identity was checked; the one before is void.

    With ``second``, one for use under duress as well. INVARIANT: the digits are written nowhere.
    """
    require(
        actor.person_id != person_id,
        "own_pin",
        _("Nobody sets his own PIN."),
        _("Another officer sets it."),
    )
    facility = visible(Facility.objects.select_related("policy"), actor, CHANGE).get(pk=facility_id)
    person = lock(people_of(actor, CHANGE), person_id)
    document = text_of(
        document, "document", most=60, missing=_("Say which document was shown."), lines=False
    )
    last_characters = text_of(last_characters, "characters", most=20, lines=False)
    require(
        len(last_characters) == 4 and last_characters.isascii() and last_characters.isalnum(),
        "characters_wrong",
        _("Enter the last four characters of the document's number: letters A to Z and digits."),
    )
    digits = policy_number(facility, "pin_digits")
    require(
        digits >= 4, "policy_incomplete", _("The policy allows a PIN of less than four digits.")
    )
    pin = _draw(digits)
    other = _draw(digits) if second else ""
    while other == pin:
        other = _draw(digits)
    staff_pin_record(
        facility=facility,
        person=person,
        pin=pin,
        duress_pin=other,
        checked={"document": document, "last_characters": last_characters.upper()},
        actor=actor,
    )
    return DrawnPins(pin, other)


def _draw(digits: int) -> str:
    return "".join(secrets.choice("0123456789") for _digit in range(digits))
