"""The answer to a question why, in the officer's words; for the page and for the command."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from access.models import RosterEntry, Visit
from access.rules.decision import Decision
from access.rules.facts import BasisKind, InspectionBasis, OfflineRule
from access.rules.wording import OBLIGATION_TEXTS
from access.selectors.booking_check import Reason, officer_reason
from access.selectors.escorted_never import escorted_never
from access.selectors.why import Answer, Assumed, Judged
from hardware.decider import Outcome
from scif.console.met import met_words
from scif.facilities.models import Facility

SHAPES = {Outcome.GRANTED: "ok", Outcome.PENDING: "wait", Outcome.REFUSED: "stop"}


@dataclass(frozen=True, slots=True)
class Words:
    """One decision: ``outcome`` with its ``shape``, reasons with obligations, checks met."""

    title: str
    outcome: str
    shape: str
    reasons: Sequence[Reason]
    met: Sequence[str]


@dataclass(frozen=True, slots=True)
class Explained:
    """The whole answer: ``assumptions`` were taken for granted, ``source`` is what was used."""

    verdict: str
    shape: str
    first: Sequence[Reason]
    bases: Sequence[Words]
    cut_off: Words | None
    assumptions: Sequence[str]
    source: str


def explain(answer: Answer) -> Explained:
    """Put an answer into words."""
    spoken = answer.speaks.decision
    return Explained(
        verdict=_verdict(answer),
        shape=SHAPES[spoken.outcome],
        first=[officer_reason(each) for each in spoken.objections] if answer.by_order else [],
        bases=[_words(_title(each, answer), each.decision) for each in answer.bases],
        cut_off=_words(_cut_off(answer), answer.cut_off.decision) if answer.cut_off else None,
        assumptions=_assumptions(answer),
        source=_source(answer),
    )


def local(moment: datetime, answer: Answer) -> str:
    """A moment as the clocks of the door's facility show it."""
    return at_the_facility(moment, answer.facility)


def at_the_facility(moment: datetime, facility: Facility) -> str:
    """A moment as a facility's clocks show it."""
    shown = moment.astimezone(ZoneInfo(facility.time_zone))
    return f"{shown.day} {shown:%b %Y %H:%M}"


def outcome_word(outcome: Outcome) -> str:
    """An outcome in one word."""
    words = {
        Outcome.GRANTED: _("Granted"),
        Outcome.PENDING: _("Awaited"),
        Outcome.REFUSED: _("Refused"),
    }
    return words[outcome]


def _verdict(answer: Answer) -> str:
    outcome = answer.speaks.decision.outcome
    given = {"who": answer.person, "door": answer.portal, "when": local(answer.at, answer)}
    if outcome is Outcome.GRANTED:
        return _("Yes: %(who)s would get through %(door)s, %(when)s.") % given
    if outcome is Outcome.PENDING:
        return _("Not yet: %(door)s would wait for %(who)s, %(when)s.") % given
    return _("No: %(door)s would not open for %(who)s, %(when)s.") % given


def _words(title: str, decision: Decision) -> Words:
    waiting = [officer_reason(each) for each in decision.pending]
    return Words(
        title=title,
        outcome=outcome_word(decision.outcome),
        shape=SHAPES[decision.outcome],
        reasons=[
            *(officer_reason(each) for each in decision.objections),
            *(Reason(each.code, each.what, each.mend, "wait") for each in waiting),
            *(_duty(code) for code in decision.obligations),
        ],
        met=met_words(decision.met),
    )


def _duty(code: str) -> Reason:
    act = OBLIGATION_TEXTS[code]
    return Reason(code, _(act.title), _("Guard: %(act)s.") % {"act": _(act.guard)}, "info")


