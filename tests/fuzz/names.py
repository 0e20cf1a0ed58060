"""The names of the parsers, apart from their code, which atheris imports instrumented."""

WIRES = (
    *("osdp-frame", "osdp-report", "osdp-bus", "modbus"),
    *("locker", "cu48", "winnsen", "desk-reader"),
)
# Through a chip and two C libraries: slow, and what tests/hardware/test_nfc_lies.py plays as well.
CARDS = ("desk-card",)
GATEWAY = ("envelope", "delta", "edge", "pin")
CENTRE = ("signature", "screen", "control", "bundle")
BASTION = ("bastion-grant",)
LAB = ("harness-policy", "harness-words")
NAMES = (*WIRES, *CARDS, *GATEWAY, *CENTRE, *BASTION, *LAB)
