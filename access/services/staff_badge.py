"""Badges and PINs of permanent staff that were made elsewhere, recorded.

A badge that was encoded elsewhere is recorded with the digest of its number. At the desk the person
chooses his PIN himself (``access/services/pin_choice.py``).
"""

from django.db import transaction

from access.events import BadgeChanged
from access.models import Badge, BadgeAssignment, BadgeKind
from access.rules.states import CREDENTIAL, CredentialAction, CredentialState
from access.selectors.people import people_of
from access.services.orders import policy_number
from access.services.pin_choice import pin_keep
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import require
from scif.kernel.events import publish
from scif.people.access import require_role
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
) -> None:
    """Record the PIN of a member of staff that was set elsewhere; only its verifier is kept (R24).

    With ``duress_pin``, a second one that opens alike and calls for help.
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
    pin_keep(person=person, facility=facility, pin=pin, second=duress_pin, actor=actor)