def _title(judged: Judged, answer: Answer) -> str:
    basis = judged.facts.basis if judged.facts else None
    if basis is None:
        return _("No basis of entry at this door")
    kinds = {
        BasisKind.VISIT: _("Visit"),
        BasisKind.ROSTER: _("Roster"),
        BasisKind.DUTY: _("Duty"),
        BasisKind.ESCORT: _("Escort"),
        BasisKind.INSPECTION: _("Inspection"),
        BasisKind.EMERGENCY: _("Emergency"),
    }
    name = kinds[basis.kind]
    if basis.kind is BasisKind.VISIT:
        visit = Visit.objects.filter(pk=basis.basis_id).first()
        name = f"{name} {visit.reference}" if visit else name
    if basis.kind is BasisKind.ROSTER:
        entry = RosterEntry.objects.filter(pk=basis.basis_id).select_related("area").first()
        name = f"{name} {entry.area.name}" if entry else name
    if isinstance(basis, InspectionBasis) and basis.authority:
        name = f"{name} {basis.authority}"
    start, end = local(basis.window.start, answer), local(basis.window.end, answer)
    parts = [_("%(name)s, %(start)s to %(end)s") % {"name": name, "start": start, "end": end}]
    if judged.badge:
        parts.append(_("badge %(badge)s") % {"badge": judged.badge})
    return ", ".join(parts)


def _cut_off(answer: Answer) -> str:
    rules = {
        OfflineRule.ENFORCE: _("the area enforces what was last told"),
        OfflineRule.DENY: _("the area denies"),
        OfflineRule.ALLOW_AND_FLAG: _("the area allows and flags"),
        None: _("the area is unknown, which denies"),
    }
    limit = int(answer.age.total_seconds() // 60) if answer.age else 0
    return _("Cut off for more than %(limit)d min: %(rule)s") % {
        "limit": limit,
        "rule": rules[answer.offline_rule],
    }


def _assumptions(answer: Answer) -> list[str]:
    found = []
    presented = {
        Assumed.BADGE_AND_PIN: _("The badge is read, and the right PIN typed where one is asked."),
        Assumed.BADGE: _("The badge is read, and no PIN is typed."),
        Assumed.ORDER: _("Nothing is presented: a guard's signed order names the person."),
    }
    no_badge = _(
        "No badge of this facility is in the person's hands, so the reader refuses. The bases are "
        "judged as if a guard had named the person."
    )
    found.append(no_badge if answer.by_order else presented[answer.assumed])
    if not answer.present:
        found.append(
            _(
                "The facts are those of now, judged at another moment. What changes until then, or "
                "has changed since, is not in it: sweeps, check-in, who is inside."
            )
        )
    found.append(
        _("%(count)d inside, as the gateway last told%(doubt)s.")
        % {
            "count": answer.inside,
            "doubt": "" if answer.certain else _(", and the count is uncertain"),
        }
    )
    found.append(
        _(
            "Nobody else is on the way in or out by this door or another, and nobody waits for a "
            "second person: only the gateway knows."
        )
    )
    if answer.interlock:
        found.append(
            _("The other doors of its interlock stand as they were last heard to.")
            if answer.present
            else _("The other doors of its interlock are taken as shut.")
        )
    bases = [judged.facts.basis for judged in answer.bases if judged.facts is not None]
    if any(basis is not None and basis.escort is not None for basis in bases):
        found += escorted_never([answer.portal.zone.area])
    found.append(_("The door is connected and its clock is right. Leaving is never refused."))
    return found


def _source(answer: Answer) -> str:
    policy = answer.speaks.decision.policy_version
    if answer.gateway is None:
        return _("No gateway serves this door: nothing would open it.")
    given = {"gateway": answer.gateway.code, "version": answer.version, "policy": policy}
    text = _("Snapshot %(version)d of gateway %(gateway)s, policy %(policy)s.") % given
    if answer.applied is None:
        return f"{text} {_('The gateway has not reported what it holds.')}"
    if answer.applied < answer.version:
        behind = _("The gateway last reported %(applied)d: what came since is on its way.")
        return f"{text} {behind % {'applied': answer.applied}}"
    return f"{text} {_('The gateway holds it.')}"
