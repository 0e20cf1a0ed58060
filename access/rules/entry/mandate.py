"""The mandate behind a visit: engagement, members, need to know.

A visitor under escort sees nothing and needs none (a repairer); whoever comes under an engagement
answers for all of it, under escort too: it is the lab's word who is brought near its work.
"""

from access.rules.case import Case
from access.rules.facts import BasisKind
from access.rules.objection import Objection
from access.rules.rule import rule
from access.rules.states import EngagementState

VISIT = (BasisKind.VISIT,)
ACTIVE = EngagementState.ACTIVE  # looked up once: an Enum's class is slow to ask


def _of_a_mandate(case: Case) -> bool:
    return case.engagement is not None


@rule("scif-domain §8, booking 13", bases=VISIT, asks=_of_a_mandate)
def engagement_named(case: Case) -> Objection | None:
    """An engagement with an asset stands behind the visit."""
    engagement = case.engagement
    if engagement is None and case.escorted:
        return None
    if engagement is None or not engagement.asset:
        return Objection("engagement_missing")
    return None


@rule("scif-domain §8, booking 13", bases=VISIT, asks=_of_a_mandate)
def engagement_active(case: Case) -> Objection | None:
    """The engagement is active."""
    engagement = case.engagement
    if engagement is None or engagement.state is ACTIVE:
        return None
    return Objection("engagement_not_active", {"state": engagement.state})


@rule("R45", bases=VISIT, asks=_of_a_mandate)
def engagement_approved(case: Case) -> Objection | None:
    """Two different people approved the engagement, the lab's and the facility's."""
    engagement = case.engagement
    if engagement is None:
        return None
    lab, facility = engagement.lab_approver, engagement.facility_approver
    if lab and facility and lab != facility:
        return None
    return Objection("engagement_not_approved")


@rule("scif-domain §8, booking 13", bases=VISIT, asks=_of_a_mandate)
def engagement_covers_time(case: Case) -> Objection | None:
    """The engagement covers the whole time."""
    engagement = case.engagement
    if engagement is None or engagement.window.covers(case.start, case.end):
        return None
    return Objection("engagement_time")


@rule("scif-domain §8, booking 13", bases=VISIT, asks=_of_a_mandate)
def engagement_covers_area(case: Case) -> Objection | None:
    """The engagement names every area that the visit leads into."""
    engagement = case.engagement
    if engagement is None or case.basis.areas <= engagement.areas:
        return None
    return Objection("engagement_area")


@rule("R46", bases=VISIT, asks=_of_a_mandate)
def member_of_engagement(case: Case) -> Objection | None:
    """The engagement names the person."""
    engagement = case.engagement
    if engagement is None or case.person.person_id in engagement.members:
        return None
    return Objection("not_a_member")


@rule("R31", bases=VISIT, asks=_of_a_mandate)
def need_to_know(case: Case) -> Objection | None:
    """The discloser granted need to know for the whole time; nobody grants it to himself."""
    engagement = case.engagement
    if engagement is None:
        return None
    granted = False
    for each in case.person.needs_to_know:
        if (
            each.engagement == engagement.engagement_id
            and each.valid_from <= case.start
            and case.end <= each.valid_until
        ):
            discloser = each.grantor_organisation == engagement.sponsor
            if discloser and each.grantor != case.person.person_id:
                return None
            granted = True
    if not granted:
        return Objection("need_to_know_missing")
    return Objection("need_to_know_not_from_discloser")
