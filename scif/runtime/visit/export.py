"""What the auditor takes along: an export through the airlock, checked by lab and facility."""

from hashlib import sha256

from scif.runtime.visit import airlock
from scif.runtime.visit.booking import LEAD, NOT_FOUND
from scif.runtime.visit.play import Step
from scif.runtime.visit.scene import Scene, expect
from terminals.models import EgressLedger
from terminals.services.airlock_vault import outbox

EXPORT = "export"


def found(scene: Scene) -> bytes:
    """What her job put out."""
    return bytes(scene.facts["findings"])


def sealed(scene: Scene) -> None:
    """What her job wrote lies in the engagement's outbox; she takes it up and seals it."""
    name = str(scene.facts["put_out"])
    engagement = scene.visit().booking.engagement
    scene.facts["findings"] = (outbox(engagement.reference) / name).read_bytes()
    airlock.begin(scene, EXPORT, "Findings of the visit")
    airlock.seal(scene, EXPORT, {"take": "1", "name": name}, None, "Chapter 1, table 1")


def not_by_herself(scene: Scene) -> None:
    """To its author the bytes and the verdict are not there."""
    page = scene.person(LEAD).get(f"/portal/airlock/{airlock.item(scene, EXPORT).pk}/review/")
    expect(page.status == NOT_FOUND, "its author does not check it", page.status)


def checked(scene: Scene) -> None:
    """The lab approves; that is not enough. The facility approves; it is ready."""
    airlock.check(scene, EXPORT, found(scene))


def released(scene: Scene) -> None:
    """It leaves, its bytes are debited, and she has in her hand what was sealed."""
    export = airlock.release(scene, EXPORT)
    debited = EgressLedger.objects.get(reference=export.reference)
    expect(debited.bytes == len(found(scene)), "its bytes are debited", debited.bytes)
    saved = scene.person(LEAD).get(f"/portal/airlock/{export.pk}/versions/{export.version_id}/")
    expect(saved.content == found(scene), "she saves what was sealed", saved.status)
    expect(
        export.version is not None and sha256(saved.content).hexdigest() == export.version.sha256,
        "its hash is the one that was approved",
    )


STEPS = [
    Step("export", "She seals what the harness has put out for her report", sealed),
    Step("export", "To her its bytes and the verdict are not there", not_by_herself),
    Step("export", "The lab approves, which is not enough; the facility approves", checked),
    Step("export", "It leaves, debited from the budget, the same to the last bit", released),
]
