"""A laptop at the desk: asked, handed out, taken back, as the guard does it."""

from scif.runtime.visit.checkin import DESK, GUARD, OK, strokes
from scif.runtime.visit.scene import Scene, expect
from terminals.models import Seal, Terminal
from terminals.rules.checklist import CHECKLIST


def at_desk(scene: Scene, terminal: Terminal, what: str, **fields: str) -> None:
    """One button of the laptop's page at the desk, which must be obeyed."""
    path = f"/desk/{DESK}/laptops/{terminal.pk}/"
    page = scene.person(GUARD).post(path, {"act": what, **fields})
    expect(page.status == OK, f"the desk does: {what}", page)


def put_away(scene: Scene, terminal: Terminal) -> None:
    """He takes it back, signs for it, inspects it and puts it into the store."""
    seals = seals_on(terminal)
    at_desk(scene, terminal, "return", seals=seals, signature=strokes(70))
    answers = {item.code: "yes" for item in CHECKLIST}
    at_desk(scene, terminal, "inspect", seals=seals, remarks="", **answers)
    at_desk(scene, terminal, "store")


def seals_on(terminal: Terminal) -> str:
    """The numbers that can be read on it, a line each."""
    numbers = Seal.objects.filter(terminal=terminal, removed_at=None)
    return "\n".join(numbers.values_list("number", flat=True))
