"""A laptop for the visit: enrolled, issued, a session through the bastion, cut, taken back."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings

from access.models import Badge, Engagement
from hardware.simulators.cards import CardStore
from scif.facilities.models import Facility
from scif.journal.models import Entry
from scif.runtime.visit import airlock
from scif.runtime.visit.booking import OFFICER
from scif.runtime.visit.checkin import DESK, GUARD, OK, strokes
from scif.runtime.visit.custody import at_desk, put_away, seals_on
from scif.runtime.visit.intake import INTAKE
from scif.runtime.visit.kiosk import Kiosk
from scif.runtime.visit.play import Step
from scif.runtime.visit.scene import Scene, expect, wait_for
from scif.runtime.visit.tpm import PCRS
from terminals.agent.session import ENDED
from terminals.agent.sign_in import BADGE, PIN
from terminals.harness.meters import Meter
from terminals.harness.stand_in.policies import policy_document
from terminals.models import (
    Anomaly,
    Attestation,
    BootImage,
    EngagementTerms,
    HarnessPolicy,
    Session,
    Terminal,
)
from terminals.rules.harness_policy import LABS
from terminals.rules.session_wording import SAID, SAID_HELD

SECOND_OFFICER, DISCLOSER = "p.ngata", "k.solberg"
SEALS = ("lid", "base")
QUESTION, ANSWERED = "complete the cat\r", "left: "
PROMPT = "\n> "  # the console waits for the next line
MUCH, MOST_ASKED = "activations hidden the cat", 100
LOOKED = "She compares a layer before and after, as the plan of the visit says."
READY = "a continuation of these words"  # of the console's first page
PATIENCE_SECONDS = 10.0
HELD_SECONDS = 1.0
CAPS = {Meter.QUERIES: 1_000, Meter.TOKENS_IN: 100_000, Meter.TOKENS_OUT: 100_000,
        Meter.BITS: 1_000_000}  # fmt: skip


def act(scene: Scene, who: str, name: str, record: object, /, **fields: str) -> None:
    """An act of an officer at a record's page, which must be done."""
    page = scene.person(who).post(f"/admin/act/{name}/{record}/", fields)
    expect(page.status == OK and "/act/" not in page.url, f"{who} does: {name}", page)


def enrol(scene: Scene) -> None:
    """A laptop comes from the factory: two officers enrol it, and approve what it is to run."""
    facility = Facility.objects.get(code=DESK)
    images = BootImage.objects.filter(facility=facility, state="approved")
    if not images.exists():
        digests = {f"pcr{number}": value.hex() for number, value in PCRS.items()}
        act(scene, OFFICER, "image-propose", facility.pk, name="Kiosk", version="1",
            image_sha256="4b" * 32, **digests)  # fmt: skip
        for who in (OFFICER, SECOND_OFFICER):
            image = BootImage.objects.get(facility=facility, name="Kiosk", version="1")
            act(scene, who, "image-approve", image.pk)
    tag = f"LT-{Terminal.objects.filter(facility=facility).count() + 1:02d}"
    known = Path(os.environ["SCIF_VAR"]) / "laptops" / "known_hosts"
    kiosk = Kiosk(f"SN-{os.urandom(4).hex()}", Path(settings.KEY_DIR), known)
    scene.facts["kiosk"] = kiosk
    act(scene, OFFICER, "terminal-enrol", facility.pk, asset_tag=tag, serial=kiosk.serial,
        image=str(images.get().pk), attestation_public=kiosk.tpm.attestation_public.hex(),
        endorsement_public=kiosk.tpm.endorsement_public.hex())  # fmt: skip
    terminal = laptop(scene)
    for place in SEALS:
        number = f"{place[0].upper()}-{kiosk.serial[-8:]}"
        act(scene, OFFICER, "terminal-seal", terminal.pk, place=place, number=number, reason="")
    digest = hashlib.sha256(kiosk.tpm.endorsement).hexdigest()
    act(scene, SECOND_OFFICER, "terminal-confirm", terminal.pk, endorsement_sha256=digest)
    expect(laptop(scene).state == "in_store", "it may be issued", laptop(scene).state)


