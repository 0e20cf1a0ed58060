"""Models of the terminals: laptops, images, custody, proofs, stops; sessions, egress, airlock."""

from terminals.models.airlock import (
    AirlockCheck,
    AirlockItem,
    AirlockVersion,
    Direction,
    Ground,
    Kind,
    Side,
    Verdict,
)
from terminals.models.appeal import AirlockReviewer, Appeal, AppealOutcome, AppealVote, Part
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
from terminals.models.session import PinSeen, Session, SessionModerator, SessionRequest
from terminals.models.stop import LossReport, Quarantine, QuarantineEnd, TerminalLock
from terminals.models.terminal import Seal, Terminal
from terminals.models.terms import EngagementTerms

__all__ = [
    "AirlockCheck",
    "AirlockItem",
    "AirlockReviewer",
    "AirlockVersion",
    "Appeal",
    "AppealOutcome",
    "AppealVote",
    "Attestation",
    "BootImage",
    "Direction",
    "EgressKind",
    "EgressLedger",
    "EngagementTerms",
    "Ground",
    "HandOver",
    "Heartbeat",
    "Kind",
    "LossReport",
    "Outcome",
    "Part",
    "PinSeen",
    "Quarantine",
    "QuarantineEnd",
    "Seal",
    "Session",
    "SessionModerator",
    "SessionRequest",
    "Side",
    "Terminal",
    "TerminalCustody",
    "TerminalInspection",
    "TerminalLock",
    "TerminalSignature",
    "Verdict",
]
