"""Every parser that strangers reach, by name."""

from collections.abc import Callable

from tests.fuzz import bastion, centre, desk, gateway, lab, wires

Target = Callable[[bytes], None]
TARGETS: dict[str, Callable[[], Target]] = {
    "osdp-frame": wires.osdp_frame_target,
    "osdp-report": wires.osdp_report_target,
    "osdp-bus": wires.osdp_bus_target,
    "modbus": wires.modbus_target,
    "locker": wires.locker_target,
    "cu48": wires.cu48_target,
    "winnsen": wires.winnsen_target,
    "desk-reader": wires.desk_reader_target,
    "desk-card": desk.card_target,
    "envelope": gateway.envelope_target,
    "delta": gateway.delta_target,
    "edge": gateway.edge_target,
    "pin": gateway.pin_target,
    "signature": centre.signature_target,
    "screen": centre.screen_target,
    "control": centre.control_target,
    "bundle": centre.bundle_target,
    "bastion-grant": bastion.grant_target,
    "harness-policy": lab.harness_policy_target,
    "harness-words": lab.harness_words_target,
}
