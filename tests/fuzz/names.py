"""The names of the parsers, apart from their code, which atheris imports instrumented."""

WIRES = ("osdp-frame", "osdp-report", "osdp-bus", "locker", "desk-reader", "desk-card")
GATEWAY = ("envelope", "delta", "edge", "pin")
CENTRE = ("signature", "screen", "control", "bundle")
BASTION = ("bastion-grant",)
LAB = ("harness-policy", "harness-words")
NAMES = (*WIRES, *GATEWAY, *CENTRE, *BASTION, *LAB)
