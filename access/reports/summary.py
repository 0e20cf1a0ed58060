"""The head of a visit's record: summary, chain of links, proof."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.models import AccessKind
from access.reports.cells import by_text, erased_text, named_text
from access.reports.journaled import ESCORT_CHANGED, mandate_approval
from access.reports.laptop import laptop_used
from access.reports.proof import bundle_proof
from access.reports.record import VisitRecord
from access.reports.sections import sweep_status, taken_at
from access.reports.times import DASH
from access.reports.wording import state_word
from access.rules.states import BookingState, EngagementState, VisitAction, VisitState
from scif.reporting.kit.parts import Fact, Link, Proof
from scif.reporting.kit.sign import Signatory
from scif.reporting.kit.words import Span, Style, Text


def facts_left(record: VisitRecord) -> list[Fact]:
    """Who came, and when he was expected."""
    mark, booking = record.portions.plain, record.facts.booking
    window: Text = DASH
    if booking.starts_at and booking.ends_at:
        window = record.times.window(booking.starts_at, booking.ends_at)
    return [
        Fact(f"{mark} {_('Visitor')}", _visitor(record)),
        Fact(f"{mark} {_('Citizenship')}", _citizenships(record)),
        Fact(f"{mark} {_('Identity')}", _identity(record)),
        Fact(f"{mark} {_('Escort')}", _escort(record)),
        Fact(f"{mark} {_('Window')}", window),
    ]


def _visitor(record: VisitRecord) -> Text:
    """The visitor as he was known at the desk, or before that when he was expected."""
    visitor, gone = record.facts.visit.visitor, record.facts.visit.gone
    if visitor is None:
        return erased_text(gone[0], record) if gone else _("The journal names nobody")
    spans = [Span(named_text(visitor), Style.STRONG)]
    organisation = _described(record, "organisation")
    if organisation:
        spans.append(Span(f", {organisation}"))
    if record.name_now:
        spans.append(Span(_("; today: %(name)s") % {"name": record.name_now}))
    return spans


def _described(record: VisitRecord, key: str) -> str:
    found = ""
    for entry in record.entries:
        visitor = entry.data.get("visitor")
        if isinstance(visitor, dict) and visitor.get(key):
            value = visitor[key]
            found = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return found


def _citizenships(record: VisitRecord) -> str:
    return _described(record, "citizenships") or _("None recorded")


def _identity(record: VisitRecord) -> str:
    step = record.step(VisitAction.IDENTIFY)
    if step is None:
        return _("Not checked")
    if step.gone:
        return erased_text(step.gone[0], record)
    given = {
        "document": str(step.details.get("document") or _("Document")).capitalize(),
        "by": by_text(step, record, step.by),
        "time": record.times.minute(step.at),
    }
    return _("%(document)s, checked by %(by)s, %(time)s") % given


def _escort(record: VisitRecord) -> str:
    """Who was to stay beside the visitor, one after the other."""
    booking = record.facts.booking
    lost = [each for each in booking.gone if each.kind in {"booking.requested", ESCORT_CHANGED}]
    if booking.escort is None and lost:
        return erased_text(lost[0], record)
    named = [named_text(each) for each in booking.escorts]
    return _(", then ").join(named) or _("None named")


def facts_right(record: VisitRecord) -> list[Fact]:
    """Under which mandate, who approved, how it ended."""
    mandate, portions, mark = record.facts.mandate, record.portions, record.portions.plain
    level, compartments = record.scope()
    if record.mandate_shown and level is not None:
        scope = Fact(
            f"{portions.mark(level, compartments)} {_('Scope')}",
            f"{named_text(mandate.asset)}, {mandate.title}",
        )
    else:
        scope = Fact(f"{mark} {_('Scope')}", portions.withheld())
    kinds = {each.value: str(each.label) for each in AccessKind}
    kind = kinds.get(mandate.access, mandate.access)
    words = [mandate.reference, named_text(mandate.sponsor, ""), kind]
    return [
        Fact(
            f"{mark} {_('Engagement')}",
            ", ".join(filter(None, words)) or _("The journal names none"),
        ),
        scope,
        Fact(f"{mark} {_('Approved')}", _approved(record)),
        Fact(
            f"{mark} {_('Outcome')}",
            [Span(state_word(record.facts.visit.state), Style.STRONG), Span(_outcome(record))],
        ),
    ]


def _approved(record: VisitRecord) -> str:
    mandate, booking = record.facts.mandate, record.facts.booking
    sides = [
        side
        for side, by in (
            (_("lab"), mandate.lab_approval),
            (_("facility"), mandate.facility_approval),
        )
        if by is not None
    ]
    words = [_("Mandate: %(sides)s") % {"sides": _(" and ").join(sides)}] if sides else []
    if booking.state in {BookingState.APPROVED.value, BookingState.COMPLETED.value}:
        words.append(
            _("booking %(reference)s, %(when)s")
            % {"reference": booking.reference, "when": record.times.minute(booking.decided_at)}
        )
    return "; ".join(words) or _("Not approved")


def _outcome(record: VisitRecord) -> str:
    reads = record.facts.reads.values()
    refused = sum(1 for read in reads if read.outcome == "refused")
    erased = sum(1 for read in reads if read.gone)
    words = _("no refusal at a door")
    if refused:
        words = ngettext("%(count)d refusal at a door", "%(count)d refusals at a door", refused) % {
            "count": refused
        }
    if erased:
        words += ngettext(", %(count)d read erased", ", %(count)d reads erased", erased) % {
            "count": erased
        }
    return f": {'; '.join([words, *_beside(record)])}"


def _beside(record: VisitRecord) -> list[str]:
    """What else somebody must see who reads no further than the outcome."""
    facts, laptop = record.facts, laptop_used(record.entries)
    concerns = len(facts.concerns)
    lost = sum(badge.kind == "badge.lost" for badge in facts.badges)
    found = [
        (concerns, ngettext("%(n)d concern while inside", "%(n)d concerns while inside", concerns)),
        (lost, ngettext("%(n)d badge lost", "%(n)d badges lost", lost)),
    ]
    words = [said % {"n": count} for count, said in found if count]
    return [*words, laptop.wrong] if laptop and laptop.wrong else words


def chain(record: VisitRecord) -> list[Link]:
    """The ten links of a visit. INVARIANT: a link that was not recorded is never ticked."""
    times, booking = record.times, record.facts.booking
    not_yet = _("not yet")

    def link(label: str, at: datetime | None) -> Link:
        return Link(label, times.minute(at, not_yet), "todo" if at is None else "ok")

    approval = link(_("Approval"), booking.decided_at)
    if booking.state in {
        each.value for each in (BookingState.REFUSED, BookingState.CANCELLED, BookingState.EXPIRED)
    }:
        approval = Link(_("Approval"), booking.state, "stop")
    taken = [taken_at(record, key) for key in record.facts.lockers]
    passages = record.facts.passages.values()
    entered = [event.at for event in passages if event.direction == "in"]
    return [
        Link(
            _("Mandate"), times.minute(_mandate_approved(record), not_yet), _mandate_shape(record)
        ),
        link(_("Booking"), booking.requested_at),
        approval,
        _step_link(record, VisitAction.IDENTIFY, _("Check-in")),
        link(_("Locker"), min((at for at in taken if at), default=None)),
        link(_("Door"), min(entered, default=None)),
        _laptop_link(record),
        _search_link(record),
        _sweep_link(record),
        Link(_("Report"), times.minute(record.report.made_at, not_yet), "ok"),
    ]


def _mandate_approved(record: VisitRecord) -> datetime | None:
    """When the second of the two sides approved the mandate."""
    both = [mandate_approval(record.entries, side) for side in ("lab", "facility")]
    times = [entry.at for entry in both if entry is not None]
    return max(times) if len(times) == len(both) else None


def _mandate_shape(record: VisitRecord) -> str:
    stands = {EngagementState.ACTIVE.value, EngagementState.CLOSED.value}
    return "ok" if record.facts.mandate.state in stands else "stop"


def _step_link(record: VisitRecord, action: VisitAction, label: str) -> Link:
    step = record.step(action)
    if step is not None:
        return Link(label, record.times.minute(step.at), "ok")
    turned = record.facts.visit.state == VisitState.TURNED_AWAY.value
    return Link(label, _("turned away") if turned else _("not yet"), "stop" if turned else "todo")


def _laptop_link(record: VisitRecord) -> Link:
    """What the terminals tell of it, beside when it was issued."""
    use = laptop_used(record.entries)
    if use is None:
        return Link(_("Laptop"), _("not used"), "todo")
    return Link(_("Laptop"), f"{record.times.minute(use.at, '')}, {use.words}", use.shape)


def _search_link(record: VisitRecord) -> Link:
    step = record.step(VisitAction.SEARCH)
    if step is None:
        return Link(_("Search"), _("not yet"), "todo")
    clear = step.details.get("clear") is True
    return Link(_("Search"), record.times.minute(step.at), "ok" if clear else "warn")


def _sweep_link(record: VisitRecord) -> Link:
    if not record.facts.sweeps:
        return Link(_("Sweep"), _("none due"), "todo")
    last = list(record.facts.sweeps.values())[-1]
    status = sweep_status(last)
    when = record.times.minute(last.ended_at) if last.ended_at else status.word.lower()
    return Link(_("Sweep"), when, status.shape)


def proof(record: VisitRecord, signatory: Signatory) -> Proof:
    """What proves this record, and what it does not prove."""
    return bundle_proof(
        record.bundle,
        record.entries,
        report=record.report,
        mark=record.portions.plain,
        signatory=signatory,
        said=_proven(record),
    )


def _proven(record: VisitRecord) -> str:
    """What the proof says. A name of today stands in no entry, and is excepted by name."""
    drawn = _("every line of these pages is drawn from them")
    if record.name_now:
        drawn = _(
            "every line of these pages is drawn from them, but for the name after today:, "
            "which the records of people say now"
        )
    return _(
        "Check it on another machine with the attached bundle and the verifier, or type the "
        "code on the verification page. Proven: these entries are unaltered and in order, and "
        "%(drawn)s. Not proven: that what was entered was true."
    ) % {"drawn": drawn}
