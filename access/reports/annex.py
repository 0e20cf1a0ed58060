"""The tables that follow: steps, signatures, presence, journal entries."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from access.models import Signature, SignaturePurpose
from access.reports.cells import (
    actor_text,
    by_text,
    entry_cell,
    erased_text,
    named_text,
    position_text,
    signature_cell,
    told_text,
)
from access.reports.record import VisitRecord
from access.reports.times import DASH
from access.reports.wording import details, step_word
from access.rules.wording.remaining import REPORTED
from scif.journal.kinds import kind_told
from scif.reporting.kit.table import Column, Row
from scif.reporting.kit.words import Style


def step_columns() -> list[Column]:
    """Columns of the steps at the desk."""
    return [
        Column(_("Time"), 12, Style.FIGURES),
        Column(_("Step"), 24),
        Column(_("Recorded by"), 22),
        Column(_("Recorded"), 34),
        Column(_("Entry"), 8, Style.FIGURES, "right"),
    ]


def step_rows(record: VisitRecord) -> Iterator[Row]:
    """The steps of the visit as the desk recorded them."""
    for step in sorted(record.facts.steps.values(), key=lambda each: each.at):
        yield Row(
            record.portions.plain,
            [
                record.times.clock(step.at),
                step_word(step.kind),
                by_text(step, record, step.by),
                told_text(step, record, details(step.details)),
                entry_cell(step),
            ],
        )


def signature_columns() -> list[Column]:
    """Columns of the signatures."""
    return [
        Column(_("Time"), 12, Style.FIGURES),
        Column(_("For"), 14),
        Column(_("Locker"), 14),
        Column(_("Signed by"), 26),
        Column(_("As"), 10),
        Column(_("Signature"), 16),
        Column(_("Entry"), 8, Style.FIGURES, "right"),
    ]


def signature_rows(record: VisitRecord) -> Iterator[Row]:
    """Every signature that stands: who, as what, for what."""
    parties = dict(Signature._meta.get_field("party").flatchoices)
    for signature in sorted(record.facts.signatures.values(), key=lambda each: each.at):
        locker = record.facts.lockers.get(signature.locker)
        party = str(parties.get(signature.party, DASH)).capitalize()
        yield Row(
            record.portions.plain,
            [
                record.times.clock(signature.at),
                str(SignaturePurpose(signature.purpose).label).capitalize(),
                locker.locker if locker else DASH,
                named_text(signature.signer),
                party,
                signature_cell(signature, record),
                entry_cell(signature),
            ],
        )


def presence_columns() -> list[Column]:
    """Columns of the presence."""
    return [
        Column(_("Time"), 14, Style.FIGURES),
        Column(_("Zone"), 40),
        Column(_("Way"), 16),
        Column(_("Basis of entry"), 22),
        Column(_("Entry"), 8, Style.FIGURES, "right"),
    ]


def presence_rows(record: VisitRecord) -> Iterator[Row]:
    """When the visitor was counted into and out of each zone."""
    for event in sorted(record.facts.passages.values(), key=lambda each: each.at):
        yield Row(
            record.portions.plain,
            [
                record.times.clock(event.at),
                told_text(event, record, event.zone),
                _("In") if event.direction == "in" else _("Out"),
                event.basis.replace("_", " ") or DASH,
                entry_cell(event),
            ],
        )


def concern_columns() -> list[Column]:
    """Columns of what was wrong with who was inside."""
    return [
        Column(_("Since"), 13, Style.FIGURES),
        Column(_("Zone"), 18),
        Column(_("What was wrong"), 32),
        Column(_("Too long from"), 16, Style.FIGURES),
        Column(_("Until"), 13, Style.FIGURES),
        Column(_("Entry"), 8, Style.FIGURES, "right"),
    ]


def concern_rows(record: VisitRecord) -> Iterator[Row]:
    """What the gateways found wrong while the visitor was among those inside."""
    for each in record.facts.concerns:
        yield Row(
            record.portions.plain,
            [
                record.times.clock(each.at),
                each.zone,
                _(REPORTED.get(each.concern, each.concern)),
                record.times.clock(each.overdue_at),
                record.times.clock(each.until),
                entry_cell(each),
            ],
        )


def entry_columns() -> list[Column]:
    """Columns of the journal entries."""
    return [
        Column(_("Entry"), 8, Style.FIGURES),
        Column(_("Occurred"), 18, Style.FIGURES),
        Column(_("Kind"), 31),
        Column(_("By"), 28),
        Column(_("Leaf, 16 of 64"), 22, Style.MONO),
    ]


def entry_rows(record: VisitRecord) -> Iterator[Row]:
    """The journal entries in the attached bundle."""
    for entry in record.entries:
        by = actor_text(entry, record)
        yield Row(
            record.portions.plain,
            [
                position_text(entry.position),
                record.times.clock(entry.at),
                kind_told(entry.kind),
                f"{by}; {erased_text(entry, record)}" if entry.erased else by,
                entry.leaf[:16],
            ],
        )
