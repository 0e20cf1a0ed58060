"""The head of a visit's record: summary, chain of links, proof."""

from base64 import b64decode
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.reports.cells import position_text
from access.reports.record import VisitRecord
from access.reports.sections import sweep_status
from access.reports.wording import state_word
from access.rules.states import BookingState, EngagementState, VisitAction, VisitState
from scif.journal import verifier
from scif.journal.selectors import Bundle
from scif.reporting.kit.parts import Fact, Link, Proof
from scif.reporting.kit.sign import Signatory
from scif.reporting.kit.words import Span, Style


def facts_left(record: VisitRecord) -> list[Fact]:
    """Who came, and when he was expected."""
    mark, person = record.portions.plain, record.person
    countries = sorted(each.country for each in person.citizenships.all())
    return [
        Fact(
            f"{mark} {_('Visitor')}",
            [Span(str(person), Style.STRONG), Span(f", {person.organisation}")],
        ),
        Fact(f"{mark} {_('Citizenship')}", ", ".join(countries) or _("None recorded")),
        Fact(f"{mark} {_('Identity')}", _identity(record)),
        Fact(
            f"{mark} {_('Window')}",
            record.times.window(record.booking.starts_at, record.booking.ends_at),
        ),
    ]


def _identity(record: VisitRecord) -> str:
    step = record.step(VisitAction.IDENTIFY)
    if step is None:
        return _("Not checked")
    given = {
        "document": str(step.details.get("document") or _("Document")).capitalize(),
        "by": str(step.by) if step.by else _("the desk"),
        "time": record.times.minute(step.at),
    }
    return _("%(document)s, checked by %(by)s, %(time)s") % given


def facts_right(record: VisitRecord) -> list[Fact]:
    """Under which mandate, who approved, how it ended."""
    engagement, portions, mark = record.engagement, record.portions, record.portions.plain
    if record.mandate_shown:
        scope = Fact(
            f"{portions.mark(engagement.level, engagement.compartments.all())} {_('Scope')}",
            f"{engagement.asset}, {engagement.title}",
        )
    else:
        scope = Fact(f"{mark} {_('Scope')}", portions.withheld())
    kind = engagement.get_kind_display()
    return [
        Fact(f"{mark} {_('Engagement')}", f"{engagement.reference}, {engagement.sponsor}, {kind}"),
        scope,
        Fact(f"{mark} {_('Approved')}", _approved(record)),
        Fact(
            f"{mark} {_('Outcome')}",
            [Span(state_word(record.visit.state), Style.STRONG), Span(_outcome(record))],
        ),
    ]


def _approved(record: VisitRecord) -> str:
    engagement, booking = record.engagement, record.booking
    sides = [
        side
        for side, by in (
            (_("lab"), engagement.lab_approved_by),
            (_("facility"), engagement.facility_approved_by),
        )
        if by is not None
    ]
    words = [_("Mandate: %(sides)s") % {"sides": _(" and ").join(sides)}] if sides else []
    if booking.state in {BookingState.APPROVED, BookingState.COMPLETED}:
        words.append(
            _("booking %(reference)s, %(when)s")
            % {"reference": booking.reference, "when": record.times.minute(booking.decided_at)}
        )
    return "; ".join(words) or _("Not approved")


def _outcome(record: VisitRecord) -> str:
    refused = sum(1 for decision in record.decisions if decision.outcome == "refused")
    if not refused:
        return _(": no refusal at a door")
    return ": " + ngettext(
        "%(count)d refusal at a door", "%(count)d refusals at a door", refused
    ) % {"count": refused}


