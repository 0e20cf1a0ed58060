"""The facts of somebody who is to study an engagement's material outside its rooms."""

from datetime import datetime
from uuid import UUID

from access.models import Engagement
from access.rules.facts import AreaFacts, Facts, VisitBasis, Window
from access.selectors.facts import engagement_facts
from access.selectors.facts_person import person_facts
from access.selectors.facts_place import caveats_of, label_of, policy_facts
from access.selectors.threat import threat_code
from scif.facilities.models import Facility


def away_facts(
    engagement: Engagement, person_id: UUID, facility: Facility, *, at: datetime, until: datetime
) -> Facts:
    """From ``at`` to ``until``, under the policy of a facility; for ``access/rules/away.py``.

    The material bears the caveats of every room in which it is shown. No room stands behind it:
    the area of these facts has no label of its own, only the facility's time and threat level.
    """
    policy = policy_facts(facility)
    caveats = frozenset(caveat for area in engagement.areas.all() for caveat in caveats_of(area))
    return Facts(
        now=at,
        policy=policy,
        person=person_facts([person_id], facility)[person_id],
        basis=VisitBasis(
            basis_id="",
            person_id=str(person_id),
            areas=frozenset(),
            window=Window(at, until),
            engagement=engagement_facts(engagement),
            session_label=label_of(engagement.level, list(engagement.compartments.all()), caveats),
        ),
        area=AreaFacts(
            area_id="",
            unclassified=True,
            time_zone=facility.time_zone,
            threat=threat_code(facility, policy),
        ),
    )
