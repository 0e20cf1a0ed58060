"""Everything that the record of a visit shows, read once."""

from dataclasses import dataclass

from django.db.models import Q

from access.models import (
    AccessDecision,
    Booking,
    CustodyItem,
    Engagement,
    LockerAssignment,
    PresenceEvent,
    Signature,
    Visit,
    VisitStep,
)
from access.reports.entries import VisitEntries, visit_entries
from access.reports.portions import Portions
from access.reports.times import Times
from access.rules.states import VisitAction
from inspections.models import Sweep
from scif.facilities.models import Facility
from scif.people.models import Person
from scif.reporting.models import Report


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """A visit and all that belongs to it. ``mandate_shown``: the engagement's label fits."""

    report: Report
    visit: Visit
    facility: Facility
    steps: list[VisitStep]
    lockers: list[LockerAssignment]
    items: list[CustodyItem]
    signatures: list[Signature]
    decisions: list[AccessDecision]
    passages: list[PresenceEvent]
    sweeps: list[Sweep]
    entries: VisitEntries
    portions: Portions
    times: Times
    mandate_shown: bool

    @property
    def booking(self) -> Booking:
        """The booking that the visit stands on."""
        return self.visit.booking

    @property
    def engagement(self) -> Engagement:
        """The mandate."""
        return self.visit.booking.engagement

    @property
    def person(self) -> Person:
        """The visitor."""
        return self.visit.person

    def step(self, action: VisitAction) -> VisitStep | None:
        """The last step of a kind."""
        found = [step for step in self.steps if step.kind == action.value]
        return found[-1] if found else None


def visit_record(report: Report) -> VisitRecord:
    """Read the visit of a report."""
    visit = Visit.objects.select_related(
        "person__organisation",
        "booking__area__facility__marking",
        "booking__area__level",
        "booking__decided_by",
        "booking__engagement__level",
        "booking__engagement__asset",
        "booking__engagement__organisation",
        "booking__engagement__sponsor__organisation",
        "booking__engagement__lab_approved_by",
        "booking__engagement__facility_approved_by",
    ).get(pk=report.subject_id)
    facility = visit.booking.area.facility
    portions = Portions(facility.marking)
    mandate_shown = portions.shows(visit.booking.engagement.level)
    lockers = visit.lockers.select_related("locker__bank").order_by("assigned_at")
    decisions = _decisions(visit)
    sweeps = list(
        Sweep.objects.select_related("area", "sweeper", "second")
        .filter(area__facility=facility, cause=visit.reference)
        .order_by("due_since")
    )
    return VisitRecord(
        report=report,
        visit=visit,
        facility=facility,
        steps=list(visit.steps.select_related("by").order_by("at")),
        lockers=list(lockers),
        items=list(
            CustodyItem.objects.select_related("assignment__locker__bank")
            .filter(assignment__visit=visit)
            .order_by("assignment__assigned_at", "stays_with_visitor", "kind")
        ),
        signatures=list(
            Signature.objects.select_related("signer", "assignment__locker__bank")
            .filter(assignment__visit=visit)
            .order_by("signed_at")
        ),
        decisions=decisions,
        passages=list(visit.presence_events.select_related("zone").order_by("occurred_at")),
        sweeps=sweeps,
        entries=visit_entries(
            visit, report=report, decisions=decisions, sweeps=sweeps, engagement=mandate_shown
        ),
        portions=portions,
        times=Times(facility.time_zone, visit.booking.starts_at),
        mandate_shown=mandate_shown,
    )


def _decisions(visit: Visit) -> list[AccessDecision]:
    """Every read of the visit, and the visitor's other reads here while the visit lasted."""
    mine = Q(visit=visit)
    moments = [step.at for step in visit.steps.order_by("at")]
    if moments:
        mine |= Q(
            visit=None,
            person=visit.person_id,
            occurred_at__range=(moments[0], moments[-1]),
            portal__zone__area__facility=visit.booking.area.facility_id,
        )
    return list(
        AccessDecision.objects.select_related("portal").filter(mine).order_by("occurred_at")
    )
