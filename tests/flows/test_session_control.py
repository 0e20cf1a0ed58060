"""The control process with a real bastion, real `ssh` and its own database role."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.services.badge_end import badge_report_lost, badge_revoke
from access.services.clearance import need_to_know_revoke
from access.services.engagement import engagement_suspend
from access.services.lockdown import lockdown_declare
from scif.alarms.models import Alarm
from scif.kernel.actor import Actor
from scif.runtime.child import wait_until
from scif.runtime.postgres import Postgres
from terminals.control.certificate import key_digest
from terminals.models import (
    ActivitySums,
    Anomaly,
    AnomalyVerdict,
    Attestation,
    EgressLedger,
    Session,
    SessionRequest,
    TerminalLock,
)
from terminals.rules.session_wording import SAID, SAID_ANYWHERE
from terminals.services.anomaly_review import anomaly_review
from terminals.services.lock import terminal_lock
from terminals.services.quarantine import terminal_quarantine
from tests.bastion.papers import public_line
from tests.flows.laptop_site import PATIENCE, Site, laptop_site
from tests.flows.session_world import ADDRESS, Room

pytestmark = pytest.mark.ssh


@pytest.fixture
def site(tmp_path: Path, postgres: Postgres, seeded_database: str) -> Iterator[Site]:
    with laptop_site(tmp_path, postgres, seeded_database) as made:
        yield made


def echoes(ssh: "subprocess.Popen[bytes]", *, first: bool = True) -> bool:
    """Whether the harness says back what the laptop says."""
    assert ssh.stdin is not None
    assert ssh.stdout is not None
    ssh.stdin.write(b"echo\nhello\n" if first else b"hello\n")
    return ssh.stdout.readline() == b"hello\n"


def becomes(site: Site, **values: object) -> Session:
    """The one session, once it has these values."""
    if not wait_until(lambda: Session.objects.filter(**values).exists(), PATIENCE):
        told = [
            *Session.objects.values(),
            *SessionRequest.objects.values("objections"),
            *Anomaly.objects.values(),
            *ActivitySums.objects.values("record"),
            site.says("control")[-4000:],
        ]
        pytest.fail("\n".join([f"not {values} in {PATIENCE} s", *map(str, told)]))
    return Session.objects.filter(**values).get()


def seconds_to_the_end(ssh: "subprocess.Popen[bytes]", act: object) -> float:
    """From the act's commit to the end of what comes."""
    assert ssh.stdout is not None
    assert callable(act)
    act()
    begun = time.monotonic()
    while ssh.stdout.read(65_536):
        assert time.monotonic() - begun < PATIENCE, "bytes come on"
    ssh.wait(PATIENCE)
    return time.monotonic() - begun


def pouring(ssh: "subprocess.Popen[bytes]") -> None:
    """Have the harness pour, so that bytes are on their way whenever it is cut."""
    assert ssh.stdin is not None
    assert ssh.stdout is not None
    ssh.stdin.write(b"pour 1000000000000\n")
    assert ssh.stdout.read(1)


def test_from_the_badge_to_the_cut_at_badge_out(site: Site) -> None:
    room = site.begin()
    answer = site.ask(room)
    objections = list(SessionRequest.objects.values_list("objections", flat=True))
    assert set(answer) == {"login", "certificate", "bastion", "harness", "said"}, objections
    ssh = site.connect(answer)
    assert echoes(ssh)
    session = becomes(site, state="live", connected=True, bytes_down=6)
    assert session.grant_id == answer["login"]
    seconds_to_the_end(ssh, room.leaves)
    ended = becomes(site, state="ended")
    assert (ended.why, ended.bytes_down, ended.bytes_up) == ("not_inside", 6, 11)
    assert sum(EgressLedger.objects.values_list("bytes", flat=True)) == 17
    assert room.store.again(room.terminal).state == "issued"
    assert not echoes(site.connect(answer))  # the same certificate opens nothing any more


def test_a_laptop_s_lock_is_requested_delivered_confirmed(site: Site) -> None:
    room = site.begin()
    ssh = site.connect(site.ask(room))
    pouring(ssh)
    guard = room.store.guard
    seconds_to_the_end(
        ssh, lambda: terminal_lock(terminal_id=room.terminal.pk, reason="Odd", actor=guard)
    )
    assert becomes(site, state="ended").why == "locked_from_afar"
    assert wait_until(
        lambda: TerminalLock.objects.filter(confirmed_at__isnull=False).exists(), PATIENCE
    )
    lock = TerminalLock.objects.get()
    assert lock.delivered_at is not None
    assert lock.confirmed_at is not None
    assert lock.requested_at <= lock.delivered_at <= lock.confirmed_at


def locked_down(room: Room) -> None:
    world = room.store.world
    lockdown_declare(
        facility_id=world.facility.pk, area_id=world.area.pk, reason="Smoke", actor=world.guard
    )


