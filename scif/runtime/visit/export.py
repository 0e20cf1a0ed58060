"""What the auditor takes along: an export through the airlock, checked by lab and facility."""

import re
from hashlib import sha256
from uuid import UUID

from access.models import Engagement
from scif.runtime.visit.booking import LEAD, NOT_FOUND, OFFICER
from scif.runtime.visit.play import Step
from scif.runtime.visit.scene import Scene, Unexpected, expect
from terminals.models import AirlockItem, EgressLedger
from terminals.services.airlock_vault import outbox


def item(scene: Scene) -> AirlockItem:
    """The export as it stands now."""
    export = AirlockItem.objects.select_related("version").get(pk=scene.facts["export"])
    expect(export.version is not None, "it has its bytes")
    return export


def found(scene: Scene) -> bytes:
    """What her job put out."""
    return bytes(scene.facts["findings"])


def sealed(scene: Scene) -> None:
    """What her job wrote lies in the engagement's outbox; she takes it up and seals it."""
    engagement: Engagement = scene.visit().booking.engagement
    name = str(scene.facts["put_out"])
    scene.facts["findings"] = (outbox(engagement.reference) / name).read_bytes()
    session = scene.person(LEAD)
    begun = {"engagement": str(engagement.pk), "title": "Findings of the visit"}
    page = session.post("/portal/airlock/new/export/", begun)
    matched = re.search(r"/portal/airlock/([0-9a-f-]{36})/", page.url)
    if matched is None:
        raise Unexpected(f"expected: the export's page; came: {page.url}")
    scene.facts["export"] = UUID(matched[1])
    for fields in ({"take": "1", "name": name}, {"seal": "1", "context": "Chapter 1, table 1"}):
        page = session.post(matched[0], fields)
        expect(page.status == 200, "the export goes on", page)
    expect(item(scene).state == "sealed", "it waits for its checkers", item(scene).state)


def not_by_herself(scene: Scene) -> None:
    """To its author the bytes and the verdict are not there."""
    page = scene.person(LEAD).get(f"/portal/airlock/{item(scene).pk}/review/")
    expect(page.status == NOT_FOUND, "its author does not check it", page.status)


def approve(scene: Scene, login: str) -> None:
    """Read what stands there, and approve these bytes."""
    session, export = scene.person(login), item(scene)
    path = f"/portal/airlock/{export.pk}/review/"
    words = " ".join(found(scene).decode().split())
    expect(words in session.get(path).words, "the content is shown")
    page = session.post(path, {"approve": "1", "version": str(export.version_id)})
    expect(page.status == 200, f"{login} approves", page)


def checked(scene: Scene) -> None:
    """The lab approves; that is not enough. The facility approves; it is ready."""
    engagement: Engagement = scene.visit().booking.engagement
    approve(scene, engagement.sponsor.officer.user.username)
    path = f"/portal/airlock/{item(scene).pk}/review/"
    scene.person(OFFICER).post(path, {"release": "1"})
    expect(item(scene).state == "sealed", "one approval releases nothing", item(scene).state)
    approve(scene, OFFICER)
    expect(item(scene).state == "checked", "two have approved", item(scene).state)


def released(scene: Scene) -> None:
    """It leaves, its bytes are debited, and she has in her hand what was sealed."""
    export = item(scene)
    path = f"/portal/airlock/{export.pk}/review/"
    page = scene.person(OFFICER).post(path, {"release": "1"})
    expect(item(scene).state == "released", "it is released", page)
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
