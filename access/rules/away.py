"""May this person study this outside the rooms? Of the one decision, the rules about no room.

The rules are those of ``access/rules/entry/`` itself, so that whatever clearance, read-in, need to
know, mandate or threat level gains there holds here the same day. What says where the person is,
and that the place is fit, is asked elsewhere (``terminals/rules/offsite.py``).
"""

from access.rules.case import Case
from access.rules.entry import clearance, foundation, mandate, threat
from access.rules.facts import Facts, Stage
from access.rules.objection import Objection
from access.rules.rule import Rule

AWAY: tuple[Rule, ...] = (
    foundation.basis_is_the_persons_own,
    threat.threat_level_known,
    threat.threat_clearance_reached,
    threat.threat_admits_visitors,
    clearance.label_known,
    clearance.eligible,
    clearance.eligibility_stands,
    clearance.level_reached,
    clearance.in_review,
    clearance.interim_limited,
    clearance.laa_limited,
    clearance.read_in,
    clearance.nda_signed,
    clearance.caveats_admit,
    mandate.engagement_named,
    mandate.engagement_active,
    mandate.engagement_approved,
    mandate.engagement_covers_time,
    mandate.member_of_engagement,
    mandate.need_to_know,
)


def decide_away(facts: Facts) -> tuple[Objection, ...]:
    """Everything that speaks against it, from now to the end of the basis's window.

    INVARIANT: nothing returned means that the ground was known, that every rule was asked and that
    none objected; a rule that raises objects.
    """
    try:
        case = Case.of(facts, Stage.ARRIVAL)
    except Exception as error:
        return (Objection.of_error("case", error),)
    if case is None:
        return (Objection("no_basis"),)
    found: list[Objection] = []
    for rule in AWAY:
        try:
            objection = rule.check(case)
        except Exception as error:
            objection = Objection.of_error(rule.name, error)
        if objection is not None:
            found.append(objection.by(rule.name))
    return tuple(found)
