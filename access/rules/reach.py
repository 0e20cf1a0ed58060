"""What a person's clearances and read-ins reach: which eligibility to rely on, what is unread."""

from datetime import date

from access.rules.facts import (
    AreaFacts,
    Eligibility,
    EligibilityStatus,
    PersonFacts,
    PolicyFacts,
)
from access.rules.labels import Label, rank_reaches

Days = tuple[date, date]

# Statuses that count at all, the best first.
_ORDER = {EligibilityStatus.FINAL: 2, EligibilityStatus.INTERIM: 1, EligibilityStatus.LAA: 0}
STOPPED = frozenset({EligibilityStatus.SUSPENDED, EligibilityStatus.REVOKED})


def is_in_review(eligibility: Eligibility, last: date) -> bool:
    """Whether the review is not due by that day, or the person is in continuous vetting (R37)."""
    if eligibility.vetting_enrolled:
        return True
    return eligibility.review_due is not None and last <= eligibility.review_due


def is_accepted(eligibility: Eligibility, first: date) -> bool:
    """Whether the granting authority has let an interim one reach compartments by then (R36)."""
    return eligibility.accepted_on is not None and eligibility.accepted_on <= first


def relied_on(
    person: PersonFacts, required: Label, policy: PolicyFacts, days: Days
) -> Eligibility | None:
    """The eligibility that serves best: one that satisfies every rule, if there is one.

    Preferred in this order: it reaches the level, it is in review, its status, an interim one that
    is accepted, its rank. None where the person holds none in the scheme, nor one accepted for it
    by an agreement in force.
    """
    found = []
    for each in person.eligibilities:
        own = each.scheme == required.scheme
        if each.status in _ORDER and (own or _accepted(each.scheme, required, policy, days)):
            found.append(each)
    if len(found) <= 1:  # the usual case, without the cost of ranking
        return found[0] if found else None
    return max(
        found,
        key=lambda each: (
            rank_reaches(each.scheme, each.rank, required, policy.equivalences, *days),
            is_in_review(each, days[1]),
            _ORDER[each.status],
            is_accepted(each, days[0]),
            each.rank,
            each.scheme,
        ),
    )


def _accepted(scheme: str, required: Label, policy: PolicyFacts, days: Days) -> bool:
    return any(
        agreed.accepted_scheme == scheme
        and agreed.as_scheme == required.scheme
        and agreed.holds(*days)
        for agreed in policy.equivalences
    )


def unread(person: PersonFacts, required: Label, days: Days) -> list[str]:
    """Compartments of the label that the person is not read into on every day of the span."""
    if not required.compartments:
        return []
    first, last = days
    missing = set(required.compartments)
    for each in person.indoctrinations:
        if (
            each.scheme == required.scheme
            and each.briefed_on <= first
            and (each.debriefed_on is None or each.debriefed_on > last)
        ):
            missing.discard(each.compartment)
    return sorted(missing) if missing else []


def has_full_access(person: PersonFacts, label: Label, policy: PolicyFacts, days: Days) -> bool:
    """Whether a final clearance in review reaches the label, read into all of it, caveats and all.

    What is asked of whoever answers for another person's seeing it: an escort, a debriefer.
    """
    held = relied_on(person, label, policy, days)
    return (
        held is not None
        and held.status is EligibilityStatus.FINAL
        and not any(each.status in STOPPED for each in person.eligibilities)
        and rank_reaches(held.scheme, held.rank, label, policy.equivalences, *days)
        and is_in_review(held, days[1])
        and not unread(person, label, days)
        and all(caveat.admits(person.citizenships) for caveat in label.caveats)
    )


def may_escort(escort: PersonFacts, area: AreaFacts, policy: PolicyFacts, days: Days) -> bool:
    """Whether somebody may answer for an uncleared person in an area (R38).

    An area without a label needs nobody cleared only where it is known to be unclassified.
    """
    if area.label is None:
        return area.unclassified
    return has_full_access(escort, area.label, policy, days)
