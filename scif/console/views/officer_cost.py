"""What a room costs: the form of a scenario at the left, the comparison at the right."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from access.models import CostScenario
from access.rules.cost import Measure, MeasuredUse
from access.selectors.cost import VIEW, figures_of, may_change, scenarios, scenarios_of
from access.selectors.cost_measured import measured_use
from access.services.cost import FigureRefused, cost_scenario_change, cost_scenarios_start
from access.services.cost_report import cost_report_make
from scif.console.forms.cost import CostForm
from scif.console.selectors.cost_page import SWINGS, cost_figures
from scif.console.selectors.cost_use import (
    PERIODS,
    measured_figures,
    measured_rows,
    period_words,
    visit_words,
)
from scif.facilities.models import Facility
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.access import facilities_with
from scif.people.actors import actor_of
from scif.reporting.kit.sheet import Paper

CONFLICT, INVALID = 409, 422


def places(request: HttpRequest) -> HttpResponse:
    """The reader's facilities; who has one goes on to it."""
    found = list(facilities_with(actor_of(request), VIEW).order_by("name"))
    if len(found) == 1:
        return redirect("admin:cost_place", found[0].pk)
    context = {**admin.site.each_context(request), "title": _("Cost of a room"), "places": found}
    return TemplateResponse(request, "admin/cost_places.html", context)


def place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A facility's comparison; by POST it is begun, or asked for as a report."""
    actor = actor_of(request)
    facility = facilities_with(actor, VIEW).get(pk=pk)
    if request.method != "POST":
        return _page(request, facility)
    if request.POST.get("step") == "report":
        return _report(request, facility)
    try:
        begun = cost_scenarios_start(facility_id=pk, actor=actor)
    except Refused as error:
        return _page(request, facility, status=CONFLICT, refused=error)
    messages.success(request, _("Begun and journaled."))
    return redirect("admin:cost", begun[0].pk)


def _report(request: HttpRequest, facility: Facility) -> HttpResponse:
    """Ask for the comparison as a signed PDF; the list of reports says how far it is."""
    paper = Paper.LETTER if request.POST.get("paper") == Paper.LETTER else Paper.A4
    try:
        report = cost_report_make(facility_id=facility.pk, actor=actor_of(request), paper=paper)
    except Refused as error:
        return _page(request, facility, status=CONFLICT, refused=error)
    messages.success(request, _("Report %(what)s is being made.") % {"what": report})
    return redirect("reports:list")


def scenario(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One scenario: its figures to be tried, and saved; by GET as it is, or filled as measured."""
    actor = actor_of(request)
    found = scenarios(actor).get(pk=pk)
    if request.method != "POST":
        return _page(request, found.facility, found)
    form = CostForm(request.POST, scenario=found, figures=figures_of(found))
    # A page that asks as one types wants the figures alone, whatever they are, and saves nothing.
    typing = "HX-Request" in request.headers
    if not form.is_valid():
        return _page(request, found.facility, found, form, status=200 if typing else INVALID)
    if typing or request.POST.get("step") != "save":
        return _page(request, found.facility, found, form)
    try:
        saved = cost_scenario_change(
            scenario_id=pk,
            version=form.cleaned_data["version"],
            name=form.cleaned_data["name"],
            figures=form.figures,
            actor=actor,
        )
    except FigureRefused as error:
        form.add_error(f"value_{error.key}", error.message)
        return _page(request, found.facility, found, form, status=INVALID)
    except Refused as error:
        return _page(request, found.facility, found, form, status=CONFLICT, refused=error)
    messages.success(request, _("Saved and journaled: %(what)s") % {"what": saved})
    return redirect("admin:cost", pk)


def _page(
    request: HttpRequest,
    facility: Facility,
    current: CostScenario | None = None,
    form: CostForm | None = None,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    today = now().astimezone(ZoneInfo(facility.time_zone)).date()
    asked = request.POST if request.method == "POST" else request.GET
    days = _chosen(asked.get("days"), PERIODS, PERIODS[1])
    swing = _chosen(asked.get("swing"), SWINGS, SWINGS[1])
    measure = Measure.FACILITY if asked.get("of") == Measure.FACILITY else Measure.TOTAL
    use = measured_use(facility, days=days, today=today)
    figures = None
    if current is not None:
        figures = figures_of(current)
        if form is None:
            filled = use is not None and "fill" in request.GET
            if use is not None and filled:
                figures = {**figures, **measured_figures(use, today=today)}
            form = CostForm(scenario=current, figures=figures)
            more["unsaved"] = filled
        elif form.is_valid():
            figures = form.figures
            more["unsaved"] = figures != figures_of(current)
        else:
            figures = None
    listed = scenarios_of(facility)
    context = {
        **admin.site.each_context(request),
        "title": _("Cost of a room"),
        "facility": facility,
        "listed": listed,
        "current": current,
        "form": form,
        "may_change": may_change(facility, actor_of(request)),
        "measured": _measured(use),
        "periods": PERIODS,
        "days": days,
        "swings": SWINGS,
        "swing": swing,
        "measure": measure.value,
        "figures": cost_figures(
            facility, listed, current=current, figures=figures, swing=swing, measure=measure
        ),
        "broken": form is not None and form.is_bound and not form.is_valid(),
        "papers": [paper.value for paper in Paper],
        "address": reverse("admin:cost", args=[current.pk]) if current else request.path,
        **more,
    }
    return TemplateResponse(request, "admin/cost.html", context, status=status)


def _measured(use: MeasuredUse | None) -> dict[str, Any] | None:
    if use is None:
        return None
    return {"period": period_words(use), "visits": visit_words(use), "rows": measured_rows(use)}


def _chosen(asked: str | None, offered: tuple[int, ...], usual: int) -> int:
    """The one of the offered numbers that was asked for."""
    return next((each for each in offered if str(each) == asked), usual)
