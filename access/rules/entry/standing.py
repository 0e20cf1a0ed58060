"""Bases without a booking: roster, duty, escort, inspection, emergency."""

from access.rules.case import Case
from access.rules.facts import (
    BasisKind,
    DutyBasis,
    EmergencyBasis,
    EscortBasis,
    InspectionBasis,
    RosterBasis,
    Stage,
)
from access.rules.objection import Objection
from access.rules.rule import rule

DOOR = (Stage.DOOR,)
ORDERED = (BasisKind.ESCORT, BasisKind.INSPECTION, BasisKind.EMERGENCY)
TWO = 2


@rule("scif-domain §8, roster", DOOR, [BasisKind.ROSTER])
def roster_valid(case: Case) -> Objection | None:
    """The roster entry has begun, has not ended and its review is not due."""
    return None if case.basis.window.contains(case.now) else Objection("roster_not_valid")


@rule("scif-domain §8, roster", DOOR, [BasisKind.ROSTER])
def roster_sponsored(case: Case) -> Objection | None:
    """Another person answers for the roster entry."""
    sponsor = case.basis.sponsor if isinstance(case.basis, RosterBasis) else None
    return (
        None if sponsor and sponsor != case.person.person_id else Objection("roster_not_sponsored")
    )


@rule("scif-domain §8, duty", DOOR, [BasisKind.DUTY])
def on_shift(case: Case) -> Objection | None:
    """The shift covers this moment."""
    return None if case.basis.window.contains(case.now) else Objection("off_shift")


@rule("scif-domain §8, duty", DOOR, [BasisKind.DUTY])
def post_named(case: Case) -> Objection | None:
    """The duty names its post."""
    named = isinstance(case.basis, DutyBasis) and case.basis.post is not None
    return None if named else Objection("post_unknown")


@rule("scif-domain §8, basis of entry", DOOR, ORDERED)
def order_valid(case: Case) -> Objection | None:
    """The order, appointment or emergency covers this moment."""
    return None if case.basis.window.contains(case.now) else Objection("order_not_valid")


@rule("R38", DOOR, [BasisKind.ESCORT])
def somebody_escorted(case: Case) -> Objection | None:
    """An escort's order names another person to accompany."""
    escorts = case.basis.escorts if isinstance(case.basis, EscortBasis) else None
    return None if escorts and escorts != case.person.person_id else Objection("escort_of_nobody")


@rule("R40", DOOR, [BasisKind.INSPECTION])
def authority_named(case: Case) -> Objection | None:
    """The inspector's appointment names its authority."""
    named = isinstance(case.basis, InspectionBasis) and bool(case.basis.authority)
    return None if named else Objection("authority_missing")


@rule("R20", DOOR, [BasisKind.EMERGENCY])
def emergency_declared(case: Case) -> Objection | None:
    """The emergency names its incident and was declared by two people."""
    basis = case.basis
    if isinstance(basis, EmergencyBasis) and basis.incident and len(basis.declared_by) >= TWO:
        return None
    return Objection("emergency_not_declared")
