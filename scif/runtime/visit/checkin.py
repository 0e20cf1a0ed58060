"""At the guard's desk: identity, belongings into a locker, signatures, badge, PIN."""

import json
import re
from uuid import UUID

from access.models import Badge, LockerAssignment, Visit
from hardware.models import Command
from scif.alarms.models import Alarm
from scif.console.demo.published import STAFF_PIN
from scif.runtime.libraries import NFC
from scif.runtime.visit.play import Step
from scif.runtime.visit.scene import Scene, expect, wait_for
from scif.runtime.visit.session import Page

GUARD = "e.hughes"
DESK = "ml"
READER_BUS = "ml-desk"
HOST = "S-11"  # the badge of the member of staff who is beside her in the enclave
OK, CONFLICT = 200, 409
PIN_PATTERN = re.compile(r'class="pin"[^>]*>\s*(\d{4,12})\s*<')


def strokes(height: int) -> str:
    """A signature as the pad writes it."""
    wave = [[10 + 8 * x, height + (7 * x) % 23] for x in range(28)]
    return json.dumps({"kind": "drawn", "width": 260, "height": 140, "strokes": [wave]})


def do(scene: Scene, act: str, **fields: str) -> Page:
    """One button of the visit's page at the desk, which must be obeyed."""
    page = attempt(scene, act, **fields)
    expect(page.status == OK, f"the desk does: {act}", _refusal(page))
    return page


def attempt(scene: Scene, act: str, **fields: str) -> Page:
    """One button of the visit's page at the desk, obeyed or not."""
    path = f"/desk/{DESK}/visits/{scene.facts['visit']}/"
    return scene.person(GUARD).post(path, {act: "1", **fields})


def _refusal(page: Page) -> str:
    """What the page says beside the control, else what it says at all."""
    said = re.search(r'role="alert".*?</', page.text, re.DOTALL)
    return re.sub(r"<[^>]*>?", " ", said[0]) if said else page.words[-400:]


def reaches(scene: Scene, state: str) -> Visit:
    """Wait until the visit is in a state."""
    return wait_for(
        lambda: visit if (visit := scene.visit()).state == state else None,
        f"the visit is {state.replace('_', ' ')}",
    )


def locker_of(scene: Scene) -> LockerAssignment:
    """The locker that the visit holds."""
    return LockerAssignment.objects.select_related("locker").get(
        visit_id=UUID(str(scene.facts["visit"])), released_at=None
    )


def locker_reaches(scene: Scene, state: str) -> None:
    """Wait until the board has said so."""
    wait_for(lambda: locker_of(scene).state == state, f"the locker is {state}")


def arrive(scene: Scene) -> None:
    """The visitor stands at the desk; her document is checked."""
    do(scene, "arrive")
    reaches(scene, "arrived")
    do(scene, "identify", document="passport", last_characters="7741", photo_matches="yes")
    reaches(scene, "identified")


def badge_before_deposit(scene: Scene) -> None:
    """With the phone in her pocket no badge is to be had, and the page says why."""
    page = attempt(scene, "badge")
    expect(page.status == CONFLICT, "no badge before the deposit", page)
    expect("deposit" in page.words.lower(), "the guard is told what to do", page)


def jammed_locker(scene: Scene) -> None:
    """The first locker is jammed: another one is taken; the guard frees it and closes the alarm."""
    do(scene, "locker")
    jammed = locker_of(scene).locker
    devices = scene.devices(DESK)
    devices.ask("jam", lock=jammed.lock)
    do(scene, "locker_open")
    locker_reaches(scene, "jammed")
    do(scene, "locker_release")
    do(scene, "locker")
    expect(locker_of(scene).locker != jammed, "another locker is given", jammed)
    devices.ask("free", lock=jammed.lock)
    alarm = Alarm.objects.get(kind="locker_jammed", subject=str(jammed), closed_at=None)
    page = f"/desk/{DESK}/alarms/{alarm.pk}/"
    scene.person(GUARD).post(page, {"acknowledge": "1"})
    scene.person(GUARD).post(page, {"note": "A strap in the hinge; the door runs free again."})
    alarm.refresh_from_db()
    expect(alarm.closed_at, "the alarm is closed and the locker is of use again")


