"""May this person see it: clearance, review, read-ins, agreement, caveats.

Responders in an emergency are exempt (R20), as are the escorted: the rules of the escort stand in
their place. A suspended or revoked clearance stops an escorted person too (R27).
"""

from access.rules.case import Case
from access.rules.facts import BasisKind, EligibilityStatus, Stage
from access.rules.labels import rank_reaches
from access.rules.objection import Objection
from access.rules.reach import STOPPED, is_accepted, is_in_review, unread
from access.rules.rule import ALL_BASES, rule

CLEARED = ALL_BASES - {BasisKind.EMERGENCY}
# Looked up once: a member of an Enum's class costs about as much as a rule.
BOOKING, INTERIM, LAA = Stage.BOOKING, EligibilityStatus.INTERIM, EligibilityStatus.LAA


def _of_himself(case: Case) -> bool:
    """Whether the person must reach a label himself."""
    return case.own is not None


def _of_a_clearance(case: Case) -> bool:
    """Whether he must, and has a clearance to be looked at."""
    return case.relied is not None


def _of_an_interim(case: Case) -> bool:
    return case.relied is not None and case.relied.status is INTERIM


def _of_a_limited(case: Case) -> bool:
    return case.relied is not None and case.relied.status is LAA


@rule("scif-domain §8, booking 3 and 5", bases=CLEARED)
def label_known(case: Case) -> Objection | None:
    """It is known what label the person must reach."""
    if case.required is not None:
        return None
    # Without a session to look into, as staff or under escort, the area's own label counts.
    only_area = case.escorted or case.basis.kind is not BasisKind.VISIT
    known = case.area.unclassified or (case.escorted and case.area.label is not None)
    return None if only_area and known else Objection("label_unknown")


@rule("R32", bases=CLEARED, asks=_of_a_clearance)
def eligible(case: Case) -> Objection | None:
    """The person holds a clearance in the scheme, or one accepted by an agreement in force."""
    required = case.own
    if required is None or case.relied is not None:
        return None
    if any(each.status in STOPPED for each in case.person.eligibilities):
        return None  # the next rule says what is the matter
    return Objection("eligibility_missing", {"scheme": required.scheme})


@rule("R27", bases=CLEARED)
def eligibility_stands(case: Case) -> Objection | None:
    """No clearance of the person is suspended or revoked, in whatever scheme."""
    suspended = None
    for each in case.person.eligibilities:
        if each.status in STOPPED:
            if each.status is EligibilityStatus.REVOKED:
                return Objection("eligibility_revoked", {"scheme": each.scheme})
            suspended = suspended or each
    if suspended is None:
        return None
    return Objection("eligibility_suspended", {"scheme": suspended.scheme})


@rule("scif-domain §8, booking 5", bases=CLEARED, asks=_of_a_clearance)
def level_reached(case: Case) -> Objection | None:
    """The clearance reaches the level, itself or by an agreement in force."""
    label, held = case.own, case.relied
    if label is None or held is None:
        return None
    first, last = case.days
    if rank_reaches(held.scheme, held.rank, label, case.policy.equivalences, first, last):
        return None
    return Objection("clearance_too_low", {"level": label.level or str(label.rank)})


@rule("R37", bases=CLEARED, asks=_of_a_clearance)
def in_review(case: Case) -> Objection | None:
    """The clearance is in review through the end, or the person is in continuous vetting."""
    held = case.relied
    if held is None or is_in_review(held, case.days[1]):
        return None
    due = held.review_due
    return Objection("review_overdue", {"date": due.isoformat() if due else "unknown"})


@rule("R36", bases=CLEARED, asks=_of_an_interim)
def interim_limited(case: Case) -> Objection | None:
    """An interim clearance reaches compartments only by a decision of the granting authority."""
    label, held = case.own, case.relied
    if label is None or held is None or held.status is not INTERIM:
        return None
    if not label.compartments or is_accepted(held, case.days[0]):
        return None
    return Objection("interim_not_accepted")


@rule("R35", bases=CLEARED, asks=_of_a_limited)
def laa_limited(case: Case) -> Objection | None:
    """A limited access authorisation reaches no compartment and no rank above the policy's."""
    label, held = case.own, case.relied
    if label is None or held is None or held.status is not LAA:
        return None
    highest = case.policy.ranks("laa_rank").get(label.scheme, -1)
    if label.compartments or label.rank > highest:
        return Objection("laa_not_accepted")
    return None


@rule("scif-domain §8, booking 6", bases=CLEARED, asks=_of_himself)
def read_in(case: Case) -> Objection | None:
    """The person is read into every compartment, and not debriefed."""
    required = case.own
    missing = unread(case.person, required, case.days) if required else []
    return Objection("not_read_in", {"compartments": ", ".join(missing)}) if missing else None


@rule("R34", bases=CLEARED, asks=_of_himself)
def nda_signed(case: Case) -> Objection | None:
    """The agreement is signed before the entry, with a witness; until the day it is awaited."""
    if case.own is None:
        return None
    nda = case.person.nda
    awaits = "nda" if case.stage is BOOKING else None
    if nda is None:
        return Objection("nda_missing", awaits=awaits)
    if nda.witness is None or nda.witness == case.person.person_id or nda.signed_on > case.days[0]:
        return Objection("nda_invalid", awaits=awaits)
    return None


@rule("scif-domain §2, caveats", bases=CLEARED, asks=_of_himself)
def caveats_admit(case: Case) -> Objection | None:
    """Every caveat of the session and of the area admits the person's citizenships."""
    required, area = case.own, case.area.label
    if required is None:
        return None
    caveats = required.caveats | area.caveats if area else required.caveats
    if not caveats:
        return None
    for caveat in sorted(caveats, key=lambda each: each.code):
        if not caveat.admits(case.person.citizenships):
            return Objection("citizenship_barred", {"caveat": caveat.code})
    return None
