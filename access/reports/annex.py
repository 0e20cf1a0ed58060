"""The tables that follow: steps, signatures, presence, journal entries."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from access.reports.cells import position_text, signature_cell
from access.reports.record import VisitRecord
from access.reports.times import DASH
from access.reports.wording import details, step_word
from scif.journal.models import Entry
from scif.kernel.actor import ActorKind
from scif.reporting.kit.table import Column, Row
from scif.reporting.kit.words import Style

_CHUNK = 500


def step_columns() -> list[Column]:
    """Columns of the steps at the desk."""
    return [
        Column(_("Time"), 12, Style.FIGURES),
        Column(_("Step"), 24),
        Column(_("Recorded by"), 22),
        Column(_("Recorded"), 42),
    ]


def step_rows(record: VisitRecord) -> Iterator[Row]:
    """The steps of the visit as the desk recorded them."""
    for step in record.steps:
        yield Row(
            record.portions.plain,
            [
                record.times.clock(step.at),
                step_word(step.kind),
                str(step.by) if step.by else _("the system"),
                details(step.details) or DASH,
            ],
        )


def signature_columns() -> list[Column]:
    """Columns of the signatures."""
    return [
        Column(_("Time"), 12, Style.FIGURES),
        Column(_("For"), 14),
        Column(_("Locker"), 14),
        Column(_("Signed by"), 30),
        Column(_("As"), 12),
        Column(_("Signature"), 18),
    ]


def signature_rows(record: VisitRecord) -> Iterator[Row]:
    """Every signature: who, as what, for what."""
    for signature in record.signatures:
        yield Row(
            record.portions.plain,
            [
                record.times.clock(signature.signed_at),
                str(signature.get_purpose_display()).capitalize(),
                signature.assignment.locker.number,
                str(signature.signer),
                str(signature.get_party_display()).capitalize(),
                signature_cell(signature),
            ],
        )


def presence_columns() -> list[Column]:
    """Columns of the presence."""
    return [
        Column(_("Time"), 14, Style.FIGURES),
        Column(_("Zone"), 40),
        Column(_("Way"), 16),
        Column(_("Basis of entry"), 30),
    ]


def presence_rows(record: VisitRecord) -> Iterator[Row]:
    """When the visitor was counted into and out of each zone."""
    for event in record.passages:
        yield Row(
            record.portions.plain,
            [
                record.times.clock(event.occurred_at),
                str(event.zone),
                _("In") if event.direction == "in" else _("Out"),
                event.basis.replace("_", " ") or DASH,
            ],
        )


def entry_columns() -> list[Column]:
    """Columns of the journal entries."""
    return [
        Column(_("Entry"), 10, Style.FIGURES),
        Column(_("Occurred"), 18, Style.FIGURES),
        Column(_("Kind"), 28, Style.MONO),
        Column(_("By"), 18),
        Column(_("Leaf, first 16 of 64 digits"), 26, Style.MONO),
    ]


def entry_rows(record: VisitRecord) -> Iterator[Row]:
    """The journal entries in the attached bundle, some at a time."""
    actors: Mapping[str, str] = {
        ActorKind.USER.value: _("user"),
        ActorKind.GATEWAY.value: _("gateway"),
        ActorKind.SYSTEM.value: _("system"),
    }
    positions = record.entries.positions
    for start in range(0, len(positions), _CHUNK):
        chunk = positions[start : start + _CHUNK]
        for entry in Entry.objects.filter(position__in=chunk).order_by("position"):
            by = actors.get(entry.actor_kind, entry.actor_kind)
            named = entry.actor_kind != ActorKind.USER.value
            yield Row(
                record.portions.plain,
                [
                    position_text(entry.position),
                    record.times.clock(entry.occurred_at),
                    entry.kind,
                    f"{by} {entry.actor_reference}" if named else by,
                    bytes(entry.leaf_hash).hex()[:16],
                ],
            )
