"""Commands of people: each once, in time, from the control plane, or not at all."""

import hashlib
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.drivers.base import Signal, Verb
from scif.kernel.canonical import canonical_json
from tests.gateway_rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    rig = Rig(tmp_path).start()
    rig.admit("ann")
    return rig


def unlock(rig: Rig, **changed: object) -> str:
    return rig.order("unlock", "D1", {"person_id": "person-ann"}, **changed)


def test_an_unlock_names_who_enters_and_passes_the_decision(rig: Rig) -> None:
    command_id = unlock(rig)
    rig.contact(opened=True)
    (read,) = rig.events("door.read")
    assert (read["person_id"], read["commanded_by"]) == ("person-ann", "guard-1")
    assert read["command_id"] == command_id
    assert rig.kinds("command") == ["command.received", "command.done"]
    assert rig.events("command.done")[0]["command_id"] == command_id
    assert [pulse.command_id for pulse in rig.bus.pulses] == [command_id]
    assert rig.events("presence.entered")[0]["person_id"] == "person-ann"


def test_an_unlock_that_the_decision_refuses_opens_nothing(rig: Rig) -> None:
    rig.order("unlock", "D1", {"person_id": "person-nobody"})
    assert rig.bus.pulses == []
    (failed,) = rig.events("command.failed")
    assert failed["reason"] == "refused:unknown_person"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"gateway": "g2"}, "other_gateway"),
        ({"verb": "open_sesame"}, "verb"),
        ({"deadline": "2026-03-02T08:59:59+00:00"}, "expired"),
        ({"issued_at": "2026-03-02T09:01:00+00:00"}, "not_yet"),
        ({"deadline": "2026-03-02T10:00:00+00:00"}, "lives_too_long"),
        ({"deadline": "tomorrow"}, "malformed"),
        ({"deadline": "2026-03-02T09:00:05"}, "malformed"),
        ({"args": None}, "malformed"),
    ],
    ids=str,
)
def test_what_is_not_meant_for_now_and_here_is_refused(
    rig: Rig, changed: dict[str, object], reason: str
) -> None:
    unlock(rig, **changed)
    assert rig.bus.pulses == []
    assert rig.events("command.refused")[0]["reason"].startswith(reason)


def test_a_repeat_is_refused_across_restarts_and_says_nothing_of_the_first(rig: Rig) -> None:
    nonce, command_id = uuid4().hex, str(uuid4())
    unlock(rig, nonce=nonce, id=command_id)
    unlock(rig, nonce=nonce, id=command_id)
    rig.crash()
    rig.start()
    unlock(rig, nonce=nonce, id=command_id)
    refused = rig.events("command.refused")
    assert [body["reason"] for body in refused] == ["repeated", "repeated"]
    assert all(body["command_id"] != command_id for body in refused)
    assert len(rig.events("door.command")) == 1


def test_a_forged_command_is_refused_and_cannot_speak_for_another(rig: Rig) -> None:
    victim = str(uuid4())
    envelope = canonical_json({"id": victim, "gateway": "g1", "verb": "unlock"})
    rig.send(envelope, Ed25519PrivateKey.generate())
    (refused,) = rig.events("command.refused")
    assert (refused["reason"], refused["claimed_id"]) == ("signature", victim)
    assert refused["command_id"] != victim


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"x" * 20_000, "ü".encode() * 9000], ids=len)
def test_rubbish_is_refused(rig: Rig, raw: bytes) -> None:
    rig.send(raw)
    assert len(rig.events("command.refused")) == 1


def test_a_flood_of_forgeries_does_not_fill_the_journal(rig: Rig) -> None:
    for _ in range(100):
        rig.send(b"{}", Ed25519PrivateKey.generate())
    assert len(rig.events("command.refused")) == 30
    rig.run(61, step=5)
    rig.send(b"{}", Ed25519PrivateKey.generate())
    assert rig.events("command.refused")[-1]["not_shown_before"] == 70


def test_a_command_that_waited_too_long_for_the_wire_is_dropped(rig: Rig) -> None:
    portal = rig.gateway.plant.portals["D1"]
    assert portal.unlock("c-1", "person-ann", "guard-1", rig.time.monotonic() + 5) is None
    rig.time.advance(3)  # the bus took no turn meanwhile
    rig.run()
    assert rig.bus.pulses == []
    assert rig.events("command.failed")[0]["reason"] == "expired"


