"""A PIN that its holder chooses himself, and a second one for duress, typed where nobody reads.

INVARIANT: nobody but the holder knows the digits, nor whether there is a second PIN: no page and
no entry shows either. A refusal names the field at fault, never a digit, on the page on which the
holder types alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from access.events import PersonChanged
from access.models import Pin
from access.rules.pin import pin_verifier
from access.rules.pin_choice import PinFault, pin_fault, pins_apart
from access.selectors.badges import pin_holders
from access.services.orders import policy_flag, policy_number
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import FieldRefused, require
from scif.kernel.events import publish
from scif.kernel.keys import KeyStore
from scif.kernel.text import text_of
from scif.people.access import lock, visible
from scif.people.models import Person

ISSUE = "access.issue_badge"
KEY = "pin.hmac"


@dataclass(frozen=True, slots=True)
class PinRules:
    """What the policy of a facility asks of a PIN that somebody chooses."""

    least: int
    most: int
    weak_refused: bool
    apart: int


def pin_rules(facility: Facility) -> PinRules:
    """The rules, to be told beforehand as well; refuses where the policy lacks one."""
    least, most = policy_number(facility, "pin_digits"), policy_number(facility, "pin_max_digits")
    require(least >= 4, "policy_incomplete", _("The policy allows a PIN of less than four digits."))
    return PinRules(
        least=least,
        most=most,
        weak_refused=policy_flag(facility, "pin_weak_refused"),
        apart=policy_number(facility, "duress_pin_differs"),
    )


@transaction.atomic
def pin_choose(
    *,
    person_id: UUID,
    facility_id: UUID,
    document: str,
    last_characters: str,
    pin: str,
    pin_again: str,
    second: str = "",
    second_again: str = "",
    actor: Actor,
) -> Person:
    """Set the PIN that a member of staff typed twice, after the actor checked who he is.

    Without ``second`` a second PIN of before ends as well. Refuses what the policy calls too short,
    too long or too easy to guess, and a second PIN that a slip of the finger could make of the
    first.
    """
    require(
        actor.person_id != person_id,
        "own_pin",
        _("Nobody checks his own identity."),
        _("Another officer or guard does it."),
    )
    facility = visible(Facility.objects.select_related("policy"), actor, ISSUE).get(pk=facility_id)
    person = lock(visible(pin_holders(facility), actor, ISSUE), person_id)
    checked = _checked(document, last_characters)
    pins_check(facility, (pin, pin_again), (second, second_again))
    pin_keep(person=person, facility=facility, pin=pin, second=second, actor=actor, checked=checked)
    return person


def pin_keep(
    *,
    person: Person,
    facility: Facility,
    pin: str,
    second: str,
    actor: Actor,
    checked: Mapping[str, str] | None = None,
) -> None:
    """Keep the keyed verifiers of checked PINs, tell the doors, and journal that a PIN was set."""
    key, person_id = KeyStore(settings.KEY_DIR).secret(KEY), str(person.pk)
    Pin.objects.update_or_create(
        person=person,
        facility=facility,
        defaults={
            "verifier": pin_verifier(key=key, person_id=person_id, pin=pin),
            "duress_verifier": pin_verifier(key, person_id, second) if second else "",
            "set_at": now(),
            "set_by_id": actor.person_id,
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


def _checked(document: str, last_characters: str) -> dict[str, str]:
    """What the identity was checked against, as the journal's erasable body keeps it."""
    document = text_of(
        document, "document", most=60, missing=_("Say which document was shown."), lines=False
    )
    last_characters = text_of(last_characters, "characters", most=20, lines=False)
    require(
        len(last_characters) == 4 and last_characters.isascii() and last_characters.isalnum(),
        "characters_wrong",
        _("Enter the last four characters of the document's number: letters A to Z and digits."),
    )
    return {"document": document, "last_characters": last_characters.upper()}


def pins_check(facility: Facility, first: tuple[str, str], second: tuple[str, str]) -> None:
    """Check a PIN and perhaps a second one, each as typed twice, against the policy.

    Refuses the first fault at its field (``FieldRefused``). INVARIANT: the words are the same for
    either PIN: whoever looks over a shoulder does not read that there is a second one.
    """
    rules = pin_rules(facility)
    for field, (one, again) in {"pin": first, "second": second}.items():
        if field == "second" and not any(second):
            return
        fault = pin_fault(one, least=rules.least, most=rules.most, weak_refused=rules.weak_refused)
        if fault in {PinFault.LENGTH, PinFault.SIGNS}:
            words = _("A PIN has %(least)d to %(most)d digits and nothing else.")
            _refuse("length", field, words % {"least": rules.least, "most": rules.most})
        if fault is not None:
            words = _("Too easy to guess: few different digits, a row or a pattern.")
            _refuse("easy", field, words)
        if one != again:
            _refuse("differs", f"{field}_again", _("The two do not agree."))
    if pins_apart(first[0], second[0]) < rules.apart:
        _refuse("near", "second", _("These digits will not do: choose others."))


def _refuse(fault: str, field: str, message: str) -> NoReturn:
    raise FieldRefused(f"pin_{fault}", field, message, _("Type all of it anew."))
