"""How long, and for how many hours a month, a temporary working area may be used.

Asked where a visit is booked and, of the months, again at the desk: hours that were booked within
the limit stay so. Staff, guards and inspectors book no hours; what they use is not counted.
"""

from datetime import timedelta

from access.rules.case import Case
from access.rules.facts import BasisKind, Stage
from access.rules.objection import Objection
from access.rules.rule import rule
from access.rules.temporary import hours_by_month, months_after

VISIT = (BasisKind.VISIT,)
NONE = timedelta()


def _temporary(case: Case) -> bool:
    return case.area.temporary is not None


@rule("R5", [Stage.BOOKING, Stage.ARRIVAL], VISIT, asks=_temporary)
def temporary_in_its_time(case: Case) -> Objection | None:
    """The temporary working area is used within the policy's months from its first day."""
    use = case.area.temporary
    if use is None:
        return None
    if use.since is None:
        return Objection("temporary_since_unknown")
    first, last = case.days
    if first < use.since:
        return Objection("temporary_not_begun", {"date": use.since.isoformat()})
    over = months_after(use.since, case.policy.number("tswa_months"))
    return None if last < over else Objection("temporary_ended", {"date": over.isoformat()})


@rule("R5", [Stage.BOOKING], VISIT, asks=_temporary)
def temporary_hours_left(case: Case) -> Objection | None:
    """The hours booked in the temporary working area stay below the policy's in every month."""
    use = case.area.temporary
    if use is None:
        return None
    limit = case.policy.number("tswa_hours_month")
    asked_for = hours_by_month(case.start, case.end, case.area.time_zone)
    for (year, month), asked in asked_for.items():
        booked = use.booked.get((year, month), NONE)
        if booked + asked >= timedelta(hours=limit):
            hours = booked / timedelta(hours=1)
            return Objection(
                "temporary_hours",
                {"month": f"{year}-{month:02}", "limit": str(limit), "booked": f"{hours:g}"},
            )
    return None
