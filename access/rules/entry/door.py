"""At the door: portal, badge, factors, what the door knows."""

from datetime import timedelta

from access.rules.case import Case
from access.rules.facts import BasisKind, OfflineRule, PinOutcome, Stage
from access.rules.objection import Objection
from access.rules.rule import rule
from hardware.decider import Direction

DOOR = (Stage.DOOR,)
ZERO = timedelta()
# Looked up once: an Enum's class is slow to ask.
INWARDS, VISIT, RIGHT, DENY = Direction.IN, BasisKind.VISIT, PinOutcome.RIGHT, OfflineRule.DENY


@rule("scif-domain §8, entry 3", DOOR)
def leads_to_area(case: Case) -> Objection | None:
    """The portal leads, inwards, into an area of the basis or one on the way there."""
    basis, area = case.basis, case.area.area_id
    inwards = case.portal is not None and case.portal.direction is INWARDS
    if inwards and (area in basis.areas or area in basis.path):
        return None
    return Objection("wrong_portal")


@rule("R22", DOOR)
def badge_assigned(case: Case) -> Objection | None:
    """The badge is the person's, and a visitor's badge serves its own visit only."""
    badge = case.credential
    if badge is None:
        return None  # a guard's order; badge_known has seen to it
    visit = case.basis.basis_id if case.basis.kind is VISIT else None
    if badge.person_id == case.person.person_id and badge.visit_id == visit:
        return None
    return Objection("badge_of_another")


@rule("R22; R20", DOOR)
def two_factors(case: Case) -> Objection | None:
    """Badge and PIN where the portal asks for both; a guard who sees the person stands for both."""
    if case.factors.commanded_by is not None:
        return None
    if case.credential is None:
        return Objection("no_factor")
    pin = case.factors.pin
    if pin is RIGHT:
        return None
    if pin is PinOutcome.WRONG:
        return Objection("pin_wrong")
    if case.portal is not None and not case.portal.two_factors:
        return None
    if case.basis.kind is BasisKind.EMERGENCY:
        return None  # admitted at once, with the badge alone; a wrong PIN still refuses
    return Objection("pin_absent", awaits="pin")


@rule("performance-facts §4, clock jump", DOOR)
def clock_sound(case: Case) -> Objection | None:
    """The door's clock is not behind the centre's last word: no expired entry revives."""
    if case.heard_at is None:
        return None
    behind = case.heard_at - case.now
    # Only a clock that is behind at all needs the policy's tolerance.
    if behind <= ZERO or behind <= case.policy.seconds("clock_tolerance"):
        return None
    return Objection("clock_behind")


@rule("scif-domain §8, entry 9", DOOR)
def snapshot_fresh(case: Case) -> Objection | None:
    """The snapshot is within the policy's age, or the area declares that it decides beyond it."""
    if case.area.offline_rule is not DENY or not stale(case):
        return None
    return Objection("snapshot_stale")


def stale(case: Case) -> bool:
    """Whether the snapshot is older than the policy allows; never confirmed counts as stale."""
    limit = case.policy.seconds("snapshot_age")
    return case.heard_at is None or case.now - case.heard_at > limit