def chain(record: VisitRecord) -> list[Link]:
    """The ten links of a visit. INVARIANT: a link that was not recorded is never ticked."""
    times, booking, engagement = record.times, record.booking, record.engagement
    not_yet = _("not yet")

    def link(label: str, at: datetime | None) -> Link:
        return Link(label, times.minute(at, not_yet), "todo" if at is None else "ok")

    mandate = Link(_("Mandate"), times.minute(engagement.valid_from), _mandate_shape(record))
    approval = link(_("Approval"), booking.decided_at)
    if booking.state in {BookingState.REFUSED, BookingState.CANCELLED, BookingState.EXPIRED}:
        approval = Link(_("Approval"), booking.state, "stop")
    shut = [locker.shut_confirmed_at for locker in record.lockers if locker.shut_confirmed_at]
    entered = [event.occurred_at for event in record.passages if event.direction == "in"]
    return [
        mandate,
        link(_("Booking"), booking.requested_at),
        approval,
        _step_link(record, VisitAction.IDENTIFY, _("Check-in")),
        link(_("Locker"), shut[0] if shut else None),
        link(_("Door"), entered[0] if entered else None),
        Link(_("Laptop"), _("not used"), "todo"),
        _search_link(record),
        _sweep_link(record),
        Link(_("Report"), times.minute(record.report.made_at, not_yet), "ok"),
    ]


def _mandate_shape(record: VisitRecord) -> str:
    stands = {EngagementState.ACTIVE, EngagementState.CLOSED}
    return "ok" if record.engagement.state in stands else "stop"


def _step_link(record: VisitRecord, action: VisitAction, label: str) -> Link:
    step = record.step(action)
    if step is not None:
        return Link(label, record.times.minute(step.at), "ok")
    turned = record.visit.state == VisitState.TURNED_AWAY
    return Link(label, _("turned away") if turned else _("not yet"), "stop" if turned else "todo")


def _search_link(record: VisitRecord) -> Link:
    step = record.step(VisitAction.SEARCH)
    if step is None:
        return Link(_("Search"), _("not yet"), "todo")
    clear = bool(step.details.get("clear", True))
    return Link(_("Search"), record.times.minute(step.at), "ok" if clear else "warn")


def _sweep_link(record: VisitRecord) -> Link:
    if not record.sweeps:
        return Link(_("Sweep"), _("none due"), "todo")
    last = record.sweeps[-1]
    status = sweep_status(last)
    when = record.times.minute(last.ended_at) if last.ended_at else status.word.lower()
    return Link(_("Sweep"), when, status.shape)


def proof(record: VisitRecord, bundle: Bundle, signatory: Signatory) -> Proof:
    """What proves this record, and what it does not prove."""
    head = verifier.read_head(bundle.checkpoint)
    key = bundle.checkpoint.rpartition("\n\n")[2].split("\n")[0].removeprefix("— ")
    key_id = b64decode(key.rpartition(" ")[2])[:4].hex()
    positions = record.entries.positions
    ends = {
        "count": len(positions),
        "first": position_text(positions[0]) if positions else "",
        "last": position_text(positions[-1]) if positions else "",
    }
    lines = bundle.checkpoint.split("\n")
    return Proof(
        heading=f"{record.portions.plain} {_('Proof')}",
        facts=[
            Fact(
                _("Journal entries"),
                [
                    Span(_("%(count)d, from %(first)s to %(last)s, of log ") % ends),
                    Span(head.origin, Style.MONO),
                ],
            ),
            Fact(
                _("Checkpoint"),
                [
                    Span(_("size %(size)s, key ") % {"size": position_text(head.size)}),
                    Span(key_id, Style.MONO),
                ],
            ),
            Fact(_("Root"), Span(lines[2], Style.MONO)),
            Fact(
                _("Signed by"),
                [
                    Span(f"{signatory.name}, {record.facility.name}, "),
                    Span(signatory.fingerprint[:16], Style.MONO),
                ],
            ),
            Fact(_("Code"), Span(bundle.code, Style.MONO_STRONG)),
        ],
        said=_(
            "Check it on another machine with the attached bundle and the verifier, or type the "
            "code on the verification page. Proven: these entries are unaltered and in order. "
            "Not proven: that what was entered was true."
        ),
        qr=f"SCIF REPORT {record.report.reference} {bundle.code}",
    )