def badge_revoked(room: Room) -> None:
    held = room.store.world.visit.badges.get(returned_at=None)
    badge_revoke(badge_id=held.badge_id, reason="Odd", actor=room.store.first)


def badge_lost(room: Room) -> None:
    held = room.store.world.visit.badges.get(returned_at=None)
    badge_report_lost(badge_id=held.badge_id, reason="Dropped", actor=room.store.first)


def mandate_suspended(room: Room) -> None:
    engagement_suspend(
        engagement_id=room.store.world.visit.booking.engagement_id, reason="Question of scope",
        actor=room.store.first,
    )  # fmt: skip


def need_to_know_revoked(room: Room) -> None:
    visit = room.store.world.visit
    engagement = visit.booking.engagement
    discloser = engagement.sponsor.officer
    need_to_know_revoke(
        need_to_know_id=visit.person.needs_to_know.get(engagement=engagement).pk, reason="Done",
        actor=Actor.user(discloser.user.pk, discloser.pk),
    )  # fmt: skip


def quarantined(room: Room) -> None:
    terminal_quarantine(terminal_id=room.terminal.pk, reason="Seal", actor=room.store.guard)


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (locked_down, "lockdown"),
        (badge_revoked, "badge_not_active"),
        (badge_lost, "badge_not_active"),
        (mandate_suspended, "entry_refused"),
        (need_to_know_revoked, "entry_refused"),
        (quarantined, "terminal_not_out"),
    ],
)
def test_what_a_session_stands_on_goes_and_no_more_bytes_come(
    site: Site, act: Callable[[Room], None], why: str
) -> None:
    room = site.begin()
    ssh = site.connect(site.ask(room))
    pouring(ssh)
    becomes(site, state="live", connected=True)
    seconds_to_the_end(ssh, lambda: act(room))
    assert becomes(site, state="ended").why == why


def test_a_laptop_learns_nothing_from_a_refusal(site: Site) -> None:
    room = site.begin()
    room.leaves()
    said = [
        site.ask(room),
        site.ask(room, pin="000000"),
        site.ask(room, badge="ff" * 16),
        site.ask(room, badge="no hex"),
        site.ask(room, key="ssh-rsa nothing"),
        site.ask(room, quote="00"),
    ]
    assert said == [{"said": SAID}] * len(said)
    alarm = Alarm.objects.filter(kind="terminal_not_attested").latest("raised_at")
    assert f"At {ADDRESS} somebody asked as laptop {room.terminal}" in alarm.message
    room.terminal.serial = "no such laptop"
    assert site.ask(room) == {"said": SAID_ANYWHERE}
    assert not Session.objects.exists()


def test_a_quote_is_good_for_no_other_key(site: Site) -> None:
    """Somebody in between puts his own key in the laptop's place: the quote is not for it."""
    room = site.begin()
    own = public_line(Ed25519PrivateKey.generate()).decode()
    assert site.ask(room, key=own) == {"said": SAID}
    assert site.ask(room, quoted_key=own) == {"said": SAID}
    assert not Session.objects.exists()
    refused = Attestation.objects.filter(outcome="refused")
    assert set(refused.values_list("reason", flat=True)) == {"nonce_wrong"}
    assert refused.count() == 2
    assert "login" in site.ask(room, key=own, quoted_key=own)
    digest = key_digest(own).hex()
    assert Attestation.objects.get(outcome="accepted", session_key=digest)


def test_signing_in_again_ends_the_session_before(site: Site) -> None:
    room = site.begin()
    first = site.connect(site.ask(room))
    assert echoes(first)
    second = site.connect(site.ask(room))
    assert echoes(second)
    first.wait(PATIENCE)
    assert becomes(site, state="ended").why == "signed_in_again"
    assert becomes(site, state="live", connected=True)


def test_doubt_about_who_is_inside_holds_the_bytes_until_it_is_over(site: Site) -> None:
    room = site.begin()
    ssh = site.connect(site.ask(room))
    assert echoes(ssh)
    room.heard(certain=False)
    becomes(site, state="paused", why="presence_uncertain")
    assert ssh.stdin is not None
    assert ssh.stdout is not None
    ssh.stdin.write(b"held\n")
    room.heard(certain=True)
    becomes(site, state="live")
    assert ssh.stdout.readline() == b"held\n"


def swallow(ssh: "subprocess.Popen[bytes]", count: int) -> None:
    """Read so many bytes."""
    assert ssh.stdout is not None
    while count and (data := ssh.stdout.read(min(count, 65_536))):
        count -= len(data)
    assert count == 0


