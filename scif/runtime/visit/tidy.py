"""Before the visit: what an earlier performance left half-way is brought to its end.

A demonstration that was killed leaves a visitor at the desk or in the room. Her people finish it
as they would in life, so that the room is free and swept for the next one.
"""

from functools import partial

from django.db.models import QuerySet

from access.models import BadgeAssignment, LockerAssignment, Presence, Visit
from access.rules.states import VISIT_ENDED
from inspections.models import Sweep
from scif.facilities.models import Zone
from scif.runtime.visit.booking import OFFICER
from scif.runtime.visit.checkin import DESK, GUARD, attempt, badge_back, do, locker_of, strokes
from scif.runtime.visit.custody import put_away
from scif.runtime.visit.leaving import count_confirmed, is_certain, leave, sweep
from scif.runtime.visit.play import Step
from scif.runtime.visit.scene import Scene, wait_for
from terminals.models import TerminalCustody

MOST_STEPS = 12


def tidy(scene: Scene) -> None:
    """Bring every open visit to the enclave to its end, then sweep it if a sweep is due."""
    for visit in Visit.objects.filter(booking__area__code="ml-e").exclude(state__in=VISIT_ENDED):
        scene.facts["visit"] = str(visit.pk)
        for _ in range(MOST_STEPS):
            if scene.visit().state in VISIT_ENDED and not _outstanding(visit):
                break
            _one_step(scene, visit)
    for zone in Zone.objects.filter(area__facility__code=DESK):
        _count(scene, zone)
    if Sweep.objects.filter(area__code="ml-e", state="due").exists():
        sweep(scene)


def _count(scene: Scene, zone: Zone) -> None:
    """Nobody is in a room any more: the guard marks out who is listed, and confirms the count."""
    page = f"/desk/{DESK}/zones/{zone.code}/"
    for present in Presence.objects.filter(zone=zone):
        fields = {"person": str(present.person_id), "reason": "Seen outside", "mark_out": "1"}
        scene.person(GUARD).post(page, fields)
        listed = Presence.objects.filter(pk=present.pk)
        wait_for(partial(_is_empty, listed), f"{present.person} is marked out of {zone}")
    if not is_certain(zone):
        count_confirmed(scene, zone, "Two looked into every corner; nobody is inside")


def _is_empty(listed: QuerySet[Presence]) -> bool:
    return not listed.exists()


def _outstanding(visit: Visit) -> bool:
    return (
        BadgeAssignment.objects.filter(visit=visit, returned_at=None).exists()
        or LockerAssignment.objects.filter(visit=visit, released_at=None).exists()
    )


def _one_step(scene: Scene, visit: Visit) -> None:
    held = BadgeAssignment.objects.filter(visit=visit, returned_at=None).first()
    scene.facts["card"] = held.badge.code if held else ""
    match scene.visit().state:
        case "expected":
            scene.person(OFFICER).post(
                f"/api/v1/bookings/{visit.booking_id}/cancel/",
                {"reason": "The demonstration begins anew"},
            )
        case "inside" | "recalled":
            leave(scene)
        case "badged" | "outside" | "suspended":
            do(scene, "search", result="clear", items="", remarks="")
        case "arrived" | "identified" | "deposited":
            do(scene, "turn_away", reason="The demonstration begins anew")
        case "searched" | "turned_away":
            _give_back(scene, visit)
        case _:
            _laptop_back(scene, visit)
            do(scene, "complete")


def _laptop_back(scene: Scene, visit: Visit) -> None:
    held = TerminalCustody.objects.filter(visit=visit, ended_at=None).select_related("terminal")
    for custody in held:
        put_away(scene, custody.terminal)


def _give_back(scene: Scene, visit: Visit) -> None:
    _laptop_back(scene, visit)
    devices = scene.devices(DESK)
    if LockerAssignment.objects.filter(visit=visit, released_at=None).exists():
        attempt(scene, "locker_release")
    if LockerAssignment.objects.filter(visit=visit, released_at=None).exists():
        do(scene, "locker_open")
        wait_for(lambda: locker_of(scene).state == "emptying", "the locker opens")
        devices.ask("take", lock=locker_of(scene).locker.lock)
        devices.ask("shut", lock=locker_of(scene).locker.lock)
        wait_for(lambda: locker_of(scene).shut_confirmed_at, "two reads say that it is shut")
        do(scene, "return_sign", visitor=strokes(64), guard=strokes(72))
    if scene.facts["card"]:
        badge_back(scene)
    attempt(scene, "complete")


STEPS = [Step("before", "What an earlier performance left open is finished", tidy)]
