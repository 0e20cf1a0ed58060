"""What falls due: letters, reviews, sweeps, needs to know, a post, a second officer's word."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from access.models import Eligibility, EligibilityStatus, NeedToKnow, RosterEntry
from access.selectors.temporary import temporary_last_day
from hardware.models import Rewiring
from hardware.rules.rewiring import RewiringState
from inspections.models import Accreditation, Sweep
from inspections.rules.states import IN_FORCE, SweepState
from scif.console.selectors.rewiring import rewiring_short
from scif.facilities.models import Area, AreaKind, Facility, Record
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import visible

SPANS = (30, 60, 90)
WAITING_SWEEPS = (SweepState.DUE, SweepState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class DueItem:
    """One thing that lapses: when, what, where or who, whose it is, and what its lapse does."""

    day: date
    what: str
    where: str
    owner: str
    lapse: str
    shape: str
    url: str

    def late(self, today: date) -> int:
        """Days past due; 0 if it is not."""
        return max(0, (today - self.day).days)


def due_items(actor: Actor, today: date) -> list[DueItem]:
    """Everything due within 90 days, and all that is overdue, the earliest first."""
    until = today + timedelta(days=SPANS[-1])
    items = [
        *_letters(actor, until),
        *_temporary(actor, today, until),
        *_clearances(actor, until),
        *_roster(actor, until),
        *_sweeps(actor),
        *_needs(actor, until),
        *_posts(actor, today),
        *_rewirings(actor),
    ]
    return sorted(items, key=lambda item: (item.day, item.what, item.where))


def within(items: list[DueItem], today: date, which: str) -> list[DueItem]:
    """The items of one filter: "30", "60", "90" (overdue ones included), or "overdue"."""
    if which == "overdue":
        return [item for item in items if item.day < today]
    until = today + timedelta(days=int(which))
    return [item for item in items if item.day <= until]


def _url(record: Record) -> str:
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_change"
    return reverse(name, args=[record.pk])


def _letters(actor: Actor, until: date) -> Iterator[DueItem]:
    rows = Accreditation.objects.filter(state__in=IN_FORCE, expires_on__lte=until)
    rows = rows.select_related("area__facility")
    for row in visible(rows, actor, "inspections.view_accreditation"):
        if row.expires_on is not None:
            yield DueItem(
                row.expires_on,
                _("Accreditation letter %(letter)s") % {"letter": row.letter},
                row.area.name,
                row.official,
                _("Room closes"),
                "stop",
                _url(row),
            )


def _temporary(actor: Actor, today: date, until: date) -> Iterator[DueItem]:
    """Temporary working areas that are booked: their months end, or nobody set their first day."""
    rows = Area.objects.filter(kind=AreaKind.TSWA, bookable=True)
    rows = rows.select_related("facility__policy")
    for area in visible(rows, actor, "facilities.view_area"):
        last = temporary_last_day(area)
        if last is not None and last > until:
            continue
        yield DueItem(
            last or today,
            _("Temporary use") if last else _("First day of temporary use"),
            area.name,
            area.facility.name,
            _("Room closes") if last else _("No booking"),
            "stop",
            _url(area),
        )


def _clearances(actor: Actor, until: date) -> Iterator[DueItem]:
    ended = (EligibilityStatus.REVOKED, EligibilityStatus.SUSPENDED)
    rows = Eligibility.objects.filter(review_due__lte=until, vetting_enrolled=False)
    rows = rows.exclude(status__in=ended).select_related("person__organisation", "level")
    for row in visible(rows, actor, "access.view_clearance"):
        if row.review_due is not None:
            yield DueItem(
                row.review_due,
                _("Review of clearance, %(level)s") % {"level": row.level},
                str(row.person),
                str(row.person.organisation),
                _("No entry"),
                "warn",
                _url(row),
            )


def _roster(actor: Actor, until: date) -> Iterator[DueItem]:
    rows = RosterEntry.objects.filter(ended_at=None, review_due__date__lte=until)
    rows = rows.select_related("person", "area", "sponsor")
    for row in visible(rows, actor, "access.view_decision"):
        yield DueItem(
            row.review_due.date(),
            _("Roster review, %(area)s") % {"area": row.area.name},
            str(row.person),
            str(row.sponsor),
            _("No entry"),
            "warn",
            _url(row),
        )


def _sweeps(actor: Actor) -> Iterator[DueItem]:
    rows = Sweep.objects.filter(state__in=WAITING_SWEEPS).select_related("area", "sweeper")
    for row in visible(rows, actor, "inspections.view_sweep"):
        yield DueItem(
            row.due_since.date(),
            _("Device sweep"),
            row.area.name,
            str(row.sweeper or _("nobody named")),
            _("Room stays closed"),
            "stop",
            _url(row),
        )


def _needs(actor: Actor, until: date) -> Iterator[DueItem]:
    # One that was ended, or that another one goes on after, is not due.
    longer = NeedToKnow.objects.filter(
        person=OuterRef("person"),
        engagement=OuterRef("engagement"),
        valid_until__gt=OuterRef("valid_until"),
    )
    rows = NeedToKnow.objects.filter(
        ~Exists(longer), valid_until__gt=now(), valid_until__date__lte=until
    ).select_related("person", "engagement", "grantor")
    for row in visible(rows, actor, "access.view_clearance"):
        yield DueItem(
            row.valid_until.date(),
            _("Need to know, %(reference)s") % {"reference": row.engagement.reference},
            str(row.person),
            str(row.grantor),
            _("No entry"),
            "warn",
            _url(row),
        )


def _posts(actor: Actor, today: date) -> Iterator[DueItem]:
    """Facilities whose duress codes reach no desk: their own is never told."""
    for row in visible(Facility.objects.filter(next_post=None), actor, "facilities.view_facility"):
        yield DueItem(
            today,
            _("No other post is told of a duress code"),
            row.name,
            _("nobody named"),
            _("No desk sends help"),
            "stop",
            _url(row),
        )


def _rewirings(actor: Actor) -> Iterator[DueItem]:
    """Requests that wait for another officer's word."""
    rows = Rewiring.objects.filter(state=RewiringState.REQUESTED)
    rows = rows.select_related("device", "bus", "area", "requested_by")
    for row in visible(rows, actor, "hardware.view_device"):
        yield DueItem(
            row.lapses_at.date(),
            _("A change waits for a second officer"),
            _("%(what)s. %(changes)s") % {"what": row, "changes": rewiring_short(row)},
            str(row.requested_by),
            _("Nothing changes"),
            "warn",
            _url(row),
        )
