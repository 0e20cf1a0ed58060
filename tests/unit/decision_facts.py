"""Fully valid facts for each basis of entry, for tests that break one of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from access.rules import facts as f
from access.rules.labels import Caveat, Equivalence, Label
from access.rules.policy_keys import RULE_KEYS
from access.rules.states import BookingState, CredentialState, EngagementState, VisitState
from hardware.decider import Direction, Occupant
from inspections.rules.states import AccreditationState, SweepState

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# A Tuesday, 10:00 at the facility.
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ME, OTHER, GUARD, SPONSOR = "person-me", "person-other", "person-guard", "org-lab"
AREA, PATH_AREA, VISIT, ENGAGEMENT = "area-a", "area-lobby", "visit-1", "engagement-1"
SECRET_WORD = "ZEBRA"  # stands for every compartment, teammate and other party

NOFORN = Caveat("NOFORN", frozenset({"US"}), every=True)
ROOM = Label("us", 3, frozenset({SECRET_WORD, "HALYARD"}), frozenset({NOFORN}), "TS")
SESSION = Label("us", 2, frozenset({SECRET_WORD}), frozenset({NOFORN}), "S")
WINDOW = f.Window(NOW - HOUR, NOW + 3 * HOUR)
ALWAYS = f.Window(NOW - 100 * DAY, NOW + 100 * DAY)

POLICY = f.PolicyFacts(
    "icd705/3",
    {key: policy.entry() for key, policy in RULE_KEYS.items()},
    (Equivalence("nato", 4, "us", 3, date(2026, 1, 1), date(2027, 1, 1)),),
)
PERSON = f.PersonFacts(
    ME,
    frozenset({"US"}),
    (f.Eligibility("us", 3, f.EligibilityStatus.FINAL, date(2027, 6, 1)),),
    (
        f.Indoctrination("us", SECRET_WORD, date(2026, 3, 1)),
        f.Indoctrination("us", "HALYARD", date(2026, 3, 1)),
    ),
    (f.NeedToKnow(ENGAGEMENT, OTHER, SPONSOR, NOW - 30 * DAY, NOW + 30 * DAY),),
    f.Nda(date(2026, 3, 1), OTHER),
)
AREA_FACTS = f.AreaFacts(
    area_id=AREA,
    label=ROOM,
    accreditation=f.AccreditationFacts(AccreditationState.ACCREDITED, "us", 3, date(2027, 1, 11)),
    swept_after_use=True,
    last_sweep=SweepState.PASSED,
    capacity=4,
    hours={day: (time(8), time(18)) for day in range(5)},
    time_zone="Europe/London",
    lockdown=False,
    sanitised_until=None,
    open_storage=False,
    code="room-a",
    threat="normal",
)
BOOKING = f.BookingFacts(BookingState.APPROVED, ME, OTHER, frozenset({ME, OTHER}), 2)
MANDATE = f.EngagementFacts(
    ENGAGEMENT,
    EngagementState.ACTIVE,
    ALWAYS,
    SPONSOR,
    "asset-1",
    frozenset({AREA}),
    frozenset({ME}),
    OTHER,
    GUARD,
)
BELONGINGS = f.Belongings(shut=True, signed_by_visitor=True, signed_by_guard=True)
_WHOSE = (ME, frozenset({AREA}))

BASES: dict[f.BasisKind, f.Basis] = {
    f.BasisKind.VISIT: f.VisitBasis(
        VISIT,
        *_WHOSE,
        WINDOW,
        frozenset({PATH_AREA}),
        None,
        VisitState.BADGED,
        BOOKING,
        MANDATE,
        SESSION,
        identity_checked=True,
        belongings=BELONGINGS,
        badge_issued=True,
    ),
    f.BasisKind.ROSTER: f.RosterBasis("roster-1", *_WHOSE, ALWAYS, sponsor=OTHER),
    f.BasisKind.DUTY: f.DutyBasis("duty-1", *_WHOSE, WINDOW, post=f.DutyPost.GUARD),
    f.BasisKind.ESCORT: f.EscortBasis("escort-1", *_WHOSE, WINDOW, escorts=OTHER),
    f.BasisKind.INSPECTION: f.InspectionBasis("insp-1", *_WHOSE, WINDOW, authority="CSA"),
    f.BasisKind.EMERGENCY: f.EmergencyBasis(
        "emergency-1", *_WHOSE, WINDOW, incident="alarm-7", declared_by=frozenset({OTHER, GUARD})
    ),
}


def valid(kind: f.BasisKind, stage: f.Stage = f.Stage.DOOR) -> f.Facts:
    """Facts that are granted at this stage on this basis."""
    basis = BASES[kind]
    visit = basis.basis_id if kind is f.BasisKind.VISIT else None
    facts = f.Facts(
        now=NOW,
        policy=POLICY,
        person=PERSON,
        basis=basis,
        area=AREA_FACTS,
        heard_at=NOW - timedelta(seconds=1),
    )
    if stage is not f.Stage.DOOR:
        if stage is f.Stage.BOOKING and kind is f.BasisKind.VISIT:
            booking = replace(BOOKING, state=BookingState.REQUESTED, approver=None)
            # A week before: nothing of the day itself is known.
            return replace(
                facts,
                now=NOW - 7 * DAY,
                basis=basis_with(facts, booking=booking, belongings=None, state=None).basis,
            )
        return facts
    return replace(
        facts,
        portal=f.PortalFacts("D3", Direction.IN),
        credential=f.CredentialFacts("V-21", CredentialState.ISSUED, ME, visit),
        factors=f.Factors(f.PinOutcome.RIGHT),
        zone=f.ZoneFacts("z-a", people(OTHER), certain=True),
    )


def people(*who: str, **values: Any) -> dict[str, Occupant]:
    """These people in a zone, on the roster and without escort unless said otherwise."""
    return dict.fromkeys(who, Occupant(NOW, **{"basis": "roster", **values}))


Change = Callable[[f.Facts], f.Facts]
T = TypeVar("T", bound="DataclassInstance")


def altered(thing: T, **values: Any) -> T:
    """The same facts with other values, whichever fields they are."""
    return replace(thing, **values)


def change(part: str, **values: Any) -> Change:
    """A change of fields of one part of the facts: person, area, basis, credential, zone…"""

    def apply(facts: f.Facts) -> f.Facts:
        return replace(facts, **{part: replace(getattr(facts, part), **values)})

    return apply


def fact(**values: Any) -> Change:
    """A change of the facts themselves."""
    return lambda facts: replace(facts, **values)


def within(part: str, **values: Any) -> Change:
    """A change inside the basis: its booking, engagement, belongings."""

    def apply(facts: f.Facts) -> f.Facts:
        return basis_with(facts, **{part: replace(getattr(facts.basis, part), **values)})

    return apply


def basis_with(facts: f.Facts, **values: Any) -> f.Facts:
    """The facts with other values in the basis."""
    assert facts.basis is not None
    return replace(facts, basis=replace(facts.basis, **values))


def eligibility(**values: Any) -> Change:
    """A change of the person's one clearance."""
    return change("person", eligibilities=(replace(PERSON.eligibilities[0], **values),))


def both(*changes: Change) -> Change:
    """Several changes, one after the other."""

    def apply(facts: f.Facts) -> f.Facts:
        for each in changes:
            facts = each(facts)
        return facts

    return apply


def temporary(since: date | None = date(2026, 3, 1), booked: float = 0) -> Change:
    """The room as a temporary working area, with so many hours booked in the month."""
    return change("area", temporary=f.TemporaryUse(since, {(2026, 11): booked * HOUR}))


TEMPORARY = temporary()
UNCLEARED = replace(PERSON, eligibilities=(), indoctrinations=(), nda=None, needs_to_know=())
ESCORT = replace(PERSON, person_id=OTHER)
# An uncleared person under escort into a sanitised room: a repairer without a mandate.
ESCORTED: Change = both(
    fact(person=UNCLEARED, escort=ESCORT),
    change("area", sanitised_until=NOW + 30 * DAY),
    change("basis", escort=OTHER),
)
REPAIRER: Change = both(ESCORTED, change("basis", engagement=None, session_label=None))
