"""Steps without a booking: the rostered officer, the guard, and cards that nobody may use."""

from access.models import Presence
from scif.runtime.visit.play import Step
from scif.runtime.visit.scene import Scene, expect, wait_for


def unknown_card(scene: Scene) -> None:
    """A card that nobody issued is refused and recorded."""
    at = scene.present("ml", "M1R", "unknown", pin=None)
    decision = scene.decided("M1", at, "refused")
    expect(decision.person_id is None, "a read of nobody known", decision.person_id)


def rostered(scene: Scene) -> None:
    """Permanent staff enter by the roster and leave again."""
    at = scene.present("ml", "M1R", "S-11")
    decision = scene.decided("M1", at, "granted")
    expect(decision.basis == "roster", "entry by the roster", decision.basis)
    scene.walk_through("ml", "M1")
    wait_for(
        lambda: Presence.objects.filter(zone__code="ml-r", person=decision.person).exists(),
        "the officer is counted inside",
    )
    at = scene.present("ml", "M1X", "S-11", pin=None)
    scene.decided("M1", at, "granted")
    scene.walk_through("ml", "M1")
    wait_for(
        lambda: not Presence.objects.filter(zone__code="ml-r", person=decision.person).exists(),
        "the officer is counted out",
    )


STEPS = [
    Step("door", "An unknown card is refused at M1 and recorded", unknown_card),
    Step("door", "A rostered member of staff enters by M1 and leaves", rostered),
]
