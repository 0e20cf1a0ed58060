"""An item through the airlock, out or in: begun and sealed by its author, checked by two."""

import re
from uuid import UUID

from access.models import Engagement
from scif.runtime.visit.booking import LEAD, OFFICER
from scif.runtime.visit.scene import Scene, Unexpected, expect
from scif.runtime.visit.session import File
from terminals.models import AirlockItem


def item(scene: Scene, what: str) -> AirlockItem:
    """The export or the intake of this visit as it stands now."""
    found = AirlockItem.objects.select_related("version").get(pk=scene.facts[what])
    expect(found.version is not None, "it has its bytes")
    return found


def begin(scene: Scene, what: str, title: str) -> None:
    """The author begins it under the engagement of the visit."""
    engagement: Engagement = scene.visit().booking.engagement
    begun = {"engagement": str(engagement.pk), "title": title}
    page = scene.person(LEAD).post(f"/portal/airlock/new/{what}/", begun)
    matched = re.search(r"/portal/airlock/([0-9a-f-]{36})/", page.url)
    if matched is None:
        raise Unexpected(f"expected: the item's page; came: {page.url}")
    scene.facts[what] = UUID(matched[1])


def seal(scene: Scene, what: str, fields: dict[str, str], file: File | None, context: str) -> None:
    """It is given its bytes, taken from the harness or sent, and waits for those who check it."""
    path = f"/portal/airlock/{scene.facts[what]}/"
    for said, sent in ((fields, file), ({"seal": "1", "context": context}, None)):
        page = scene.person(LEAD).post(path, said, sent)
        expect(page.status == 200, "the item goes on", page)
    expect(item(scene, what).state == "sealed", "it waits to be checked", item(scene, what).state)


def check(scene: Scene, what: str, data: bytes, **inspection: str) -> None:
    """The lab approves; that is not enough. The facility approves; it is ready."""
    engagement: Engagement = scene.visit().booking.engagement
    for login in (engagement.sponsor.officer.user.username, OFFICER):
        scene.person(OFFICER).post(_review(scene, what), {"release": "1"})
        expect(item(scene, what).state == "sealed", "it takes two", item(scene, what).state)
        session, version = scene.person(login), item(scene, what).version_id
        words = " ".join(data.decode().split())
        expect(words in session.get(_review(scene, what)).words, "the content is shown")
        said = {"approve": "1", "version": str(version), **inspection}
        page = session.post(_review(scene, what), said)
        expect(page.status == 200, f"{login} approves", page)
    expect(item(scene, what).state == "checked", "two have approved", item(scene, what).state)


def release(scene: Scene, what: str) -> AirlockItem:
    """It leaves, or comes in."""
    page = scene.person(OFFICER).post(_review(scene, what), {"release": "1"})
    found = item(scene, what)
    expect(found.state == "released", "it is released", page)
    return found


def _review(scene: Scene, what: str) -> str:
    return f"/portal/airlock/{scene.facts[what]}/review/"
