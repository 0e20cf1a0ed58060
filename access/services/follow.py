"""What a change of access or fitness means for the gateways: each event has one projection."""

from access.events import (
    BadgeChanged,
    BookingChanged,
    DutyChanged,
    EmergencyChanged,
    PersonChanged,
    PolicyPublished,
    PostureChanged,
    RosterChanged,
    SanitisationChanged,
    VisitChanged,
    WallChanged,
)
from access.models import ConflictWall, Duty, Emergency, RosterEntry
from access.services.projection import (
    area_project,
    areas_project,
    badge_project,
    booking_project,
    parties_project,
    person_project,
    policy_project,
    visit_project,
)
from hardware.events import PanelEnded, PanelInstalled
from inspections.events import AccreditationChanged, SweepChanged
from scif.facilities.models import Facility


def booking_changed(event: BookingChanged) -> None:
    """Tell the attendees' bases anew, and those of who escorts them or did."""
    booking_project(booking_id=event.booking_id, former_escort=event.former_escort)


def visit_changed(event: VisitChanged) -> None:
    """Tell the visitor's basis anew."""
    visit_project(visit_id=event.visit_id)


def person_changed(event: PersonChanged) -> None:
    """Tell a person's clearances wherever he is expected."""
    person_project(person_id=event.person_id)


def roster_changed(event: RosterChanged) -> None:
    """Tell the bases of the person of a roster entry anew."""
    entry = RosterEntry.objects.select_related("area__facility").get(pk=event.entry_id)
    person_project(person_id=entry.person_id, facilities=[entry.area.facility])


def duty_changed(event: DutyChanged) -> None:
    """Tell the bases of the person on duty anew, and of who escorts him or did."""
    duty = Duty.objects.select_related("facility").get(pk=event.duty_id)
    concerned = (duty.person_id, duty.escort_id, event.former_escort)
    for person_id in sorted({each for each in concerned if each is not None}):
        person_project(person_id=person_id, facilities=[duty.facility])


def badge_changed(event: BadgeChanged) -> None:
    """Tell a badge's state and holder."""
    badge_project(badge_id=event.badge_id)


def posture_changed(event: PostureChanged) -> None:
    """Tell every area of a facility anew."""
    areas_project(facility_id=event.facility_id)


def policy_published(event: PolicyPublished) -> None:
    """Tell the policy, and the areas, whose ordinary threat level is the policy's first."""
    policy_project(facility=Facility.objects.select_related("policy").get(pk=event.facility_id))
    areas_project(facility_id=event.facility_id)


def wall_changed(event: WallChanged) -> None:
    """Tell the people of both parties who are expected."""
    wall = ConflictWall.objects.select_related("facility").get(pk=event.wall_id)
    parties_project(parties={wall.party_a_id, wall.party_b_id}, facility=wall.facility)


def emergency_changed(event: EmergencyChanged) -> None:
    """Tell the bases of every responder anew."""
    emergency = Emergency.objects.select_related("facility").get(pk=event.emergency_id)
    for person_id in emergency.responses.order_by("person").values_list("person", flat=True):
        person_project(person_id=person_id, facilities=[emergency.facility])


def area_changed(
    event: SanitisationChanged | SweepChanged | AccreditationChanged | PanelInstalled | PanelEnded,
) -> None:
    """Tell an area's fitness, until when it is sanitised, and whether its doors ask for a panel."""
    area_project(area_id=event.area_id)
