"""The bench: the page, its poll, and what is done there. Demonstration settings only."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from hardware.models import Device, Gateway
from scif.console.bench.acts import act_do, gateway_do
from scif.console.bench.picture import at
from scif.console.bench.screen import Asked, Screen, local_zone, screen_of
from scif.console.bench.world import VIEW, facility_of, facility_to_act, world_of
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from scif.people.access import facilities_with, visible
from scif.people.actors import actor_of

MOST_DIGITS = 12
MOST_SOUGHT = 60
View = Callable[..., HttpResponse]


def bench_page(view: View) -> View:
    """For signed-in users, and only where there are virtual devices.

    INVARIANT: without `settings.SIMULATORS` nothing here answers, whatever the addresses say.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.SIMULATORS:
            raise Http404
        return login_required(never_cache(view))(request, *args, **kwargs)

    return guarded


@bench_page
@require_GET
def bench_first(request: HttpRequest) -> HttpResponse:
    """Go to the first facility whose devices the user may see."""
    facility = facilities_with(actor_of(request), VIEW).order_by("code").first()
    if facility is None:
        raise Http404
    return redirect("bench", facility=facility.code)


@bench_page
@require_GET
def bench(request: HttpRequest, facility: str) -> HttpResponse:
    """The whole page."""
    screen = _screen(request, facility, request.GET)
    context = {
        "place": screen.world.facility.name,
        "marking": screen.world.facility.marking,
        "screen": screen,
        "regions": screen.wrapped(),
        "zone": local_zone(screen.world),
    }
    return render(request, "bench/bench.html", context)


@bench_page
@require_GET
def bench_state(request: HttpRequest, facility: str) -> HttpResponse:
    """What has changed since the page last asked, as out-of-band swaps."""
    screen = _screen(request, facility, request.GET)
    context = {
        "screen": screen,
        "changed": screen.changed(request.GET.getlist("seen")),
        "zone": local_zone(screen.world),
    }
    return render(request, "bench/state.html", context)


@bench_page
@require_POST
def bench_act(request: HttpRequest, facility: str) -> HttpResponse:
    """Do one thing at one virtual device, and say what came of it."""
    actor = actor_of(request)
    place = facility_to_act(facility, actor)
    told = request.POST
    code = told.get("at", "")
    try:
        said, good = _done(place, actor, code, told), True
    except Refused as error:
        said, good = error.message, False
    if request.headers.get("HX-Request"):
        context = {"said": said, "good": good, "oob": True}
        response = render(request, "bench/answer.html", context)
        response["HX-Trigger"] = "bench"
        return response
    (messages.success if good else messages.error)(request, said)
    return HttpResponseRedirect(at(reverse("bench", args=[facility]), code))


def _done(place: Facility, actor: Actor, code: str, told: QueryDict) -> str:
    """Do it at the device, or the gateway, of that code; raises DoesNotExist, Refused, Http404."""
    if "\0" in code:
        raise Http404  # the database knows no such text
    gateways = visible(Gateway.objects.filter(facility=place), actor, VIEW)
    if gateway := gateways.filter(code=code).first():
        return gateway_do(gateway, told.get("act", ""))
    devices = visible(
        Device.objects.filter(bus__gateway__facility=place, retired_at=None), actor, VIEW
    )
    device = devices.select_related("bus__gateway", "portal").get(code=code)
    digits, lock = told.get("digits", "")[:MOST_DIGITS], told.get("lock", "")
    return act_do(device, told.get("act", ""), digits=digits, lock=lock)


def _screen(request: HttpRequest, code: str, asked: QueryDict) -> Screen:
    actor = actor_of(request)
    facility = facility_of(code, actor)
    return screen_of(
        world_of(facility, actor),
        Asked(
            actor=actor,
            path=reverse("bench", args=[facility.code]),
            at=asked.get("at", ""),
            lock=_number(asked.get("lock", "0")),
            find=asked.get("find", "")[:MOST_SOUGHT],
            since=_pairs(asked.getlist("since")),
            event=_number(asked.get("event", "0")),
            took={_number(key): value for key, value in _pairs(asked.getlist("took")).items()},
        ),
    )


def _pairs(values: Iterable[str]) -> dict[str, int]:
    """``name:number`` of the page's own marks; what is not a number counts as none."""
    parted = (value.rpartition(":") for value in values)
    return {name: _number(number) for name, _colon, number in parted}


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else 0
