"""The tables on the first page of a visit's record; rows are made as they are drawn."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from access.reports.cells import position_text, signature_cell
from access.reports.record import VisitRecord
from access.reports.times import DASH
from access.reports.wording import outcome, reasons
from access.rules.states import VisitAction
from inspections.models import Sweep
from inspections.rules.states import SweepState
from scif.reporting.kit.table import Column, Row, Status
from scif.reporting.kit.words import Style


def custody_columns() -> list[Column]:
    """Columns of custody."""
    return [
        Column(_("Item"), 17),
        Column(_("Mark or serial"), 15, Style.MONO),
        Column(_("Place"), 14),
        Column(_("Taken"), 12, Style.FIGURES),
        Column(_("Returned"), 12, Style.FIGURES),
        Column(_("Visitor"), 10),
        Column(_("Guard"), 10),
    ]


def custody_rows(record: VisitRecord) -> Iterator[Row]:
    """Each thing, its place, and the two signatures of its deposit."""
    signed = {
        (signature.assignment_id, signature.party): signature_cell(signature)
        for signature in record.signatures
        if signature.purpose == "deposit"
    }
    for item in record.items:
        assignment = item.assignment
        if item.stays_with_visitor:
            place, taken = _("With visitor"), _("Approved")
        else:
            place = _("Locker %(number)s") % {"number": assignment.locker.number}
            taken = record.times.clock(assignment.shut_confirmed_at)
        yield Row(
            record.portions.plain,
            [
                item.kind,
                ", ".join(text for text in (item.mark, item.approval) if text) or DASH,
                place,
                taken,
                "" if item.stays_with_visitor else record.times.clock(item.returned_at),
                signed.get((assignment.pk, "visitor"), DASH),
                signed.get((assignment.pk, "guard"), DASH),
            ],
        )


def reads_columns() -> list[Column]:
    """Columns of reads and decisions."""
    return [
        Column(_("Time"), 10.5, Style.FIGURES),
        Column(_("Door"), 11),
        Column(_("Stage"), 6.5),
        Column(_("Outcome"), 12),
        Column(_("Reasons and obligations"), 50),
        Column(_("Entry"), 8, Style.FIGURES, "right"),
    ]


def reads_rows(record: VisitRecord) -> Iterator[Row]:
    """Every read at a door with its reasons and the journal position of its entry."""
    for decision in record.decisions:
        position = record.entries.reads.get(decision.read_id)
        yield Row(
            record.portions.plain,
            [
                record.times.clock(decision.occurred_at),
                decision.portal.code,
                _("Exit") if decision.direction == "out" else _("Door"),
                outcome(decision),
                reasons(decision, record.times),
                DASH if position is None else position_text(position),
            ],
        )


def search_columns() -> list[Column]:
    """Columns of the exit searches."""
    return [
        Column(_("Time"), 11, Style.FIGURES),
        Column(_("Searched by"), 24),
        Column(_("Outcome"), 16),
        Column(_("Found"), 24),
        Column(_("Remarks"), 25),
    ]


def search_rows(record: VisitRecord) -> Iterator[Row]:
    """The exit searches."""
    for step in record.steps:
        if step.kind != VisitAction.SEARCH.value:
            continue
        found: list[str] = list(step.details.get("items", []))
        clear = bool(step.details.get("clear", not found))
        yield Row(
            record.portions.plain,
            [
                record.times.clock(step.at),
                str(step.by or DASH),
                Status("ok", _("Clear")) if clear else Status("stop", _("Found")),
                ", ".join(found) or _("Nothing"),
                str(step.details.get("remarks", "")) or DASH,
            ],
        )


def sweep_columns() -> list[Column]:
    """Columns of the sweeps."""
    return [
        Column(_("Time"), 16, Style.FIGURES),
        Column(_("Room"), 18),
        Column(_("Sweepers"), 25),
        Column(_("Found"), 14),
        Column(_("Seals"), 14, Style.MONO),
        Column(_("Outcome"), 13),
    ]


def sweep_rows(record: VisitRecord) -> Iterator[Row]:
    """The sweeps that this visit made due."""
    for sweep in record.sweeps:
        start, end = record.times.minute(sweep.started_at), record.times.minute(sweep.ended_at)
        people = [str(person) for person in (sweep.sweeper, sweep.second) if person]
        ended = sweep.ended_at is not None
        found = ", ".join(sweep.items_found) or (_("Nothing") if ended else DASH)
        yield Row(
            record.portions.plain,
            [
                f"{start}{DASH}{end}" if sweep.started_at else DASH,
                sweep.area.name,
                ", ".join(people) or DASH,
                found,
                ", ".join(sweep.seals) or DASH,
                sweep_status(sweep),
            ],
        )


def sweep_status(sweep: Sweep) -> Status:
    """A sweep's outcome: shape and word."""
    return {
        SweepState.DUE: Status("wait", _("Due")),
        SweepState.IN_PROGRESS: Status("wait", _("In progress")),
        SweepState.PASSED: Status("ok", _("Passed")),
        SweepState.FAILED: Status("stop", _("Failed")),
    }[SweepState(sweep.state)]


def approval_columns() -> list[Column]:
    """Columns of the approvals."""
    return [
        Column(_("What"), 22),
        Column(_("Decided by"), 26),
        Column(_("For"), 22),
        Column(_("When"), 12, Style.FIGURES),
        Column(_("Outcome"), 18),
    ]


def approval_rows(record: VisitRecord) -> Iterator[Row]:
    """Who approved the mandate, for the lab and for the facility, and who the booking."""
    engagement, booking, mark = record.engagement, record.booking, record.portions.plain
    mandate = _("Mandate %(reference)s") % {"reference": engagement.reference}
    for person, side in (
        (engagement.lab_approved_by, str(engagement.sponsor)),
        (engagement.facility_approved_by, record.facility.name),
    ):
        if person is not None:
            yield Row(mark, [mandate, str(person), side, DASH, Status("ok", _("Approved"))])
    if booking.decided_by is not None:
        approved = booking.state in {"approved", "completed"}
        word = _("Approved") if approved else booking.state.capitalize()
        status = Status("ok" if approved else "stop", word)
        if booking.reason:
            status = Status(status.shape, f"{status.word}: {booking.reason}")
        yield Row(
            mark,
            [
                _("Booking %(reference)s") % {"reference": booking.reference},
                str(booking.decided_by),
                record.facility.name,
                record.times.minute(booking.decided_at),
                status,
            ],
        )
