"""Reports: the list, asking for one, taking it, and the page that checks a code."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.forms.report import ReportForm, VerifyForm
from access.models import Visit
from access.reports.wording import state_word
from access.selectors.report import (
    ReportScope,
    may_report,
    report_scope,
    visit_begun,
    visit_by_reference,
    visits_reportable,
)
from access.services.report import report_check, report_make
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from scif.people.actors import actor_of
from scif.reporting.kit.sheet import Paper
from scif.reporting.models import Report, ReportStep
from scif.reporting.rules.states import ReportState
from scif.reporting.selectors import reports_visible
from scif.reporting.services import report_download, report_retry

PAGE_SIZE = 25
REFUSED = 422


@login_required
@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """The reports of the reader's facilities."""
    return _list(request)


@login_required
@require_GET
def visits(request: HttpRequest) -> HttpResponse:
    """The visits to choose from."""
    return _choose(request, ReportForm())


@login_required
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Ask for the report of a visit."""
    actor, form = actor_of(request), ReportForm(request.POST)
    if form.is_valid():
        visit = visit_by_reference(form.cleaned_data["visit"], actor)
        if visit is None:
            form.add_error("visit", _("No visit of your facilities has this reference."))
        else:
            paper = Paper(form.cleaned_data["paper"])
            try:
                report = report_make(visit_id=visit.pk, actor=actor, paper=paper)
            except Refused as refusal:
                form.add_error(None, f"{refusal.message} {refusal.remedy}")
            else:
                said = _("Report %(reference)s of visit %(visit)s is being made.")
                names = {"reference": report.reference, "visit": visit.reference}
                messages.success(request, said % names)
                return redirect("reports:list")
    return _choose(request, form, status=REFUSED)


@login_required
@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask again for a report that failed."""
    report_retry(report_id=pk, actor=actor_of(request))
    return redirect("reports:list")


@login_required
@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The signed PDF. It is never cached: its marking decides where it may lie."""
    report, content = report_download(report_id=pk, actor=actor_of(request))
    name = f"{report.subject_reference}-{report.reference}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """What a verification code proves, for anybody who signs in and holds a report."""
    given = request.POST if request.method == "POST" else request.GET
    form = VerifyForm(given, request.FILES) if "code" in given else VerifyForm()
    found: list[dict[str, Any]] | None = None
    status = 200
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        held = file.read() if file else None
        found = [
            {
                "report": report,
                "holds": holds,
                "digest": _grouped(holds.making.digest if holds.making else ""),
            }
            for report, holds in report_check(
                code=form.cleaned_data["code"], held=held, actor=actor_of(request)
            )
        ]
    elif form.is_bound:
        status = REFUSED
    context = {"form": form, "found": found, "nav": _nav("verify", actor_of(request))}
    return render(request, "reports/verify.html", context, status=status)


def _choose(request: HttpRequest, form: ReportForm, *, status: int = 200) -> HttpResponse:
    """Visits of the reader's facilities, each with the way to its record."""
    actor = actor_of(request)
    scope = report_scope(actor)
    search = request.GET.get("q", "").strip()
    pages = Paginator(visits_reportable(actor, search), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "papers": [paper.value for paper in Paper],
        "rows": [_visit_row(visit) for visit in pages],
        "pages": pages,
        "search": search,
        "empty": _no_visit(search),
        "nav": _nav("visits", actor),
        "marking": _marking(scope),
    }
    return render(request, "reports/visits.html", context, status=status)


def _visit_row(visit: Visit) -> dict[str, Any]:
    zone = ZoneInfo(visit.booking.area.facility.time_zone)
    start, end = (at.astimezone(zone) for at in (visit.booking.starts_at, visit.booking.ends_at))
    return {
        "visit": visit,
        "state": state_word(visit.state),
        "begun": visit_begun(visit),
        "start": start,
        "end": end,
    }


def _no_visit(search: str) -> dict[str, str]:
    if search:
        return {
            "title": _("No visit matches."),
            "text": _("Try a part of a name, a reference, or a day as 2026-11-24."),
            "url": reverse("reports:visits"),
            "link": _("All visits"),
        }
    return {
        "title": _("No visit is on record at your facilities."),
        "text": _("A visit appears here when its booking is approved."),
        "url": "",
        "link": "",
    }


def _marking(scope: ReportScope) -> dict[str, str]:
    note = _("Names and times of visits; each report bears the marking of what it shows")
    return {"label": scope.label, "colour": scope.colour, "tone": "u", "note": note}


def _list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    scope = report_scope(actor)
    search, which = request.GET.get("q", "").strip(), request.GET.get("which", "all")
    all_found = _matching(reports_visible(actor), search)
    labels = {
        "all": _("All"),
        ReportState.MADE.value: _("Made"),
        ReportState.REQUESTED.value: _("Being made"),
        ReportState.FAILED.value: _("Failed"),
    }
    which = which if which in labels else "all"
    tabs = [
        {
            "label": label,
            "count": _in_state(all_found, key).count(),
            "url": f"?which={key}",
            "current": key == which,
        }
        for key, label in labels.items()
    ]
    pages = Paginator(_in_state(all_found, which), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "tabs": tabs,
        "rows": [_row(report) for report in pages],
        "pages": pages,
        "search": search,
        "working": any(report.state == ReportState.REQUESTED for report in pages),
        "empty": _empty(search, which),
        "nav": _nav("list", actor),
        "marking": _marking(scope),
    }
    return render(request, "reports/list.html", context)


def _matching(found: QuerySet[Report], search: str) -> QuerySet[Report]:
    if not search:
        return found
    return found.filter(
        Q(reference__icontains=search)
        | Q(subject_reference__icontains=search)
        | Q(facility__name__icontains=search)
    )


def _in_state(found: QuerySet[Report], which: str) -> QuerySet[Report]:
    return found if which == "all" else found.filter(state=which)


def _row(report: Report) -> dict[str, Any]:
    shape, words = {
        ReportState.MADE: ("ok", _("Made")),
        ReportState.REQUESTED: ("wait", str(ReportStep(report.step).label)),
        ReportState.FAILED: ("stop", _("Failed")),
    }[ReportState(report.state)]
    return {
        "report": report,
        "shape": shape,
        "words": words,
        "url": reverse("reports:download", args=[report.pk]),
        "retry": reverse("reports:retry", args=[report.pk]),
        "verify": f"{reverse('reports:verify')}?code={report.code}",
    }


def _empty(search: str, which: str) -> dict[str, str]:
    if search or which != "all":
        return {
            "title": _("No report matches."),
            "text": _("Try another word, or look at all."),
            "url": reverse("reports:list"),
            "link": _("All reports"),
        }
    return {
        "title": _("No report was made yet."),
        "text": _("Choose a visit to make its record."),
        "url": reverse("reports:visits"),
        "link": _("Choose a visit"),
    }


def _grouped(digest: str) -> str:
    """A digest in groups of eight, as eyes compare it."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))


def _nav(here: str, actor: Actor) -> list[dict[str, Any]]:
    items = [("verify", _("Check a code"))]
    if may_report(actor):
        items = [("list", _("Reports")), ("visits", _("Make a report")), *items]
    return [
        {"url": reverse(f"reports:{name}"), "label": label, "current": name == here}
        for name, label in items
    ]
