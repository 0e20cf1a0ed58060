"""Steps without a booking: the rostered officer, the guard, and cards that nobody may use."""

from access.models import Presence
from scif.console.demo.published import STAFF_PIN
from scif.runtime.visit.play import Step
from scif.runtime.visit.scene import Scene, expect, wait_for


def unknown_card(scene: Scene) -> None:
    """A card that nobody issued is refused and recorded."""
    at = scene.present("ml", "M1R", "unknown", pin=None)
    decision = scene.decided("M1", at, "refused")
    expect(decision.person_id is None, "a read of nobody known", decision.person_id)


def rostered(scene: Scene) -> None:
    """Permanent staff enter by the roster, two together as the enclave asks, and leave again."""
    two = scene.enter_two("ml", "M2", "M2R", ("S-11", STAFF_PIN), ("S-12", STAFF_PIN))
    bases = {decision.basis for decision in two}
    expect(bases == {"roster"}, "entry by the roster", bases)
    people = [decision.person_id for decision in two]
    inside = Presence.objects.filter(zone__code="ml-e", person__in=people)
    wait_for(lambda: inside.count() == len(people), "both are counted inside")
    scene.leave_two("ml", "M2", "M2X", "S-11", "S-12")
    wait_for(lambda: not inside.exists(), "both are counted out")


def refused_for(scene: Scene, portal: str, reader: str, card: str, code: str) -> None:
    """A card and the right PIN are refused, for this reason and in these words only."""
    at = scene.present("b7", reader, card)
    decision = scene.decided(portal, at, "refused")
    codes = {each["code"] for each in decision.objections}
    expect(code in codes, f"refused for {code}", codes)
    wait_for(
        lambda: scene.reader_shows("b7", reader) == "Please see the guard",
        "the reader says: Please see the guard, and no more",
    )


def clearance_too_low(scene: Scene) -> None:
    """A guard on duty is cleared for room A, not for room B."""
    refused_for(scene, "D4", "R4", "G-04", "clearance_too_low")


def not_read_in(scene: Scene) -> None:
    """A member of staff is cleared for room B, but not read into its compartment."""
    refused_for(scene, "D4", "R4", "S-02", "not_read_in")


def guard_enters(scene: Scene) -> None:
    """The guard on duty enters room A without any booking."""
    at = scene.present("b7", "R3", "G-04")
    decision = scene.decided("D3", at, "granted")
    expect(decision.basis == "duty", "entry on duty", decision.basis)
    scene.walk_through("b7", "D3")
    at = scene.present("b7", "R3X", "G-04", pin=None)
    scene.decided("D3", at, "granted")
    scene.walk_through("b7", "D3")


STEPS = [
    Step("door", "An unknown card is refused at M1 and recorded", unknown_card),
    Step("door", "A guard on duty enters room A and leaves", guard_enters),
    Step("door", "The guard's clearance is too low for room B", clearance_too_low),
    Step("door", "Staff cleared but not read in are refused at room B", not_read_in),
    Step("door", "Two of the staff enter the enclave together by M2 and leave", rostered),
]