def deposit(scene: Scene) -> None:
    """Phone and keys into the locker, its door confirmed shut by two reads, both sign."""
    for kind, mark in (("Phone, Pixel 8", "7FA2 91"), ("Keys, wallet", "2 items")):
        do(scene, "item_add", kind=kind, mark=mark)
    do(scene, "locker_open")
    wait_for(lambda: locker_of(scene).opened_at, "the locker stands open")
    devices, lock = scene.devices(DESK), locker_of(scene).locker.lock
    devices.ask("put", lock=lock)
    devices.ask("shut", lock=lock)
    locker_reaches(scene, "shut")
    do(scene, "deposit_sign", visitor=strokes(60), guard=strokes(75))
    reaches(scene, "deposited")


def badge(scene: Scene) -> None:
    """A blank card is laid on the desk reader; the gateway writes a number that only it knows.

    Without libnfc no desk reader answers: then a badge of the drawer is given.
    """
    encodes = NFC.present()
    state = "blank" if encodes else "encoded"
    card = Badge.objects.filter(facility__code=DESK, kind="visitor", state=state).first()
    expect(card, f"a badge is free ({state})")
    assert card is not None  # expect has raised otherwise
    scene.facts["card"] = card.code
    if encodes:
        scene.devices(DESK).ask("place", bus=READER_BUS, card=card.code)
        do(scene, "badge", badge_id=str(card.pk))
        wait_for(lambda: Badge.objects.get(pk=card.pk).number_sha256, "the card has its number")
        scene.devices(DESK).ask("remove", bus=READER_BUS)
    else:
        do(scene, "badge_prepared", badge_id=str(card.pk))
    page = do(scene, "pin")
    shown = PIN_PATTERN.search(page.text)
    expect(shown, "the PIN is shown once", page)
    scene.facts["pin"] = shown[1] if shown else ""
    reaches(scene, "badged")
    again = scene.person(GUARD).get(f"/desk/{DESK}/visits/{scene.facts['visit']}/")
    expect(scene.facts["pin"] not in again.text, "the PIN is not shown again", again)


def badge_back(scene: Scene) -> None:
    """The badge is given back; its card lies on the reader until its number is erased."""
    if not NFC.present():
        do(scene, "badge_return")
        return
    scene.devices(DESK).ask("place", bus=READER_BUS, card=scene.facts["card"])
    do(scene, "badge_return")
    wait_for(
        lambda: Badge.objects.get(code=scene.facts["card"]).state == "blank", "the card is blank"
    )
    scene.devices(DESK).ask("remove", bus=READER_BUS)


def enter(scene: Scene) -> None:
    """Badge and PIN at M2, then her host's: the gateway decides, the strike opens once for both."""
    own = (scene.facts["card"], scene.facts["pin"])
    bases = {each.basis for each in scene.enter_two(DESK, "M2", "M2R", own, (HOST, STAFF_PIN))}
    expect(bases == {"visit", "roster"}, "entry on the visit, and by the roster", bases)
    reaches(scene, "inside")


def unlock_in_words(scene: Scene) -> None:
    """No command of the demonstration was left without an answer."""
    unmet = ["refused", "failed", "unconfirmed"]
    open_orders = Command.objects.filter(state__in=unmet, issued_at__gte=scene.begun)
    jams = open_orders.filter(verb="locker_open", reason__contains="jam")
    others = open_orders.exclude(pk__in=jams.values("pk"))
    expect(not others.exists(), "every order was confirmed", others.first())


AT_DESK = [
    Step("check-in", "She arrives; the guard checks her passport", arrive),
    Step("check-in", "No badge while the phone is not deposited", badge_before_deposit),
    Step("locker", "The first locker is jammed; another is given, the jam cleared", jammed_locker),
    Step("locker", "Phone and keys in, confirmed shut by two reads, both sign", deposit),
    Step("check-in", "Her badge is issued; a PIN is shown once", badge),
]
AT_DOOR = [
    Step("door", "Badge and PIN at M2: she enters the weight enclave with her host", enter),
    Step("door", "Every order to lockers and cards was confirmed", unlock_in_words),
]
