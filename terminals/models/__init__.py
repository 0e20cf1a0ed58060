"""Models of the terminals: laptops, their images, seals, attestations, custody, locks, losses."""

from terminals.models.attestation import Attestation, Outcome
from terminals.models.custody import (
    HandOver,
    TerminalCustody,
    TerminalInspection,
    TerminalSignature,
)
from terminals.models.heartbeat import Heartbeat
from terminals.models.image import BootImage
from terminals.models.stop import LossReport, Quarantine, QuarantineEnd, TerminalLock
from terminals.models.terminal import Seal, Terminal

__all__ = [
    "Attestation",
    "BootImage",
    "HandOver",
    "Heartbeat",
    "LossReport",
    "Outcome",
    "Quarantine",
    "QuarantineEnd",
    "Seal",
    "Terminal",
    "TerminalCustody",
    "TerminalInspection",
    "TerminalLock",
    "TerminalSignature",
]
