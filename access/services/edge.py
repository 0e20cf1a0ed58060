"""What access keeps of a gateway's events: reads, passages, presence, lockers and cards.

Called in the transaction that journals the event (``hardware.services.ingest``). Late facts never
rewrite: what does not fit any more is kept as it arrived, and the ingester's quarantine tells.
"""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from access.models import AccessDecision, Presence, PresenceEvent, Visit
from access.selectors.wall import parties_kept_from
from access.services.badge import card_heard
from access.services.badge_stock import drawer_card_heard
from access.services.badge_watch import copy_heard, pin_failed
from access.services.custody import locker_heard
from access.services.duress import duress_heard
from access.services.emergency import response_entered
from access.services.presence import visit_entered, visit_left
from access.services.projection import parties_project
from access.services.staff_issue import staff_card_heard
from access.services.zone_watch import HANDLERS as ZONE_HANDLERS
from access.services.zone_watch import passback_flag
from hardware.services.ingest import EdgeEvent
from scif.facilities.models import Portal, Zone
from scif.people.models import Person

EMERGENCY = "emergency"


def edge_event_apply(event: EdgeEvent) -> None:
    """Keep what an event says about people; kinds that say nothing of them pass by."""
    handler = HANDLERS.get(event.kind)
    if handler is not None:
        handler(event)


@transaction.atomic
def _read(event: EdgeEvent) -> None:
    """A decision made at a door: every read has one, unknown badges too."""
    body = event.body
    portal = Portal.objects.get(code=body["portal"])
    AccessDecision.objects.create(
        read_id=body["read_id"],
        portal=portal,
        direction=body["direction"],
        person_id=_person(body.get("person_id")),
        visit_id=_visit(body),
        badge=body.get("badge") or "",
        basis=body.get("basis") or "",
        outcome=body["outcome"],
        objections=body["objections"],
        obligations=body["obligations"],
        policy_version=body["policy_version"],
        snapshot_version=body["snapshot_version"],
        occurred_at=event.occurred_at,
        gateway=event.gateway.code,
    )
    if "flag_passback" in body["obligations"] and body["outcome"] == "granted":
        passback_flag(event=event, portal=portal)
    copy_heard(event)
    duress_heard(event)


def _opened(event: EdgeEvent) -> None:
    _passage(event, "opened_at")


def _relocked(event: EdgeEvent) -> None:
    _passage(event, "relocked_at")


@transaction.atomic
def _passage(event: EdgeEvent, field: str) -> None:
    # Two who enter together stand on a read each; what came first of a read stays.
    reads = event.body.get("read_ids") or [event.body.get("read_id")]
    decisions = AccessDecision.objects.filter(
        read_id__in=[read for read in reads if read], **{f"{field}__isnull": True}
    )
    decisions.update(**{field: event.occurred_at})


@transaction.atomic
def _entered(event: EdgeEvent) -> None:
    """A person is in a zone now; a visitor's visit goes on with it."""
    zone, person, visit = _who(event)
    Presence.objects.update_or_create(
        zone=zone,
        person=person,
        defaults={
            "visit": visit,
            "basis": event.body.get("basis") or "",
            "since": event.occurred_at,
        },
    )
    _presence_event(event, zone, person, visit, "in")
    kept = parties_kept_from(person.organisation_id, event.gateway.facility)
    if kept:
        # Whoever may not share the day with this party is kept out from now on.
        parties_project(parties=kept, facility=event.gateway.facility)
    if event.body.get("basis") == EMERGENCY:
        response_entered(
            response_id=event.body["basis_id"],
            area=zone.area,
            at=event.occurred_at,
            actor=event.actor,
        )
    if visit is not None:
        visit_entered(visit_id=visit.pk, zone=zone, at=event.occurred_at, actor=event.actor)


@transaction.atomic
def _left(event: EdgeEvent) -> None:
    """A person has left a zone."""
    zone, person, visit = _who(event)
    present = Presence.objects.filter(zone=zone, person=person).first()
    if visit is None and present is not None:
        # The way out needs no basis; the way in had one.
        visit = present.visit
    Presence.objects.filter(zone=zone, person=person).delete()
    _presence_event(event, zone, person, visit, "out")
    if visit is not None:
        visit_left(visit_id=visit.pk, zone=zone, at=event.occurred_at, actor=event.actor)


def _presence_event(
    event: EdgeEvent, zone: Zone, person: Person, visit: Visit | None, direction: str
) -> None:
    PresenceEvent.objects.create(
        zone=zone,
        person=person,
        visit=visit,
        direction=direction,
        basis=event.body.get("basis") or "",
        read_id=event.body.get("read_id") or "",
        occurred_at=event.occurred_at,
    )


def _who(event: EdgeEvent) -> tuple[Zone, Person, Visit | None]:
    zone = Zone.objects.get(code=event.body["zone"])
    person = Person.objects.get(pk=event.body["person_id"])
    visit_id = _visit(event.body)
    return zone, person, Visit.objects.get(pk=visit_id) if visit_id else None


def _visit(body: object) -> UUID | None:
    """The visit that an event stands on, where its basis is one."""
    if not isinstance(body, dict) or body.get("basis") != "visit" or not body.get("basis_id"):
        return None
    return Visit.objects.filter(pk=body["basis_id"]).values_list("pk", flat=True).first()


def _person(reference: str | None) -> UUID | None:
    if not reference:
        return None
    return Person.objects.filter(pk=reference).values_list("pk", flat=True).first()


def _encoded(event: EdgeEvent) -> None:
    """A card was encoded: for a visit, a member of staff or the drawer, as its order says."""
    card_heard(event)
    staff_card_heard(event)
    drawer_card_heard(event)


HANDLERS: dict[str, Callable[[EdgeEvent], None]] = {
    "door.read": _read,
    "door.opened": _opened,
    "door.relocked": _relocked,
    "pin.failed": pin_failed,
    "presence.entered": _entered,
    "presence.left": _left,
    "locker.opened": locker_heard,
    "locker.shut": locker_heard,
    "locker.jammed": locker_heard,
    "card.presented": card_heard,
    "card.encoded": _encoded,
    "card.erased": card_heard,
    "card.failed": card_heard,
    **ZONE_HANDLERS,
}
