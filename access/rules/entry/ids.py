"""The intrusion detection of the area: work is done in ACCESS only, and unknown is not ACCESS.

A guard on duty goes in to look (R20), as responders do; an opener goes in to set ACCESS, within the
panel's entry delay (R15). Nothing here sets a mode: the panel is read, never told (R14).
"""

from access.rules.case import Case
from access.rules.facts import BasisKind, DutyBasis, DutyPost, IdsFacts, IdsMode, Stage
from access.rules.objection import Objection
from access.rules.rule import ALL_BASES, rule
from access.rules.wording.base import gettext_noop as _

DOOR = (Stage.DOOR,)
NOT_KNOWN = _("its mode is not known")
BOUND = ALL_BASES - {BasisKind.EMERGENCY}


def _said(case: Case) -> IdsFacts | None:
    """What the panel says, nothing being known where it should say something; None: no panel."""
    if case.ids is None and not case.area.has_panel:
        return None
    if isinstance(case.basis, DutyBasis) and case.basis.post is DutyPost.GUARD:
        return None
    return case.ids or IdsFacts()


@rule("R20; scif-domain §8, entry 4 and 8", DOOR, BOUND)
def ids_quiet(case: Case) -> Objection | None:
    """The area's alarm panel is known to report no alarm; a guard on duty is exempt."""
    said = _said(case)
    if said is None or said.alarm is False:
        return None
    return Objection("ids_alarm") if said.alarm else Objection("ids_unknown")


@rule("R12, R14, R15; scif-domain §8, entry 4", DOOR, BOUND)
def ids_in_access(case: Case) -> Objection | None:
    """The area's alarm panel is in ACCESS; an opener on duty may enter while it is SECURE."""
    said = _said(case)
    if said is None or said.mode is IdsMode.ACCESS:
        return None
    opener = isinstance(case.basis, DutyBasis) and case.basis.post is DutyPost.OPENER
    if opener and said.mode is IdsMode.SECURE:
        return None
    mode = NOT_KNOWN if said.mode is IdsMode.UNKNOWN else said.mode.upper()
    return Objection("ids_not_access", {"mode": mode})