def test_a_burst_slows_the_session_until_an_officer_has_looked(site: Site) -> None:
    """Through the real bastion: noticed with its next report, capped, reviewed, let go."""
    room = site.begin(watched=True)
    answer = site.ask(room)
    ssh = site.connect(answer)
    assert ssh.stdin is not None
    ssh.stdin.write(b"pour 700000\n")
    swallow(ssh, 700_000)
    assert wait_until(Anomaly.objects.exists, PATIENCE), site.says("control")
    found = Anomaly.objects.get()
    assert (found.kind, found.consequence) == ("burst", "slow")
    assert wait_until(lambda: "bytes a second" in site.says("control"), PATIENCE)
    ssh.kill()
    becomes(site, state="live", connected=False)
    ssh = site.connect(answer)
    assert echoes(ssh)
    assert ssh.stdin is not None
    ssh.stdin.write(b"x" * 30_000)
    slowed = becomes(site, state="live", bytes_up__gte=7_000)
    assert slowed.bytes_up < 25_000
    anomaly_review(
        anomaly_id=found.pk, verdict=AnomalyVerdict.FALSE_ALARM, reason="A figure, by mandate",
        actor=room.store.first,
    )  # fmt: skip
    begun = time.monotonic()
    swallow(ssh, 30_000)
    assert time.monotonic() - begun < 40.0  # slowed it would take 50 s
    assert becomes(site, bytes_up__gte=30_000).state == "live"


def test_scripted_keys_pause_the_session_until_an_officer_has_looked(site: Site) -> None:
    room = site.begin(watched=True)
    # Twenty gaps are one reading, however many reports they take: two would be grave and end it.
    room.policy(anomaly_keys_least=15, anomaly_quick_keys=60_000, anomaly_keys_limit=100)
    ssh = site.connect(site.ask(room))
    assert echoes(ssh)
    for _ in range(20):
        assert echoes(ssh, first=False)
    becomes(site, state="paused", why="anomaly_waits")
    assert ssh.stdin is not None
    assert ssh.stdout is not None
    ssh.stdin.write(b"held\n")
    found = Anomaly.objects.get(kind="keys")
    anomaly_review(
        anomaly_id=found.pk, verdict=AnomalyVerdict.FALSE_ALARM, reason="His own macro",
        actor=room.store.first,
    )  # fmt: skip
    becomes(site, state="live")
    assert ssh.stdout.readline() == b"held\n"


def test_a_control_process_that_is_killed_ends_every_session(site: Site) -> None:
    room = site.begin()
    ssh = site.connect(site.ask(room))
    pouring(ssh)
    becomes(site, connected=True)
    took = seconds_to_the_end(ssh, lambda: site.kill("control"))
    assert took > 0.5  # the bastion's own clock, and no sooner; the faults measure how late
    assert Session.objects.get().state == "live"  # nobody wrote it down
    site.start_control()
    assert becomes(site, state="ended").why in {"control_silent", "bastion_lost_it"}
    assert echoes(site.connect(site.ask(room)))


def test_a_bastion_that_is_killed_ends_its_sessions_and_is_never_under_counted(
    site: Site,
) -> None:
    room = site.begin()
    ssh = site.connect(site.ask(room))
    assert echoes(ssh)
    becomes(site, connected=True)
    site.kill("bastion")
    ssh.wait(PATIENCE)
    site.start_bastion()
    assert becomes(site, state="ended").why == "bastion_lost_it"
    assert sum(EgressLedger.objects.values_list("bytes", flat=True)) >= 17


def test_a_session_that_begins_as_the_bastion_comes_back_is_kept(site: Site) -> None:
    room = site.begin()
    for _ in range(3):
        site.kill("bastion")
        site.start_bastion()
        answers: list[dict[str, str]] = []

        def granted(into: list[dict[str, str]] = answers) -> bool:
            into.append(site.ask(room))
            return "login" in into[-1]

        assert wait_until(granted, PATIENCE), site.says("control")[-4000:]
        ssh = site.connect(answers[-1])
        assert echoes(ssh)
        # What the bastion told with the link has been read by the time that this is on record.
        becomes(site, grant_id=answers[-1]["login"], state="live", connected=True, bytes_up=11)
        assert echoes(ssh, first=False)


def test_an_end_on_record_that_is_none_ends_the_bytes(site: Site) -> None:
    """Who holds the database can write what he likes: the bastion then has a grant too many."""
    room = site.begin()
    ssh = site.connect(site.ask(room))
    pouring(ssh)
    session = becomes(site, connected=True)

    def forge() -> None:
        with site.postgres.connect("scif_control", site.database) as own:
            own.execute(
                "UPDATE terminals_session SET state = 'ended', why = 'x', ended_at = now()"
                " WHERE id = %s", [session.pk],
            )  # fmt: skip

    seconds_to_the_end(ssh, forge)


def test_two_openings_race_for_one_laptop(site: Site) -> None:
    from concurrent.futures import ThreadPoolExecutor

    room: Room = site.begin()
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: site.ask(room), range(2)))
    working = [each for each in answers if "login" in each and echoes(site.connect(each))]
    assert len(working) == 1
    assert Session.objects.exclude(state="ended").count() == 1