def test_the_deadline_is_the_centres_time(rig: Rig) -> None:
    rig.edge.clock_offset_ms = 30_000  # the centre is half a minute ahead
    unlock(rig)
    assert rig.events("command.refused")[0]["reason"] == "expired"


def test_a_clock_set_back_revives_no_pruned_command(rig: Rig) -> None:
    nonce = uuid4().hex
    issued, deadline = rig.time.wall, rig.time.wall + timedelta(seconds=10)
    times = {"issued_at": issued.isoformat(), "deadline": deadline.isoformat(), "nonce": nonce}
    unlock(rig, **times)
    rig.run(1300, step=60)
    rig.time.wall = issued
    rig.run(10)
    unlock(rig, **times)
    assert rig.events("command.refused")[-1]["reason"] in {"expired", "repeated"}
    assert len(rig.bus.pulses) == 1


def test_with_a_full_journal_no_command_is_obeyed(tmp_path: Path) -> None:
    rig = Rig(tmp_path, policy={"edge_capacity_mb": 1, "edge_reserve_mb": 2}).start()
    rig.admit("ann")
    unlock(rig)
    assert rig.bus.pulses == []
    assert rig.events("command.refused")[0]["reason"] == "journal_unavailable"


# Lockers and cards


def test_a_locker_opens_and_is_shut_again(rig: Rig) -> None:
    rig.buses["B2"].answers = False
    rig.tell("policy", "current", {"values": {"locker_open_seconds": 4}})
    command_id = rig.order("locker_open", "K1", {"lock": 4})
    (told,) = rig.buses["B2"].told
    assert (told.verb, dict(told.args)) == (Verb.LOCKER_OPEN, {"lock": 4, "seconds": 4})
    rig.say("K1", Signal.LOCKER, lock=4, shut=False)
    rig.say("K1", Signal.DELIVERED, command_id)
    rig.say("K1", Signal.LOCKER, lock=4, shut=True)
    rig.run()
    assert rig.kinds("locker") == ["locker.opened", "locker.shut"]
    assert rig.events("locker.opened") == [{"bank": "BANK", "lock": 4, "command_id": command_id}]
    assert rig.events("command.done")[0]["command_id"] == command_id


def test_a_locker_that_stood_open_already_is_told_of_once(rig: Rig) -> None:
    command_id = rig.order("locker_open", "K1", {"lock": 2})
    assert [body["command_id"] for body in rig.events("locker.opened")] == [command_id]


def test_a_jammed_locker(rig: Rig) -> None:
    rig.buses["B2"].answers = False
    command_id = rig.order("locker_open", "K1", {"lock": 4})
    rig.say("K1", Signal.FAILED, command_id, reason="jammed")
    rig.run()
    assert rig.events("locker.jammed") == [{"bank": "BANK", "lock": 4, "command_id": command_id}]
    assert rig.events("command.failed")[0]["reason"] == "jammed"


def test_a_locker_opened_by_nobodys_order_is_told(rig: Rig) -> None:
    rig.say("K1", Signal.LOCKER, lock=1, shut=False)
    rig.run()
    assert rig.events("locker.opened") == [{"bank": "BANK", "lock": 1, "command_id": None}]


def test_an_order_without_an_answer_ends(rig: Rig) -> None:
    rig.buses["B2"].answers = False
    rig.order("locker_open", "K1", {"lock": 4})
    rig.run(10, step=1)
    assert rig.events("command.failed")[0]["reason"] == "no_answer"


def test_cards_are_known_by_their_hash(rig: Rig) -> None:
    rig.buses["B3"].answers = False
    command_id = rig.order("card_encode", "N1", {})
    rig.say("N1", Signal.CARD_ENCODED, command_id, uid="04aa", number=b"0123456789abcdef")
    rig.say("N1", Signal.DELIVERED, command_id, uid="04aa", number=b"0123456789abcdef")
    rig.say("N1", Signal.CARD_PRESENT, uid="04aa", number=None)
    rig.run()
    encoded, presented = rig.events("card.encoded", "card.presented")
    assert encoded["command_id"] == command_id
    assert len(encoded["number_sha256"]) == 64
    assert (presented["uid"], presented["number_sha256"]) == ("04aa", None)
    assert b"0123456789abcdef".hex() not in "".join(entry.body for entry in rig.entries())


