"""The machine room of the bench: faults of processes and places. Demonstration settings only."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST

from scif.console.bench import cards
from scif.console.bench.faults import fault_do, faults_of
from scif.console.bench.machines import machines
from scif.console.bench.screen import region, region_mark
from scif.console.bench.world import facility_of, facility_to_act, world_of
from scif.console.views.bench import bench_page
from scif.kernel.errors import Refused
from scif.people.actors import actor_of

REGION = "machines"


@bench_page
@require_GET
def bench_machines(request: HttpRequest, facility: str) -> HttpResponse:
    """The page; for its own poll what stands on it, if that has changed."""
    actor = actor_of(request)
    place = facility_of(facility, actor)
    room = machines()
    rows = {
        "facility": place,
        "supervised": room is not None,
        "faults": faults_of(world_of(place, actor), room),
    }
    drawn = SafeString(render_to_string("bench/part_machines.html", rows))
    if request.headers.get("HX-Request"):
        if region_mark(REGION, drawn) in request.GET.getlist("seen"):
            return HttpResponse(status=204)
        return HttpResponse(region(REGION, drawn, oob=True))
    context = {
        "facility": place,
        "place": place.name,
        "marking": place.marking,
        "region": region(REGION, drawn, oob=False),
    }
    return render(request, "bench/machines.html", context)


@bench_page
@require_POST
def bench_machines_act(request: HttpRequest, facility: str) -> HttpResponse:
    """Play one fault, and say what came of it."""
    actor = actor_of(request)
    place = facility_to_act(facility, actor)
    held = (label.name for label in cards.labels(place, actor) if label.held)
    try:
        world, act = world_of(place, actor), request.POST.get("act", "")
        said, good = fault_do(world, act, actor, card=next(held, "")), True
    except Refused as error:
        said, good = " ".join(filter(None, [error.message, error.remedy])), False
    if request.headers.get("HX-Request"):
        context = {"said": said, "good": good, "oob": True, "shown": True}
        response = render(request, "bench/answer.html", context)
        response["HX-Trigger"] = "bench"
        return response
    (messages.success if good else messages.error)(request, said)
    return HttpResponseRedirect(reverse("bench-machines", args=[facility]))
