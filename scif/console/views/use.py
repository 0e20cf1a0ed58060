"""The use of an engagement, for its lab and the office: who, when, how long, how many bytes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from access.models import Engagement
from access.reports.cells import position_text
from access.rules.states import EngagementState
from access.selectors.engagement import engagements_for
from access.views.portal.engagements import STATES
from access.views.portal.page import page, portal_actor
from scif.console.views.use_rows import (
    anomaly_rows,
    item_rows,
    outside_rows,
    visit_rows,
    visits_plot,
)
from scif.journal.selectors import positions_about
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.access import facilities_with
from scif.reporting.kit.sheet import Paper
from scif.reporting.models import Report, ReportKind
from scif.reporting.rules.states import ReportState
from scif.reporting.selectors import reports_visible
from terminals.models import EgressKind
from terminals.selectors.use import (
    FILTERS,
    Use,
    anomalies_used,
    checkers_used,
    engagements_filtered,
    engagements_summed,
    engagements_used,
    facilities_used,
    items_used,
    members_used,
    needs_used,
    passages_of,
    sessions_used,
    shares_of,
    spent_by_kind,
    terms_used,
    use_of,
    visits_used,
)
from terminals.services.use_report import USE_REPORTS, use_report_make

PAGE_SIZE, VISITS, ITEMS, ANOMALIES, REPORTS = 20, 12, 12, 12, 6
READ_JOURNAL = "journal.view_entry"
Context = dict[str, Any]


@login_required
@require_GET
def uses(request: HttpRequest) -> HttpResponse:
    """The engagements whose record the reader may read."""
    actor, search = portal_actor(request), request.GET.get("q", "")
    which = request.GET.get("which", FILTERS[0])
    which = which if which in FILTERS else FILTERS[0]
    known = engagements_used(actor)
    labels = {"active": _("Under way"), "ended": _("Ended"), "all": _("All")}
    tabs = [
        {
            "label": labels[key],
            "count": engagements_filtered(known, which=key, search=search).count(),
            "url": f"?which={key}",
            "current": key == which,
        }
        for key in FILTERS
    ]
    found = engagements_filtered(known, which=which, search=search)
    pages = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    sums = engagements_summed([use_of(each, actor) for each in pages])
    rows = [{"engagement": each, "said": _state(each.state), **sums[each.pk]} for each in pages]
    context = {"tabs": tabs, "rows": rows, "pages": pages, "search": search}
    shown = Engagement.objects.filter(pk__in=[each.pk for each in pages])
    # An empty list says of whose use it could speak; of a full one only its rows count.
    return page(request, "uses.html", "uses", context, mandates=shown if rows else known)


@login_required
@require_GET
def use(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One engagement: bytes, visits and sessions, what went out and in, people, its reports."""
    actor = portal_actor(request)
    engagement = get_object_or_404(engagements_used(actor), pk=pk)
    seen = use_of(engagement, actor)
    facilities = list(facilities_used(seen))
    context = {
        "engagement": engagement,
        "said": _state(engagement.state),
        "left": (engagement.valid_until - now()).days,
        "terms": terms_used(seen),
        "known": engagements_for(actor).filter(pk=pk).exists(),
        "facilities": facilities,
        "zone": facilities[0].time_zone if facilities else "UTC",
        "papers": [paper.value for paper in Paper],
        "reports": [_report(each) for each in _reports(actor, pk)],
        **_bytes(seen),
        **_visits(request, seen, actor),
        **_outside(request, seen, actor),
        **_items(request, seen, actor),
        **_anomalies(request, seen, actor),
        **_people(seen, actor),
    }
    return page(request, "use.html", "uses", context, mandates=Engagement.objects.filter(pk=pk))