def test_a_card_that_is_a_badge_already_is_not_encoded_over(rig: Rig) -> None:
    rig.buses["B3"].answers = False
    number = b"0123456789abcdef"
    rig.tell("credential", hashlib.sha256(number).hexdigest(), {"badge": "U-43"})
    rig.say("N1", Signal.CARD_PRESENT, uid="04aa", number=number)
    rig.run()
    rig.order("card_encode", "N1", {})
    assert rig.events("command.failed")[-1]["reason"] == "card_in_use"
    assert rig.events("card.failed")[-1]["uid"] == "04aa"
    assert not rig.buses["B3"].told

    rig.say("N1", Signal.CARD_REMOVED)
    rig.say("N1", Signal.CARD_PRESENT, uid="04bb", number=None)
    rig.run()
    mine = rig.order("card_encode", "N1", {})
    assert rig.buses["B3"].told[-1].args == {"uid": "04bb"}
    # The centre has not told its doors yet; the next guard's order comes before.
    rig.say("N1", Signal.CARD_ENCODED, mine, uid="04bb", number=b"f" * 16)
    rig.say("N1", Signal.DELIVERED, mine, uid="04bb", number=b"f" * 16)
    rig.run()
    rig.order("card_encode", "N1", {})
    assert rig.events("command.failed")[-1]["reason"] == "card_in_use"

    # A number that nobody took is one that an encoding left behind: it is begun anew.
    rig.say("N1", Signal.CARD_REMOVED)
    rig.say("N1", Signal.CARD_PRESENT, uid="04bb", number=b"f" * 16)
    rig.run()
    rig.order("card_encode", "N1", {})
    assert rig.buses["B3"].told[-1].args == {"uid": "04bb"}
    assert len(rig.events("command.failed")) == 2


def test_a_card_that_cannot_be_erased(rig: Rig) -> None:
    rig.buses["B3"].answers = False
    command_id = rig.order("card_erase", "N1", {})
    rig.say("N1", Signal.FAILED, command_id, reason="no_card")
    rig.run()
    assert rig.events("card.failed")[0]["reason"] == "no_card"
    assert rig.kinds("card") == ["card.failed"]


@pytest.mark.parametrize(
    ("verb", "reason"),
    [
        ("unlock", "no_such_portal"),
        ("locker_open", "no_such_bank"),
        ("card_encode", "no_such_desk"),
        ("zone_forgive", "no_such_zone"),
    ],
)
def test_an_unknown_target_is_a_failure(rig: Rig, verb: str, reason: str) -> None:
    rig.order(verb, "X9", {"person_id": "person-ann", "lock": 1})
    assert rig.events("command.failed")[0]["reason"] == reason


def test_an_order_that_lacks_its_arguments_is_a_failure(rig: Rig) -> None:
    rig.order("unlock", "D1", {})
    assert rig.events("command.failed")[0]["reason"].startswith("malformed")


# Zones


def test_mark_out_needs_the_version_that_it_expects(rig: Rig) -> None:
    rig.walk_in("ann")
    zone = rig.gateway.plant.zones["Z1"]
    args = {"person_id": "person-ann", "zone_version": zone.version - 1}
    rig.order("zone_mark_out", "Z1", args)
    assert rig.events("command.failed")[0]["reason"] == "zone_version"
    assert list(zone.inside) == ["person-ann"]
    rig.order("zone_mark_out", "Z1", {**args, "zone_version": zone.version})
    assert zone.inside == {}
    (left,) = rig.events("presence.left")
    assert (left["person_id"], left["basis"]) == ("person-ann", "marked_out")
    assert rig.events("command.done")[0]["zone_version"] == zone.version


def test_forgive_lets_a_person_in_again_and_a_count_makes_certain(rig: Rig) -> None:
    rig.walk_in("ann")
    rig.force()
    rig.contact(opened=False)
    zone = rig.gateway.plant.zones["Z1"]
    assert rig.gateway.state()["zones"]["Z1"]["certain"] is False
    rig.order("zone_forgive", "Z1", {"zone_version": zone.version})
    assert rig.gateway.state()["zones"]["Z1"]["certain"] is True
    (doubted,), (counted,) = rig.events("zone.uncertain"), rig.events("zone.counted")
    assert doubted["people"] == counted["people"] == ["person-ann"]
    rig.order("zone_forgive", "Z1", {"zone_version": zone.version})
    assert len(rig.events("zone.counted")) == 1, "there was no doubt"
    rig.order("zone_forgive", "Z1", {"zone_version": zone.version, "person_id": "person-ann"})
    rig.badge("ann")
    assert rig.events("door.read")[-1]["outcome"] == "granted"
