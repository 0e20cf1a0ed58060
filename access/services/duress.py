"""A second PIN that opens like the first and calls for help where nobody at the door can see it."""

import secrets
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from access.events import PersonChanged
from access.models import Pin
from access.rules.duress import is_duress_mark
from access.rules.pin import pin_matches, pin_verifier
from access.rules.states import VisitState
from access.services.orders import policy_number
from access.services.visit import facility_of, visit_lock
from hardware.services.ingest import EdgeEvent
from scif.alarms.models import Gravity
from scif.alarms.selectors.silent import DURESS
from scif.alarms.services import alarm_raise
from scif.facilities.models import Facility, Portal
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import require
from scif.kernel.events import publish
from scif.kernel.keys import KeyStore

ISSUE = "access.issue_badge"
KEY = "pin.hmac"
# The same word for a second PIN wherever it is read by somebody besides its holder.
AT_NEXT_POST = "duress_elsewhere"


@transaction.atomic
def duress_pin_set(*, visit_id: UUID, actor: Actor) -> str:
    """Draw a second PIN for a visitor who has one and asks for it.

    Returns the digits, to be shown once. INVARIANT: they differ from the PIN's and are written
    nowhere. A new PIN voids it.
    """
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=ISSUE)
    facility = facility_of(visit)
    require(
        visit.state in {VisitState.BADGED, VisitState.OUTSIDE},
        "wrong_state",
        _("A PIN is given at the desk, before the door."),
    )
    pins = Pin.objects.select_for_update(of=("self",), no_key=True)
    pin = pins.filter(person=visit.person, facility=facility).first()
    require(pin is not None, "no_pin", _("A second PIN needs a first one."))
    held = pins.get(person=visit.person, facility=facility)
    key = KeyStore(settings.KEY_DIR).secret(KEY)
    person, digits = str(visit.person_id), policy_number(facility, "pin_digits")
    second = _draw(digits)
    while pin_matches(key, person, second, held.verifier):
        second = _draw(digits)
    held.duress_verifier = pin_verifier(key, person, second)
    held.save(update_fields=["duress_verifier"])
    # The kind is that of every PIN: the journal's headers tell nobody who has two.
    append(kind="pin.set", actor=actor, subject=visit.person, facility=facility.pk)
    publish(PersonChanged(visit.person_id))
    return second


def duress_heard(event: EdgeEvent) -> None:
    """Call for help if a read's PIN was typed under duress; in the transaction of its report.

    To the officers of the facility, and to the desk of its next post; never to its own desk, where
    the person may be standing. No alarm names the person: the read does, to whom may see it.
    """
    read_id, mark = str(event.body["read_id"]), event.body.get("mark")
    if not isinstance(mark, str):
        return
    if not is_duress_mark(KeyStore(settings.KEY_DIR).secret(KEY), read_id, mark):
        return
    portal = Portal.objects.get(code=event.body["portal"])
    facility = portal.zone.area.facility
    at = localtime(event.occurred_at, ZoneInfo(facility.time_zone))
    duress_raise(
        facility=facility,
        place=portal.code,
        message=_("Duress code at door %(door)s: %(name)s, at %(at)s")
        % {"door": portal.code, "name": portal.name, "at": f"{at:%H:%M:%S}"},
        elsewhere=_("Duress at %(facility)s, door %(door)s: do not call its desk")
        % {"facility": facility.name, "door": portal.code},
        actor=event.actor,
    )


@transaction.atomic
def duress_raise(
    *, facility: Facility, place: str, message: str, elsewhere: str, actor: Actor
) -> None:
    """Call for help in silence, from a door or a laptop: to the officers and the next post.

    ``message`` is for the facility's officers, ``elsewhere`` for the desk of its next post.
    """
    alarm_raise(
        facility=facility,
        gravity=Gravity.RESPOND,
        kind=DURESS,
        subject=place,
        message=message,
        actor=actor,
    )
    if facility.next_post is not None:
        alarm_raise(
            facility=facility.next_post,
            gravity=Gravity.RESPOND,
            kind=AT_NEXT_POST,
            subject=place,
            message=elsewhere,
            actor=actor,
        )


def _draw(digits: int) -> str:
    return "".join(secrets.choice("0123456789") for _digit in range(digits))
