"""Badges that can be given to staff, the orders to encode them, and when PINs were set."""

from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from access.models import Badge, BadgeAssignment, BadgeKind, Duty, Pin, RosterEntry
from access.rules.states import CredentialState
from hardware.models import Command, PinFailures
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import visible
from scif.people.models import FacilityRole, Person

STAFF_KINDS = (BadgeKind.STAFF, BadgeKind.GUARD)
# Blank, or encoded beforehand and lying in the drawer.
FREE = (CredentialState.BLANK, CredentialState.ENCODED)
ENCODE = "card_encode"


def badges_free(actor: Actor, permission: str) -> QuerySet[Badge]:
    """The badges of staff that can be given to somebody, of the actor's facilities."""
    badges = Badge.objects.filter(kind__in=STAFF_KINDS, state__in=FREE)
    return visible(badges.select_related("facility"), actor, permission).order_by(
        "facility__name", "code"
    )


def badges_free_beside(badge: Badge) -> QuerySet[Badge]:
    """The badges of staff that can be given instead of one, of the same facility."""
    badges = Badge.objects.filter(
        kind__in=STAFF_KINDS, state__in=FREE, facility=badge.facility_id
    ).exclude(pk=badge.pk)
    return badges.select_related("facility").order_by("code")


def encoding_of(person_id: UUID, actor: Actor, permission: str) -> tuple[Command, Badge] | None:
    """The newest order to encode a badge for somebody, while that badge has not become his."""
    orders = Command.objects.filter(verb=ENCODE, args__person=str(person_id))
    order = visible(orders, actor, permission).order_by("-issued_at").first()
    if order is None:
        return None
    badge = Badge.objects.filter(
        facility=order.gateway.facility_id, code=order.args["badge"], state=CredentialState.BLANK
    ).first()
    return (order, badge) if badge else None


def encoding_last(badge: Badge) -> Command | None:
    """The newest order to encode a badge that is blank still; None once its card has a number."""
    if badge.state != CredentialState.BLANK:
        return None
    orders = Command.objects.filter(
        gateway__facility=badge.facility_id, verb=ENCODE, args__badge=badge.code
    )
    return orders.order_by("-issued_at").first()


def locked_out_until(person_id: UUID, facility: Facility) -> datetime | None:
    """Until when doors take no PIN with a badge in somebody's hand; None: they take it."""
    held = BadgeAssignment.objects.filter(
        badge__facility=facility, person=person_id, returned_at=None
    )
    locked = PinFailures.objects.filter(
        facility=facility, credential__in=held.values("badge__number_sha256"), until__gt=now()
    )
    until: datetime | None = locked.aggregate(until=Max("until"))["until"]
    return until


def pin_holders(facility: Facility) -> QuerySet[Person]:
    """Who works at a facility and may have a PIN there: by roster, shift, role or badge."""
    badges = BadgeAssignment.objects.filter(
        badge__facility=facility, badge__kind__in=STAFF_KINDS, returned_at=None
    )
    roster = RosterEntry.objects.filter(area__facility=facility, ended_at=None)
    duties = Duty.objects.filter(facility=facility, ends_at__gt=now())
    roles = FacilityRole.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=now()), facility=facility
    )
    return Person.objects.filter(
        Q(pk__in=badges.values("person"))
        | Q(pk__in=roster.values("person"))
        | Q(pk__in=duties.values("person"))
        | Q(pk__in=roles.values("user__person"))
    ).order_by("name")


def pins_of(person_id: UUID, actor: Actor, permission: str) -> QuerySet[Pin]:
    """Where somebody has a PIN; of what it is nothing can be read."""
    pins = Pin.objects.filter(person=person_id).select_related("facility")
    return visible(pins, actor, permission).order_by("facility__name")