@login_required
@require_POST
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a signed PDF about the engagement; the page says how far it is."""
    actor = portal_actor(request)
    engagement = get_object_or_404(engagements_used(actor), pk=pk)
    facilities = facilities_used(use_of(engagement, actor))
    chosen = facilities.filter(code=request.POST.get("facility", "")).first()
    facility = chosen or get_object_or_404(facilities[:1])
    kind = next((k for k in USE_REPORTS if k == request.POST.get("kind")), ReportKind.ENGAGEMENT)
    paper = Paper.LETTER if request.POST.get("paper") == Paper.LETTER else Paper.A4
    try:
        asked = use_report_make(
            engagement_id=pk, facility_id=facility.pk, kind=kind, paper=paper, actor=actor
        )
    except Refused as refusal:
        messages.warning(request, f"{refusal.message} {refusal.remedy}")
    else:
        messages.success(request, _("Report %(what)s is being made.") % {"what": asked})
    return redirect(f"{reverse('use:use', args=[pk])}#reports")


def _state(state: str) -> dict[str, str]:
    shape, words = STATES[EngagementState(state)]
    return {"shape": shape, "words": str(words)}


def _bytes(seen: Use) -> Context:
    """The budgets as bars, and what the bytes that have left were of."""
    kinds = spent_by_kind(seen)
    labels = {
        EgressKind.SESSION: _("Sessions, both ways"),
        EgressKind.EXPORT: _("Exports that were released"),
        EgressKind.UNACCOUNTED: _("Promised to a session, count not told"),
        EgressKind.OVERRUN: _("Beyond the budget"),
    }
    shares = shares_of(seen)
    return {
        "shares": shares,
        "several": len(shares) > 1,
        "kinds": [
            {"label": labels[kind], "bytes": count, "bad": kind == EgressKind.OVERRUN and count}
            for kind, count in kinds.items()
            if count or kind in {EgressKind.SESSION, EgressKind.EXPORT}
        ],
        "spent": sum(kinds.values()),
    }


def _visits(request: HttpRequest, seen: Use, actor: Actor) -> Context:
    pages = Paginator(visits_used(seen), VISITS).get_page(request.GET.get("visits"))
    visits = list(pages)
    sessions = list(sessions_used(seen).filter(visit__in=visits))
    rows = visit_rows(visits, passages_of(visits), sessions)
    entry = _entries(seen, actor, "access.visit", [each.pk for each in visits])
    of_session = _entries(seen, actor, "terminals.session", [each.pk for each in sessions])
    for row in rows:
        facility = row["visit"].booking.area.facility_id
        row["entry"] = entry(row["visit"].pk, facility)
        for each in row["sessions"]:
            each["entry"] = of_session(each["session"].pk, facility)
    zones = {
        each.booking.area.facility_id: ZoneInfo(each.booking.area.facility.time_zone)
        for each in visits
    }
    return {"visits": rows, "visit_pages": pages, "plot": visits_plot(rows, zones)}


def _outside(request: HttpRequest, seen: Use, actor: Actor) -> Context:
    """Sessions without a visit: at registered places."""
    found = sessions_used(seen).filter(visit=None)
    pages = Paginator(found.order_by("-granted_at"), VISITS).get_page(request.GET.get("outside"))
    rows = outside_rows(pages)
    entry = _entries(seen, actor, "terminals.session", [row["session"].pk for row in rows])
    for row in rows:
        row["entry"] = entry(row["session"].pk, row["session"].terminal.facility_id)
    return {"outside": rows, "outside_pages": pages}


def _items(request: HttpRequest, seen: Use, actor: Actor) -> Context:
    pages = Paginator(items_used(seen), ITEMS).get_page(request.GET.get("items"))
    rows = item_rows(pages)
    entry = _entries(seen, actor, "terminals.airlockitem", [row["item"].pk for row in rows])
    for row in rows:
        row["entry"] = entry(row["item"].pk, row["item"].facility_id)
    return {"items": rows, "item_pages": pages}


def _anomalies(request: HttpRequest, seen: Use, actor: Actor) -> Context:
    pages = Paginator(anomalies_used(seen), ANOMALIES).get_page(request.GET.get("odd"))
    rows = anomaly_rows(pages)
    entry = _entries(seen, actor, "terminals.anomaly", [row["anomaly"].pk for row in rows])
    for row in rows:
        row["entry"] = entry(row["anomaly"].pk, row["anomaly"].session.terminal.facility_id)
    return {"anomalies": rows, "anomaly_pages": pages}


def _people(seen: Use, actor: Actor) -> Context:
    """The team with what each may know until when, and who checks and decides."""
    needs = list(needs_used(seen))
    entry = _entries(seen, actor, "access.needtoknow", [each.pk for each in needs])
    facility = next(iter(facilities_used(seen)), None)
    latest = {each.person_id: each for each in reversed(needs)}
    rows = []
    for member in members_used(seen):
        need = latest.get(member.person_id)
        holds = need is not None and need.valid_from <= now() < need.valid_until
        rows.append(
            {
                "member": member,
                "need": need,
                "holds": holds,
                "entry": entry(need.pk, facility.pk if facility else None) if need else None,
            }
        )
    return {"members": rows, "checkers": checkers_used(seen)}


def _entries(
    seen: Use, actor: Actor, subject: str, keys: Iterable[UUID]
) -> Callable[[UUID, UUID | None], Mapping[str, str] | None]:
    """For each thing its latest entry: the number, and the page that is the reader's.

    Who may read the journal is led to the whole entry, others to what proves it.
    """
    positions = positions_about(subject, keys)
    readable = set(facilities_with(actor, READ_JOURNAL).values_list("pk", flat=True))

    def entry(key: UUID, facility: UUID | None) -> Mapping[str, str] | None:
        position = positions.get(str(key))
        if position is None:
            return None
        url = (
            reverse("admin:journal_entry_change", args=[position])
            if facility in readable
            else reverse("use:entry", args=[seen.engagement.pk, position])
        )
        return {"text": position_text(position), "url": url}

    return entry


def _reports(actor: Actor, pk: UUID) -> Iterable[Report]:
    found = reports_visible(actor).filter(kind__in=USE_REPORTS, subject_id=pk)
    return found.order_by("-requested_at")[:REPORTS]


def _report(found: Report) -> Context:
    shape, words = {
        ReportState.MADE: ("ok", _("Made")),
        ReportState.REQUESTED: ("wait", _("Being made")),
        ReportState.FAILED: ("stop", _("Failed")),
    }[ReportState(found.state)]
    return {
        "report": found,
        "shape": shape,
        "words": words,
        "url": reverse("reports:download", args=[found.pk]),
        "verify": f"{reverse('reports:verify')}?code={found.code}",
    }