def agreed(scene: Scene) -> None:
    """Facility and lab agree where its sessions lead; the lab's harness is told what to answer."""
    engagement = scene.visit().booking.engagement
    files = Path(os.environ["SCIF_VAR"]) / "laptops" / "harness.json"
    config = json.loads(files.read_text("utf-8"))
    door = config["listeners"][engagement.reference]
    offered = lab_policy(engagement)
    now_in_force = EngagementTerms.objects.filter(
        engagement=engagement, ended_at=None, in_force_at__isnull=False,
        harness_host=door["host"], harness_port=door["port"], harness_policy=offered,
    )  # fmt: skip
    if not now_in_force.exists():
        act(scene, OFFICER, "terms-propose", engagement.pk, harness_host=door["host"],
            harness_port=str(door["port"]), egress_bytes="1000000", rate_bytes="1000000",
            burst_bytes="1000000", channels="8",
            harness_policy_pasted=json.dumps(offered))  # fmt: skip
        terms = EngagementTerms.objects.get(engagement=engagement, ended_at=None, in_force_at=None)
        act(scene, SECOND_OFFICER, "terms-approve", terms.pk)
        page = f"/portal/engagements/{engagement.pk}/laptops/"
        scene.person(DISCLOSER).post(page, {"terms": str(terms.pk)})
        expect(now_in_force.exists(), "the terms are in force")
    told = HarnessPolicy.objects.filter(engagement=engagement, terms__in=now_in_force,
                                        replaced_at=None, confirmed_at__isnull=False)  # fmt: skip
    wait_for(told.exists, "the harness has confirmed what the engagement may ask")


def lab_policy(engagement: Engagement) -> dict[str, Any]:
    """The lab's part of the policy: what its harness offers to the mandate's access kind."""
    document = policy_document(
        engagement.reference,
        [engagement.kind],
        version=1,
        until=engagement.valid_until,
        caps={meter.value: most for meter, most in CAPS.items()},
        already={meter.value: 0 for meter in CAPS},
    )
    return {name: document[name] for name in LABS}


def issue(scene: Scene) -> None:
    """It boots at the desk and proves what it runs; its seals are read, the visitor signs."""
    terminal = laptop(scene)
    scene.facts["kiosk"].boot(str(terminal.pk), scene.address)
    at_desk(scene, terminal, "ask")
    proved = Attestation.objects.filter(terminal=terminal, outcome="accepted")
    wait_for(proved.exists, "its TPM proves what it runs")
    at_desk(scene, terminal, "issue", visit=str(scene.facts["visit"]),
            seals=seals_on(terminal), signature=strokes(66))  # fmt: skip
    expect(laptop(scene).state == "issued", "it is issued", laptop(scene).state)


def session(scene: Scene) -> None:
    """Badge and PIN at the laptop; the harness answers through the bastion; bytes are counted."""
    at_laptop(scene, "0")
    shows(scene, SAID, "a wrong PIN opens nothing, and says nothing")
    sign_in(scene)
    page = scene.person(GUARD).get(f"/desk/{DESK}/sessions/")
    expect(str(scene.visit().person) in page.words, "the desk sees whose session runs", page)


def at_laptop(scene: Scene, pin: str) -> None:
    """She holds her badge to the laptop's reader and types a PIN."""
    shows(scene, BADGE, "the laptop asks for a badge")
    screen = scene.facts["kiosk"].screen
    screen.type(badge_number(scene).hex() + "\r")
    shows(scene, PIN, "the laptop asks for the PIN")
    screen.type(f"{pin}\r")


def shows(scene: Scene, words: str, what: str) -> None:
    """These words come to stand on the laptop's screen."""
    screen = scene.facts["kiosk"].screen
    expect(screen.shows(words, PATIENCE_SECONDS), what, screen.shown)


def odd(scene: Scene) -> None:
    """Answer after answer at once: the detector finds it, another officer looks at it."""
    found = Anomaly.objects.filter(session=scene.facts["session"])
    for _ in range(MOST_ASKED):
        typed(scene, MUCH)
        if found.exists():
            break
    wait_for(found.exists, "the detector finds much at once")
    page = scene.person(OFFICER).get("/admin/terminals/anomaly/", {"reviewed_at__isempty": "1"})
    expect(str(scene.visit().person) in page.words, "the officer sees what waits", page)
    act(scene, SECOND_OFFICER, "anomaly-false", found.get().pk, reason=LOOKED)
    expect(found.get().verdict == "false_alarm", "another officer has reviewed it")


def put_out(scene: Scene) -> None:
    """The job that came in is run; it writes what it found where she can ask for its release."""
    came_in = rf"{airlock.item(scene, INTAKE).reference}-\d+\.\w+"
    listed = re.search(came_in, typed(scene, "taken"))
    expect(listed is not None, "what came in is at the harness", scene.facts["kiosk"].screen.shown)
    name = listed[0] if listed else ""
    begun = re.search(r"job: (J-\w+)", typed(scene, f"run {name}"))
    expect(begun is not None, "the job begins", scene.facts["kiosk"].screen.shown)
    job = begun[1] if begun else ""
    written = wait_for(
        lambda: re.search(r"name: (\S+\.txt)", typed(scene, f"put {job}")), "it is put out"
    )
    scene.facts["put_out"] = written[1]


