"""Models of the terminals: laptops, their images, custody, proofs and stops; sessions, egress."""

from terminals.models.attestation import Attestation, Outcome
from terminals.models.custody import (
    HandOver,
    TerminalCustody,
    TerminalInspection,
    TerminalSignature,
)
from terminals.models.heartbeat import Heartbeat
from terminals.models.image import BootImage
from terminals.models.ledger import EgressKind, EgressLedger
from terminals.models.session import Session, SessionModerator, SessionRequest
from terminals.models.stop import LossReport, Quarantine, QuarantineEnd, TerminalLock
from terminals.models.terminal import Seal, Terminal
from terminals.models.terms import EngagementTerms

__all__ = [
    "Attestation",
    "BootImage",
    "EgressKind",
    "EgressLedger",
    "EngagementTerms",
    "HandOver",
    "Heartbeat",
    "LossReport",
    "Outcome",
    "Quarantine",
    "QuarantineEnd",
    "Seal",
    "Session",
    "SessionModerator",
    "SessionRequest",
    "Terminal",
    "TerminalCustody",
    "TerminalInspection",
    "TerminalLock",
    "TerminalSignature",
]
