"""The OSDP driver against simulated readers in another process, over a paced pseudo-terminal."""

from pathlib import Path

import pytest

from hardware.drivers.base import Signal, Verb
from hardware.drivers.osdp import OsdpBus
from tests.hardware.osdp_rig import NUMBER, UID, config, line


def test_a_reader_comes_online_secure_and_tells_how_its_door_stands(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        assert bus.turner.hear(Signal.ONLINE, device="R1").data == {"secure": True}
        assert bus.turner.hear(Signal.INPUT, number=0).data["active"] is False
        assert bus.turner.hear(Signal.OUTPUT, number=0).data["active"] is False
        assert bus.sim.reader("R1")["secure"]


def test_a_card_gives_the_number_in_its_file(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        assert bus.sim.do("tap", reader="R1", card="card-01")["read"] == "number"
        assert bus.turner.hear(Signal.CARD).data == {"number": NUMBER, "bits": 128}


def test_a_card_without_the_application_gives_its_uid(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        blank = (tmp_path / "cards" / "card-01.json").read_text("utf-8").replace("f5c1a0", "000001")
        (tmp_path / "cards" / "card-02.json").write_text(blank, "utf-8")
        assert bus.sim.do("tap", reader="R1", card="card-02")["read"] == "uid"
        assert bus.turner.hear(Signal.CARD).data == {"number": UID, "bits": 56}


def test_keys_arrive_as_they_stand_on_the_keypad(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        bus.sim.do("type", reader="R1", digits="*0948#")
        assert bus.turner.hear(Signal.KEYPAD).data == {"digits": "*0948#"}


def test_four_readers_share_a_bus(tmp_path: Path) -> None:
    with line(tmp_path, 1, 2, 3, 4) as bus:
        bus.online("R1", "R2", "R3", "R4")
        for code in ("R4", "R2"):
            bus.sim.do("tap", reader=code, card="card-01")
            assert bus.turner.hear(Signal.CARD).device == code
        assert bus.turner.command("R3", Verb.PULSE, "c", output=0, tenths=5)
        assert bus.turner.hear(Signal.DELIVERED).command_id == "c"
        assert bus.sim.reader("R3")["outputs"] == [True]
        assert bus.sim.reader("R1")["outputs"] == [False]


def test_a_pulse_opens_the_door_and_the_device_relocks_it(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        assert bus.sim.ask("push", door="D1") == {"ok": False, "error": "D1 is locked"}
        assert bus.turner.command("R1", Verb.PULSE, "c1", output=0, tenths=8)
        assert bus.turner.hear(Signal.DELIVERED).command_id == "c1"
        bus.turner.hear(Signal.OUTPUT, number=0, active=True)
        bus.sim.do("push", door="D1")
        bus.turner.hear(Signal.INPUT, number=0, active=True)
        bus.sim.do("close", door="D1")
        bus.turner.hear(Signal.INPUT, number=0, active=False)
        bus.turner.hear(Signal.OUTPUT, number=0, active=False)
        assert bus.sim.door("D1") == {"open": False, "locked": True}


def test_the_device_relocks_although_nobody_is_left_to_tell_it(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        bus.turner.command("R1", Verb.PULSE, "c1", output=0, tenths=5)
        bus.turner.hear(Signal.DELIVERED)
        bus.driver.close()
        # A second driver, later, learns that the strike has fallen.
        later = OsdpBus(config(tmp_path, 1))
        bus.turner.driver = later
        later.open()
        bus.turner.hear(Signal.OUTPUT, active=False)
        later.close()
        opened, fell = bus.sim.log("output")
        assert (opened["active"], fell["active"]) == (True, False)
        assert fell["at"] - opened["at"] == pytest.approx(0.5, abs=0.1)


def test_a_held_output_stays_until_it_is_released(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        for command_id, active in (("on", True), ("off", False)):
            bus.turner.command("R1", Verb.HOLD, command_id, output=0, active=active)
            assert bus.turner.hear(Signal.DELIVERED).command_id == command_id
            assert bus.sim.reader("R1")["outputs"] == [active]


def test_forcing_leaving_and_uncovering_are_told(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        bus.turner.hear(Signal.INPUT, number=0, active=False)
        bus.sim.do("force", door="D1")
        bus.turner.hear(Signal.INPUT, number=0, active=True)
        bus.sim.do("close", door="D1")
        bus.turner.hear(Signal.INPUT, number=0, active=False)
        bus.sim.do("leave", door="D1")
        bus.turner.hear(Signal.INPUT, number=1, active=True)
        bus.turner.hear(Signal.INPUT, number=1, active=False)
        for is_open in (True, False):
            bus.sim.do("cover", reader="R1", open=is_open)
            bus.turner.hear(Signal.TAMPER, active=is_open)


@pytest.mark.parametrize(
    ("outcome", "led", "beeps"),
    [("granted", "green", 1), ("pending", "amber", 2), ("refused", "red", 3)],
)
def test_feedback_shows_sounds_and_writes(
    tmp_path: Path, outcome: str, led: str, beeps: int
) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        text = "Bitte zum Wachtisch, drittes Büro links"
        assert bus.turner.command("R1", Verb.FEEDBACK, "f", outcome=outcome, text=text)
        assert bus.turner.hear(Signal.DELIVERED).command_id == "f"
        state = bus.sim.reader("R1")
        assert (state["led"], state["beeps"]) == (led, beeps)
        assert state["text"] == "Bitte zum Wachtisch, drittes Bur"


def test_what_no_device_can_do_fails_and_costs_no_session(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        wrong: list[tuple[Verb, dict[str, object]]] = [
            (Verb.PULSE, {"output": 0, "tenths": 256}),
            (Verb.PULSE, {"output": 0, "tenths": 0}),
            (Verb.PULSE, {"output": 1, "tenths": 5}),
            (Verb.PULSE, {"output": 0}),
            (Verb.FEEDBACK, {"outcome": "perhaps", "text": ""}),
            (Verb.LOCKER_OPEN, {"lock": 1}),
        ]
        for number, (verb, args) in enumerate(wrong):
            assert bus.turner.command("R1", verb, f"c{number}", **args)
            failed = bus.turner.hear(Signal.FAILED)
            assert (failed.command_id, failed.data["reason"]) == (f"c{number}", "impossible")
        assert not bus.turner.command("R9", Verb.PULSE, "x", output=0, tenths=5)
        bus.turner.turn_for(0.2)
        assert not bus.turner.fell()


def test_every_command_that_is_taken_comes_back_once(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        taken = []
        for number in range(60):
            verb = Verb.PULSE
            args: dict[str, object] = {"output": 0, "tenths": 1}
            if number % 2:
                verb, args = Verb.FEEDBACK, {"outcome": "granted", "text": "ok"}
            if bus.turner.command("R1", verb, f"c{number}", **args):
                taken.append(f"c{number}")
        assert 10 < len(taken) < 60, "the queue is bounded"
        bus.turner.turn_for(0.3)
        bus.sim.do("unplug", bus="bus")
        bus.turner.hear(Signal.OFFLINE)
        bus.turner.turn_for(1.5)
        back = [
            event.command_id
            for event in bus.turner.events
            if event.signal in (Signal.DELIVERED, Signal.FAILED)
        ]
        assert sorted(map(str, back)) == sorted(taken)
