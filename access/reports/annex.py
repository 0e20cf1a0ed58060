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
from access.reports.facts import BadgeFact, StepFact
from access.reports.laptop import laptop_lines
from access.reports.record import VisitRecord
from access.reports.times import DASH
from access.reports.wording import concern_word, details, step_word
from scif.journal.kinds import journal_kind_words, kind_told
from scif.reporting.kit.table import Column, Row, Status
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
    """The steps of the visit as the desk recorded them, and what became of its badges."""
    facts: list[StepFact | BadgeFact] = [*record.facts.steps.values(), *record.facts.badges]
    for fact in sorted(facts, key=lambda each: each.at):
        what, said = _step(fact)
        yield Row(
            record.portions.plain,
            [
                record.times.clock(fact.at),
                what,
                by_text(fact, record, fact.by),
                told_text(fact, record, said),
                entry_cell(fact),
            ],
        )


def _step(fact: StepFact | BadgeFact) -> tuple[str | Status, str]:
    """What it was, and what was recorded."""
    if isinstance(fact, StepFact):
        return step_word(fact.kind), details(fact.details)
    said = details({"badge": fact.badge, "reason": fact.reason})
    if fact.kind == "badge.issued":
        return _("Another badge handed over") if fact.another else _("Badge handed over"), said
    words = journal_kind_words(fact.kind)
    return words if fact.kind == "badge.returned" else Status("stop", words), said


def signature_columns() -> list[Column]:
    """Columns of the signatures."""
    return [
        Column(_("Time"), 12, Style.FIGURES),
        Column(_("For"), 14),
        Column(_("Locker, laptop"), 14),
        Column(_("Signed by"), 26),
        Column(_("As"), 10),
        Column(_("Signature"), 16),
        Column(_("Entry"), 8, Style.FIGURES, "right"),
    ]


def signature_rows(record: VisitRecord) -> Iterator[Row]:
    """Every signature that stands, for a locker and for a laptop: who, as what, for what."""
    parties = dict(Signature._meta.get_field("party").flatchoices)
    purposes = {each.value: str(each.label).capitalize() for each in SignaturePurpose}
    purposes["issue"] = _("Issue")
    lockers = record.facts.lockers
    signed = [
        (each, lockers[each.locker].locker if each.locker in lockers else "")
        for each in record.facts.signatures.values()
    ]
    signed += [(each, each.locker) for each in record.facts.laptop_signatures]
    for signature, what in sorted(signed, key=lambda each: each[0].at):
        party = str(parties.get(signature.party, DASH)).capitalize()
        yield Row(
            record.portions.plain,
            [
                record.times.clock(signature.at),
                purposes.get(signature.purpose, DASH),
                what or DASH,
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
        Column(_("Where"), 18),
        Column(_("What was wrong"), 32),
        Column(_("Too long from"), 16, Style.FIGURES),
        Column(_("Until"), 13, Style.FIGURES),
        Column(_("Entry"), 8, Style.FIGURES, "right"),
    ]


def concern_rows(record: VisitRecord) -> Iterator[Row]:
    """What was wrong while the visitor was inside, whoever found it."""
    for each in record.facts.concerns:
        yield Row(
            record.portions.plain,
            [
                record.times.clock(each.at),
                each.zone or DASH,
                concern_word(each.concern),
                record.times.clock(each.overdue_at),
                record.times.clock(each.until),
                entry_cell(each),
            ],
        )


def laptop_columns() -> list[Column]:
    """Columns of what became of the visit's laptops."""
    return [
        Column(_("Time"), 12, Style.FIGURES),
        Column(_("Laptop"), 12, name=True),
        Column(_("What"), 20),
        Column(_("Recorded by"), 18),
        Column(_("Recorded"), 30),
        Column(_("Entry"), 8, Style.FIGURES, "right"),
    ]


def laptop_rows(record: VisitRecord) -> Iterator[Row]:
    """Its hand-overs, its loss, what was seen at it, and what an officer found of that."""
    for line in laptop_lines(record.entries):
        yield Row(
            record.portions.plain,
            [
                record.times.clock(line.told.at),
                line.laptop or DASH,
                Status(line.shape, line.what),
                by_text(line, record, line.told.who),
                told_text(line, record, line.said),
                entry_cell(line),
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
