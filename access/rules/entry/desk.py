"""The check-in at the guard's desk: identity, belongings, devices, badge.

While the visitor stands at the desk, an unfinished step is awaited; at the door it is an objection.
"""

from access.rules.case import Case
from access.rules.facts import BasisKind, Stage
from access.rules.objection import Objection
from access.rules.rule import rule
from access.rules.states import VISIT_AT_DESK, VISIT_MAY_ENTER

VISIT = (BasisKind.VISIT,)
ON_THE_DAY = (Stage.ARRIVAL, Stage.DOOR)


def _at_desk(case: Case, awaits: str) -> str | None:
    return awaits if case.stage is Stage.ARRIVAL else None


@rule("scif-domain §8, entry 1", ON_THE_DAY, VISIT)
def visit_open(case: Case) -> Objection | None:
    """The visit is neither suspended nor on its way out or over."""
    state = case.visit.state
    if state in VISIT_AT_DESK or state in VISIT_MAY_ENTER:
        return None
    return Objection("visit_not_open", {"state": state.replace("_", " ") if state else "unknown"})


@rule("scif-domain §8, entry 2", [Stage.DOOR], VISIT)
def checked_in(case: Case) -> Objection | None:
    """The check-in is finished."""
    state = case.visit.state
    if state not in VISIT_AT_DESK:
        return None
    return Objection("not_checked_in", {"state": state})


@rule("R31", ON_THE_DAY, VISIT)
def identity_checked(case: Case) -> Objection | None:
    """The identity document was checked."""
    if case.visit.identity_checked:
        return None
    return Objection("identity_not_checked", awaits=_at_desk(case, "identity"))


@rule("R42; scif-domain §8, entry 5", ON_THE_DAY, VISIT)
def belongings_locked(case: Case) -> Objection | None:
    """Phone and belongings lie in a locker that is confirmed shut."""
    belongings = case.visit.belongings
    if belongings is not None and (belongings.shut or belongings.none_declared):
        return None
    return Objection("belongings_not_locked", awaits=_at_desk(case, "belongings"))


@rule("field-anchors: custody both ways", ON_THE_DAY, VISIT)
def deposit_signed(case: Case) -> Objection | None:
    """Visitor and guard signed the deposit; where nothing was brought there is none to sign."""
    belongings = case.visit.belongings
    if belongings is not None and (
        belongings.none_declared or (belongings.signed_by_visitor and belongings.signed_by_guard)
    ):
        return None
    return Objection("deposit_not_signed", awaits=_at_desk(case, "signatures"))


@rule("R44", ON_THE_DAY, VISIT)
def devices_approved(case: Case) -> Objection | None:
    """Each device that stays with the visitor has its approval; at the desk it is awaited."""
    belongings = case.visit.belongings
    if belongings is None or all(belongings.staying):
        return None
    return Objection("device_not_approved", awaits=_at_desk(case, "device_approval"))


@rule("R22", [Stage.DOOR], VISIT)
def badge_issued(case: Case) -> Objection | None:
    """A badge was issued for this visit, even where a guard's order opens the door."""
    return None if case.visit.badge_issued else Objection("badge_not_issued")
