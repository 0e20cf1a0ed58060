"""The answer to a question about a registered place, in the officer's words."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from access.selectors.booking_check import Reason
from hardware.decider import Outcome
from scif.console.selectors.why_words import SHAPES, Explained, Words, at_the_facility, outcome_word
from scif.kernel.clock import now
from terminals.selectors.outside_issue import Against
from terminals.selectors.why_outside import OutsideAnswer


def explain_outside(answer: OutsideAnswer) -> Explained:
    """Put an answer into words, as that of a door."""
    bases = []
    if answer.issue is not None:
        bases.append(_words(_("A laptop goes out to him for it"), answer.issue))
    bases.append(_words(_("He signs in there"), answer.use))
    return Explained(
        verdict=_verdict(answer),
        shape="ok" if answer.granted else "stop",
        first=[],
        bases=bases,
        cut_off=None,
        assumptions=_assumptions(answer),
        source=_("The records of now, policy %(policy)s.") % {"policy": answer.policy},
    )


def _verdict(answer: OutsideAnswer) -> str:
    given = {
        "who": answer.person,
        "place": answer.place,
        "engagement": answer.place.engagement.reference,
        "when": at_the_facility(answer.at, answer.facility),
    }
    if answer.granted:
        return _("Yes: %(who)s could work at %(place)s (%(engagement)s), %(when)s.") % given
    if answer.issue:
        told = _("No: no laptop would go out to %(who)s for %(place)s (%(engagement)s), %(when)s.")
        return told % given
    return _("No: %(who)s could not work at %(place)s (%(engagement)s), %(when)s.") % given


def _words(title: str, against: Iterable[Against]) -> Words:
    reasons = [_reason(each) for each in against]
    outcome = Outcome.REFUSED if reasons else Outcome.GRANTED
    return Words(title, outcome_word(outcome), SHAPES[outcome], reasons, ())


def _reason(each: Against) -> Reason:
    mend = each.remedy
    if each.who:
        mend = _("%(remedy)s. Can mend it: %(who)s.") % {
            "remedy": mend.removesuffix("."),
            "who": each.who,
        }
    return Reason(each.code, each.message, mend)


def _assumptions(answer: OutsideAnswer) -> list[str]:
    found = []
    if answer.held is not None:
        found.append(
            _("He has laptop %(tag)s out for this place. It has just proved what it runs.")
            % {"tag": answer.held.terminal}
        )
    else:
        found.append(
            _(
                "The laptop that goes out is sealed and signed for, has just proved what it runs, "
                "and is to be back by %(day)s at the latest."
            )
            % {"day": at_the_facility(answer.back_by, answer.facility)}
        )
    found.append(_("It asks from the place's network, its agent is heard, and the PIN is right."))
    if abs((answer.at - now()).total_seconds()) > 60:
        found.append(
            _(
                "The facts are those of now, judged at another moment. What changes until then, or "
                "has changed since, is not in it: budgets, anomalies, who has which laptop."
            )
        )
    return found
