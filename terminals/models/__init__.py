"""Models of the terminals: laptops, custody, proofs, stops; sessions, activity, egress; airlock."""

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
from terminals.models.anomaly import (
    ActivityBaseline,
    ActivitySums,
    Anomaly,
    AnomalyAct,
    AnomalyKind,
    AnomalyVerdict,
    SessionActivity,
)
from terminals.models.appeal import AirlockReviewer, Appeal, AppealOutcome, AppealVote, Part
from terminals.models.attestation import Attestation, Outcome
from terminals.models.control import ControlLook
from terminals.models.custody import (
    HandOver,
    TerminalCustody,
    TerminalInspection,
    TerminalSignature,
)
from terminals.models.harness import HarnessPolicy
from terminals.models.heartbeat import Heartbeat
from terminals.models.image import BootImage
from terminals.models.ledger import EgressKind, EgressLedger
from terminals.models.place import PlaceStatus, RegisteredPlace
from terminals.models.session import PinSeen, Session, SessionModerator, SessionRequest
from terminals.models.stop import LossReport, Quarantine, QuarantineEnd, TerminalLock
from terminals.models.terminal import Seal, Terminal
from terminals.models.terms import EngagementTerms

__all__ = [
    "ActivityBaseline",
    "ActivitySums",
    "AirlockCheck",
    "AirlockItem",
    "AirlockReviewer",
    "AirlockVersion",
    "Anomaly",
    "AnomalyAct",
    "AnomalyKind",
    "AnomalyVerdict",
    "Appeal",
    "AppealOutcome",
    "AppealVote",
    "Attestation",
    "BootImage",
    "ControlLook",
    "Direction",
    "EgressKind",
    "EgressLedger",
    "EngagementTerms",
    "Ground",
    "HandOver",
    "HarnessPolicy",
    "Heartbeat",
    "Kind",
    "LossReport",
    "Outcome",
    "Part",
    "PinSeen",
    "PlaceStatus",
    "Quarantine",
    "QuarantineEnd",
    "RegisteredPlace",
    "Seal",
    "Session",
    "SessionActivity",
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
