"""Inside and out: a cable pulled in mid-visit, the exit search, belongings back, the sweep."""

from access.models import AccessDecision, Presence
from hardware.models import DeviceState, GatewayStatus
from inspections.models import Sweep
from scif.alarms.models import Alarm
from scif.console.demo.published import STAFF_PIN
from scif.facilities.models import Zone
from scif.people.models import Person
from scif.runtime.visit.checkin import (
    DESK,
    GUARD,
    HOST,
    badge_back,
    do,
    locker_of,
    locker_reaches,
    reaches,
    strokes,
)
from scif.runtime.visit.play import Step
from scif.runtime.visit.scene import Scene, expect, wait_for

SWEEPER = "s.bianchi"


def cable_pulled(scene: Scene) -> None:
    """The reader's cable is pulled and put back: an alarm, no release, and it is secure again.

    Nobody heard the door meanwhile, and people are inside: their count is in doubt.
    """
    devices = scene.devices(DESK)
    devices.ask("unplug", reader="M2R")
    state = DeviceState.objects.filter(device__code="M2R")
    wait_for(lambda: state.filter(online=False).exists(), "the desk sees that M2R is silent")
    expect(devices_locked(scene), "M2 stays locked without its reader")
    devices.ask("replug", reader="M2R")
    wait_for(lambda: state.filter(online=True, secure=True).exists(), "M2R is secure again")
    zone = Zone.objects.get(portals__code="M2")
    wait_for(lambda: not is_certain(zone), f"the count of {zone} is in doubt")


def counted(scene: Scene) -> None:
    """Until the guard has counted, the room takes in nobody more."""
    zone = Zone.objects.get(portals__code="M2")
    count_confirmed(scene, zone, "Both are at the table; nobody else is inside")


def count_confirmed(scene: Scene, zone: Zone, counted: str) -> None:
    """The guard has counted, and the list is right."""
    fields = {"counted": counted, "count": "1"}
    scene.person(GUARD).post(f"/desk/{DESK}/zones/{zone.code}/", fields)
    wait_for(lambda: is_certain(zone), f"the count of {zone} is certain again")


def is_certain(zone: Zone) -> bool:
    """Whether the count is, by the gateway's last report."""
    status = GatewayStatus.objects.filter(gateway=DESK).first()
    told = (status.state.get("zones") or {}).get(zone.code, {}) if status else {}
    return told.get("certain") is not False


def devices_locked(scene: Scene) -> bool:
    """Whether the strike of M2 holds."""
    buses = scene.devices(DESK).ask("state")["state"]
    doors = next(bus["doors"] for bus in buses.values() if "M2" in bus.get("doors", {}))
    return bool(doors["M2"]["locked"])


def left_alone(scene: Scene) -> None:
    """Her host steps out: nobody holds him, the desk is told who is alone, and he comes back."""
    visitor = scene.visit().person
    before = Alarm.objects.filter(kind="two_person_broken", closed_at=None).first()
    count = before.count if before else 0
    at = scene.present(DESK, "M2X", HOST, pin=None)
    out = scene.decided("M2", at, "granted")
    expect("two_person_broken" in out.obligations, "the open item is noted", out.obligations)
    scene.walk_through(DESK, "M2")
    alarm = wait_for(
        lambda: Alarm.objects.filter(
            kind="two_person_broken", closed_at=None, count__gt=count
        ).first(),
        "an alarm that somebody is alone in the enclave",
    )
    expect(str(visitor) in alarm.message, "it names who is alone", alarm.message)
    at = scene.present(DESK, "M2R", HOST, STAFF_PIN)
    scene.decided("M2", at, "granted")
    scene.walk_through(DESK, "M2")
    inside = Presence.objects.filter(zone__code="ml-e")
    wait_for(lambda: inside.count() > 1, "the two are two again")


def leave(scene: Scene) -> None:
    """The way out needs no PIN and is never refused."""
    scene.leave_two(DESK, "M2", "M2X", scene.facts["card"], HOST)
    reaches(scene, "outside")
    wait_for(lambda: not Presence.objects.filter(zone__code="ml-e").exists(), "nobody is inside")


def search(scene: Scene) -> None:
    """The guard searches and records it."""
    do(scene, "search", result="clear", items="", remarks="")
    reaches(scene, "searched")


def belongings_back(scene: Scene) -> None:
    """The locker opens again, is emptied and shut; both sign; the badge is given back."""
    do(scene, "locker_open")
    locker_reaches(scene, "emptying")
    devices, lock = scene.devices(DESK), locker_of(scene).locker.lock
    devices.ask("take", lock=lock)
    devices.ask("shut", lock=lock)
    wait_for(lambda: locker_of(scene).shut_confirmed_at, "two reads say that it is shut")
    do(scene, "return_sign", visitor=strokes(64), guard=strokes(72))
    badge_back(scene)
    reaches(scene, "returned")
    do(scene, "complete")
    reaches(scene, "complete")


def returned_badge_is_dead(scene: Scene) -> None:
    """The badge that was given back opens nothing any more."""
    at = scene.present(DESK, "M2R", scene.facts["card"], scene.facts["pin"])
    scene.decided("M2", at, "refused")


def not_swept(scene: Scene) -> None:
    """Until the room is swept its own staff stay out."""
    at = scene.present(DESK, "M2R", "S-11")
    decision: AccessDecision = scene.decided("M2", at, "refused")
    codes = {each["code"] for each in decision.objections}
    expect(codes == {"not_swept"}, "refused for the sweep alone", codes)


def sweep(scene: Scene) -> None:
    """Two people sweep the room and find nothing; then staff enter again."""
    due = Sweep.objects.get(area__code="ml-e", state="due")
    two = scene.enter_two(DESK, "M2", "M2R", ("G-22", STAFF_PIN), ("G-21", STAFF_PIN))
    bases = {decision.basis for decision in two}
    expect(bases == {"duty"}, "sweepers enter on duty", bases)
    second = Person.objects.get(user__username=GUARD)
    page = f"/desk/{DESK}/sweeps/{due.pk}/"
    scene.person(SWEEPER).post(page, {"start": "1", "second": str(second.pk)})
    scene.person(SWEEPER).post(
        page, {"finish": "1", "result": "pass", "items": "", "seals": "7714-201\n7714-202"}
    )
    due.refresh_from_db()
    expect(due.state == "passed", "the sweep has passed", due.state)
    scene.leave_two(DESK, "M2", "M2X", "G-22", "G-21")
    scene.enter_two(DESK, "M2", "M2R", ("S-11", STAFF_PIN), ("S-12", STAFF_PIN))
    scene.leave_two(DESK, "M2", "M2X", "S-11", "S-12")


DOUBT = [
    Step("door", "The reader's cable is pulled in mid-visit and put back", cable_pulled),
]
COUNTED = [Step("door", "The guard counts who is inside", counted)]
ALONE = [
    Step("door", "Her host steps out: an alarm says who is alone; he comes back", left_alone),
]
OUT = [Step("search", "She leaves by M2, without being asked for anything", leave)]
AFTER = [
    Step("search", "The guard searches her and records it", search),
    Step("search", "Locker emptied and signed back, badge returned", belongings_back),
    Step("search", "The returned badge opens nothing", returned_badge_is_dead),
    Step("sweep", "The room's own staff stay out until it is swept", not_swept),
    Step("sweep", "Two sweep the room; staff enter again", sweep),
]
