"""The tables on the first page of a visit's record; rows are made as they are drawn."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from access.reports.cells import (
    by_text,
    entry_cell,
    erased_text,
    named_text,
    position_text,
    signature_cell,
    told_text,
)
from access.reports.facts import ItemFact, SweepFact
from access.reports.journaled import mandate_approval
from access.reports.record import VisitRecord
from access.reports.times import DASH
from access.reports.told import Told
from access.reports.wording import outcome, reasons
from access.rules.states import VisitAction
from inspections.rules.states import SweepState
from scif.reporting.kit.table import Cell, Column, Row, Status
from scif.reporting.kit.words import Style


def difference_columns() -> list[Column]:
    """Columns of the box of differences."""
    return [
        Column(_("Line"), 26),
        Column(_("The journal says"), 32),
        Column(_("The records say"), 32),
        Column(_("Entry"), 10, Style.FIGURES, "right"),
    ]


def difference_rows(record: VisitRecord) -> Iterator[Row]:
    """Each line in which the tables contradict the journal."""
    for each in record.differences:
        entry = DASH if each.position is None else position_text(each.position)
        yield Row(record.portions.plain, [each.what, each.journal, each.records, entry])


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
        (key[0], key[2]): signature_cell(signature, record)
        for key, signature in record.facts.signatures.items()
        if signature.purpose == "deposit"
    }
    for item in record.facts.items.values():
        yield Row(
            record.portions.plain,
            [
                told_text(item, record, item.item),
                ", ".join(text for text in (item.mark, item.approval) if text) or DASH,
                *_place(record, item),
                "" if item.stays else record.times.clock(item.returned_at),
                signed.get((item.locker, "visitor"), DASH),
                signed.get((item.locker, "guard"), DASH),
            ],
        )


def _place(record: VisitRecord, item: ItemFact) -> tuple[str, str]:
    """Where a thing lay, and since when: since both had signed for it."""
    if item.gone:
        return DASH, DASH
    if item.stays:
        return _("With visitor"), _("Approved")
    locker = record.facts.lockers.get(item.locker)
    place = _("Locker %(locker)s") % {"locker": locker.locker} if locker else DASH
    return place, record.times.clock(taken_at(record, item.locker))


def taken_at(record: VisitRecord, locker: str) -> datetime | None:
    """When the second of the two signed the deposit of a locker; None while one is missing."""
    signed = [
        each.at
        for each in record.facts.signatures.values()
        if each.locker == locker and each.purpose == "deposit"
    ]
    return max(signed) if len(signed) > 1 else None


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
    for read in record.facts.reads.values():
        cells: list[Cell]
        if read.gone:
            cells = [DASH, DASH, Status("note", _("Erased")), erased_text(read.gone[0], record)]
        else:
            stage = _("Exit") if read.direction == "out" else _("Door")
            cells = [read.door, stage, outcome(read), reasons(read, record.times)]
        yield Row(record.portions.plain, [record.times.clock(read.at), *cells, entry_cell(read)])


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
    for step in record.facts.steps.values():
        if step.kind != VisitAction.SEARCH.value:
            continue
        found: list[str] = list(step.details.get("items", []))
        clear = step.details.get("clear") is True
        known = Status("ok", _("Clear")) if clear else Status("stop", _("Found"))
        yield Row(
            record.portions.plain,
            [
                record.times.clock(step.at),
                by_text(step, record, step.by),
                Status("note", _("Erased")) if step.gone else known,
                told_text(step, record, ", ".join(found) or ("" if step.gone else _("Nothing"))),
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
    for sweep in record.facts.sweeps.values():
        start, end = record.times.minute(sweep.started_at), record.times.minute(sweep.ended_at)
        people = [named_text(person) for person in (sweep.sweeper, sweep.second) if person]
        nothing = "" if sweep.gone or not sweep.ended_at else _("Nothing")
        yield Row(
            record.portions.plain,
            [
                f"{start}{DASH}{end}" if sweep.started_at else DASH,
                named_text(sweep.area),
                ", ".join(people) or DASH,
                told_text(sweep, record, ", ".join(sweep.items) or nothing),
                ", ".join(sweep.seals) or DASH,
                sweep_status(sweep),
            ],
        )


def sweep_status(sweep: SweepFact) -> Status:
    """A sweep's outcome: shape and word."""
    return {
        SweepState.DUE.value: Status("wait", _("Due")),
        SweepState.IN_PROGRESS.value: Status("wait", _("In progress")),
        SweepState.PASSED.value: Status("ok", _("Passed")),
        SweepState.FAILED.value: Status("stop", _("Failed")),
    }.get(sweep.state, Status("note", _("Not known")))


def approval_columns() -> list[Column]:
    """Columns of the approvals."""
    return [
        Column(_("What"), 20),
        Column(_("Decided by"), 26),
        Column(_("For"), 20),
        Column(_("When"), 14, Style.FIGURES),
        Column(_("Outcome"), 14),
        Column(_("Entry"), 8, Style.FIGURES, "right"),
    ]


def approval_rows(record: VisitRecord) -> Iterator[Row]:
    """Who approved the mandate, for the lab and for the facility, and who the booking."""
    mandate, booking, mark = record.facts.mandate, record.facts.booking, record.portions.plain
    terms = [entry for entry in record.entries if entry.subject_type == "access.engagement"]
    for side, whose in (
        ("lab", named_text(mandate.sponsor)),
        ("facility", record.facility.name),
    ):
        entry = mandate_approval(terms, side)
        if entry is not None:
            what = _("Mandate %(reference)s") % {"reference": mandate.reference}
            yield Row(mark, _approval(record, entry, what, whose, Status("ok", _("Approved"))))
    if booking.decided_at is None or booking.told is None:
        return
    status = Status("ok", _("Approved"))
    if booking.told.kind == "booking.refused":
        status = Status("stop", _("Refused"))
    if booking.reason:
        status = Status(status.shape, f"{status.word}: {booking.reason}")
    what = _("Booking %(reference)s") % {"reference": booking.reference}
    yield Row(mark, _approval(record, booking.told, what, record.facility.name, status))


def _approval(
    record: VisitRecord, entry: Told, what: str, whose: str, status: Status
) -> list[str | Status]:
    name = erased_text(entry, record) if entry.erased else named_text(entry.who)
    when = record.times.minute(entry.at)
    return [what, name, whose, when, status, position_text(entry.position)]
