"""A colleague who is checked in long before his hour: the door says no, in words for each."""

from datetime import timedelta

from access.models import AccessDecision, Presence, Visit
from scif.console.demo.published import PASSWORD
from scif.people.models import Person
from scif.runtime.visit.booking import NOT_FOUND, OFFICER, ask, booked
from scif.runtime.visit.checkin import DESK, GUARD, badge, badge_back, do, reaches
from scif.runtime.visit.play import Step
from scif.runtime.visit.scene import SECOND, Scene, expect, wait_for

COLLEAGUE = "y.demir"
AHEAD = timedelta(minutes=50)


def check_in_early(scene: Scene) -> None:
    """He books for later, is approved, comes early and carries nothing."""
    booking = booked(ask(scene, COLLEAGUE, "Audit of the H-4 weights", "ml-e", AHEAD))
    page = scene.person(OFFICER).post(f"/api/v1/bookings/{booking.pk}/approve/", {})
    expect(page.status == 200, "the officer approves", page)
    scene.facts["visit"] = str(Visit.objects.get(booking=booking).pk)
    do(scene, "arrive")
    do(scene, "identify", document="passport", last_characters="0417", photo_matches="yes")
    do(scene, "none")
    reaches(scene, "deposited")
    badge(scene)


def door_before_hour(scene: Scene) -> None:
    """His badge and PIN are right, and it is not his hour yet."""
    at = scene.present(DESK, "M2R", scene.facts["card"], scene.facts["pin"])
    decision: AccessDecision = scene.decided("M2", at, "refused")
    objections = {each["code"]: each for each in decision.objections}
    expect(set(objections) == {"before_window"}, "refused for the hour alone", set(objections))
    said = objections["before_window"]
    expect(said["guard"] != said["message"], "the guard's words differ from the officer's", said)
    wait_for(
        lambda: scene.reader_shows(DESK, "M2R") == "Please see the guard",
        "the reader says: Please see the guard",
    )
    own = scene.person(COLLEAGUE).get("/admin/")
    expect("before_window" not in own.text and PASSWORD not in own.text, "no more for him", own)


def sent_home(scene: Scene) -> None:
    """He goes through the same way out and comes back another time."""
    do(scene, "search", result="clear", items="", remarks="Came too early")
    reaches(scene, "searched")
    badge_back(scene)
    reaches(scene, "returned")
    do(scene, "complete")
    reaches(scene, "complete")


def unlocked_by_guard(scene: Scene) -> None:
    """The guard lets a named member of staff in beside one who waits: a signed order, decided like
    a badge; for somebody without a ground to enter there is nothing to choose.
    """
    staff = Person.objects.get(name="Nadia Khan")
    page = f"/desk/{DESK}/doors/M2/"
    stranger = Person.objects.get(name="Quirin Brandt")
    refused = scene.person(GUARD).post(page, {"person": str(stranger.pk)})
    expect(refused.status == 422, "nobody without a ground can be named", refused.status)
    scene.present(DESK, "M2R", "S-12")
    wait_for(lambda: scene.reader_shows(DESK, "M2R") == SECOND, "the first of two waits at M2")
    scene.person(GUARD).post(page, {"person": str(staff.pk)})
    scene.walk_through(DESK, "M2")
    inside = Presence.objects.filter(zone__code="ml-e", person=staff)
    wait_for(inside.exists, "she is counted inside by name")
    scene.leave_two(DESK, "M2", "M2X", "S-11", "S-12")
    wait_for(lambda: not inside.exists(), "she is out again")
    other = scene.person("m.okafor").get(page)
    expect(other.status == NOT_FOUND, "another facility's guard finds no such door", other.status)


STEPS = [
    Step("check-in", "A colleague is checked in fifty minutes before his hour", check_in_early),
    Step("door", "Before his hour the door refuses him, in words for each", door_before_hour),
    Step("search", "He goes out by the same way and is sent home", sent_home),
    Step("door", "The guard lets a named person in by a signed order", unlocked_by_guard),
]
