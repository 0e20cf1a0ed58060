"""May this person see it: clearance, review, read-ins, agreement, caveats.

Responders in an emergency are exempt (R20), as are the escorted: the rules of the escort stand in
their place. A suspended or revoked clearance stops an escorted person too (R27).
"""

from datetime import date

from access.rules.case import Case
from access.rules.facts import (
    BasisKind,
    Eligibility,
    EligibilityStatus,
    PersonFacts,
    PolicyFacts,
    Stage,
)
from access.rules.labels import Label, rank_reaches
from access.rules.objection import Objection
from access.rules.rule import ALL_BASES, rule

CLEARED = ALL_BASES - {BasisKind.EMERGENCY}
_ORDER = {EligibilityStatus.FINAL: 2, EligibilityStatus.INTERIM: 1, EligibilityStatus.LAA: 0}


def _concerns(case: Case) -> Label | None:
    """The label that the person himself must reach, or None where these rules ask nothing."""
    return None if case.escorted else case.required


def _accepted(
    person: PersonFacts, required: Label, policy: PolicyFacts, days: tuple[date, date]
) -> list[Eligibility]:
    """The eligibilities in the label's scheme, or accepted for it by an agreement in force."""
    schemes = {required.scheme} | {
        agreed.accepted_scheme
        for agreed in policy.equivalences
        if agreed.as_scheme == required.scheme and agreed.holds(*days)
    }
    return [
        each for each in person.eligibilities if each.scheme in schemes and each.status in _ORDER
    ]


def _in_review(eligibility: Eligibility, last: date) -> bool:
    if eligibility.vetting_enrolled:
        return True
    return eligibility.review_due is not None and last <= eligibility.review_due


def relied_on(
    person: PersonFacts, required: Label, policy: PolicyFacts, days: tuple[date, date]
) -> Eligibility | None:
    """The eligibility that serves best: one that satisfies every rule, if there is one.

    Preferred in this order: it reaches the level, it is in review, its status, its rank.
    """
    found = _accepted(person, required, policy, days)
    if len(found) < 2:
        return found[0] if found else None
    return max(
        found,
        key=lambda each: (
            rank_reaches(each.scheme, each.rank, required, policy.equivalences, *days),
            _in_review(each, days[1]),
            _ORDER[each.status],
            each.rank,
            each.scheme,
        ),
    )


def _relied_on(case: Case) -> tuple[Label, Eligibility] | None:
    required = _concerns(case)
    if required is None:
        return None
    eligibility = relied_on(case.person, required, case.policy, case.days)
    return None if eligibility is None else (required, eligibility)


def unread(person: PersonFacts, required: Label, days: tuple[date, date]) -> list[str]:
    """Compartments of the label that the person is not read into through the span."""
    if not required.compartments:
        return []
    held = {
        each.compartment
        for each in person.indoctrinations
        if each.scheme == required.scheme
        and each.briefed_on <= days[0]
        and (each.debriefed_on is None or each.debriefed_on > days[1])
    }
    return sorted(required.compartments - held)


@rule("scif-domain §8, booking 3 and 5", bases=CLEARED)
def label_known(case: Case) -> Objection | None:
    """It is known what label the person must reach."""
    if case.required is not None:
        return None
    # Without a session to look into, as staff or under escort, the area's own label counts.
    only_area = case.escorted or case.basis.kind is not BasisKind.VISIT
    known = case.area.unclassified or (case.escorted and case.area.label is not None)
    return None if only_area and known else Objection("label_unknown")


@rule("R32", bases=CLEARED)
def eligible(case: Case) -> Objection | None:
    """The person holds a clearance in the scheme, or one accepted by an agreement in force."""
    required = _concerns(case)
    if required is None or any(each.status not in _ORDER for each in case.person.eligibilities):
        return None  # nothing to reach, or the next rule says what is the matter
    if relied_on(case.person, required, case.policy, case.days) is not None:
        return None
    return Objection("eligibility_missing", {"scheme": required.scheme})


@rule("R27", bases=CLEARED)
def eligibility_stands(case: Case) -> Objection | None:
    """No clearance of the person is suspended or revoked, in whatever scheme."""
    statuses = {each.status for each in case.person.eligibilities}
    if EligibilityStatus.REVOKED in statuses:
        return Objection("eligibility_revoked")
    if EligibilityStatus.SUSPENDED in statuses:
        return Objection("eligibility_suspended")
    return None


@rule("scif-domain §8, booking 5", bases=CLEARED)
def level_reached(case: Case) -> Objection | None:
    """The clearance reaches the level, itself or by an agreement in force."""
    relied = _relied_on(case)
    if relied is None:
        return None
    label, held = relied
    if rank_reaches(held.scheme, held.rank, label, case.policy.equivalences, *case.days):
        return None
    return Objection("clearance_too_low", {"level": label.level or str(label.rank)})


@rule("R37", bases=CLEARED)
def in_review(case: Case) -> Objection | None:
    """The clearance is in review through the end, or the person is in continuous vetting."""
    relied = _relied_on(case)
    if relied is None or _in_review(relied[1], case.days[1]):
        return None
    due = relied[1].review_due
    return Objection("review_overdue", {"date": due.isoformat() if due else "unknown"})


@rule("R36", bases=CLEARED)
def interim_limited(case: Case) -> Objection | None:
    """An interim clearance does not reach compartments."""
    relied = _relied_on(case)
    if relied is None or relied[1].status is not EligibilityStatus.INTERIM:
        return None
    return Objection("interim_not_accepted") if relied[0].compartments else None


@rule("R35", bases=CLEARED)
def laa_limited(case: Case) -> Objection | None:
    """A limited access authorisation reaches no compartment and no rank above the policy's."""
    relied = _relied_on(case)
    if relied is None or relied[1].status is not EligibilityStatus.LAA:
        return None
    label = relied[0]
    highest = case.policy.ranks("laa_rank").get(label.scheme, -1)
    if label.compartments or label.rank > highest:
        return Objection("laa_not_accepted")
    return None


@rule("scif-domain §8, booking 6", bases=CLEARED)
def read_in(case: Case) -> Objection | None:
    """The person is read into every compartment, and not debriefed."""
    required = _concerns(case)
    missing = unread(case.person, required, case.days) if required else []
    return Objection("not_read_in", {"compartments": ", ".join(missing)}) if missing else None


@rule("R34", bases=CLEARED)
def nda_signed(case: Case) -> Objection | None:
    """The agreement is signed before the entry, with a witness; until the day it is awaited."""
    if _concerns(case) is None:
        return None
    nda = case.person.nda
    awaits = "nda" if case.stage is Stage.BOOKING else None
    if nda is None:
        return Objection("nda_missing", awaits=awaits)
    if nda.witness is None or nda.witness == case.person.person_id or nda.signed_on > case.days[0]:
        return Objection("nda_invalid", awaits=awaits)
    return None


@rule("scif-domain §2, caveats", bases=CLEARED)
def caveats_admit(case: Case) -> Objection | None:
    """Every caveat of the session and of the area admits the person's citizenships."""
    required, area = _concerns(case), case.area.label
    if required is None:
        return None
    caveats = required.caveats | area.caveats if area else required.caveats
    for caveat in sorted(caveats, key=lambda each: each.code):
        if not caveat.admits(case.person.citizenships):
            return Objection("citizenship_barred", {"caveat": caveat.code})
    return None