def typed(scene: Scene, line: str) -> str:
    """What the laptop's console says to a line."""
    screen = scene.facts["kiosk"].screen
    screen.type(f"{line}\r")
    expect(screen.answers(PROMPT, PATIENCE_SECONDS), "the console answers", screen.shown)
    return str(screen.since_typed)


def sign_in(scene: Scene) -> None:
    """A session that answers and whose bytes the desk can see."""
    at_laptop(scene, str(scene.facts["pin"]))
    shows(scene, READY, "the session opens")
    latest = Session.objects.filter(terminal=laptop(scene)).latest("granted_at")
    scene.facts["session"] = str(latest.pk)
    scene.facts["kiosk"].screen.type(QUESTION)
    answers(scene)
    wait_for(lambda: running(scene).total > 0, "the bytes are counted")


def answers(scene: Scene) -> None:
    """The harness has answered what was asked last."""
    screen = scene.facts["kiosk"].screen
    expect(screen.answers(ANSWERED, PATIENCE_SECONDS), "the harness answers", screen.shown)


def held(scene: Scene) -> None:
    """Nobody knows for certain who is inside: no byte passes, and the laptop says so."""
    wait_for(lambda: running(scene).state == "paused", "the session is held")
    shows(scene, SAID_HELD, "the laptop says that it is held")
    screen = scene.facts["kiosk"].screen
    screen.type(QUESTION)
    expect(not screen.answers(ANSWERED, HELD_SECONDS), "the harness cannot answer", screen.shown)


def freed(scene: Scene) -> None:
    """The room was counted: the same session goes on, and what was asked is answered."""
    wait_for(lambda: running(scene).state == "live", "the session goes on")
    answers(scene)


def cut_alone(scene: Scene) -> None:
    """While she was alone her session was cut; with her host back she signs in again."""
    over(scene, "two_person_broken")
    sign_in(scene)


def cut_outside(scene: Scene) -> None:
    """With her badge at the door her session is over."""
    over(scene, "not_inside")


def over(scene: Scene, why: str) -> None:
    """The session has ended for this reason; the laptop shows nothing of it any more."""
    shows(scene, ENDED % SAID, "the laptop's connection is cut")
    wait_for(lambda: running(scene).state == "ended", "the session has ended")
    expect(running(scene).why == why, f"cut for {why}", running(scene).why)
    told = Entry.objects.filter(kind="session.ended", subject_id=scene.facts["session"])
    wait_for(told.exists, "the journal says so")


def take_back(scene: Scene) -> None:
    """The guard takes it back, signs for it, inspects it and puts it away."""
    put_away(scene, laptop(scene))
    expect(laptop(scene).state == "in_store", "it is back in the store", laptop(scene).state)
    scene.facts["kiosk"].close()


def laptop(scene: Scene) -> Terminal:
    """The laptop as it stands now."""
    return Terminal.objects.get(serial=scene.facts["kiosk"].serial)


def running(scene: Scene) -> Session:
    """The session as it stands now."""
    return Session.objects.get(pk=scene.facts["session"])


def badge_number(scene: Scene) -> bytes:
    """What the laptop's reader reads off her card: the number whose digest the centre knows."""
    digest = Badge.objects.get(code=scene.facts["card"]).number_sha256
    card = CardStore(scene.simulators / "cards").load(str(scene.facts["card"]))
    for application in card.applications.values():
        for file in application.files.values():
            if hashlib.sha256(file.data).hexdigest() == digest:
                return file.data
    return b""


BEFORE = [
    Step("laptop", "Two officers enrol a laptop and approve its image", enrol),
    Step("laptop", "Facility and lab agree on the terms of its sessions", agreed),
    Step("laptop", "It proves what it runs, is issued and signed for", issue),
]
INSIDE = [
    Step("laptop", "Badge and PIN: the harness answers through the bastion", session),
    Step("laptop", "Much at once is an anomaly, which an officer reviews", odd),
    Step("laptop", "The job that she brought runs, and puts out what it found", put_out),
]
HELD = [Step("laptop", "In doubt about who is inside no byte passes", held)]
FREED = [Step("laptop", "The room is counted: the session goes on", freed)]
ALONE = [Step("laptop", "Alone, her session was cut; she signs in again", cut_alone)]
OUTSIDE = [Step("laptop", "Outside the door her session is over", cut_outside)]
AFTER = [Step("laptop", "The laptop is taken back, inspected and put away", take_back)]
