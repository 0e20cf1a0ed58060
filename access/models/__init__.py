"""Models of access: mandate, clearance, booking, visit, custody, badge, decision, presence."""

from access.models.badge import Badge, BadgeAssignment, BadgeKind, Pin
from access.models.booking import Booking, BookingAttendee
from access.models.clearance import (
    Duty,
    DutyRole,
    Eligibility,
    EligibilityStatus,
    Indoctrination,
    Nda,
    NeedToKnow,
    RosterEntry,
)
from access.models.cost import CostScenario
from access.models.custody import CustodyItem, LockerAssignment, Signature, SignaturePurpose
from access.models.decision import AccessDecision, Presence, PresenceEvent
from access.models.emergency import Emergency, Responder, Response
from access.models.engagement import (
    AccessKind,
    Engagement,
    EngagementMember,
    ModelAsset,
    Sponsor,
)
from access.models.lockdown import Lockdown, LockdownPass
from access.models.sanitisation import Sanitisation
from access.models.threat import ThreatLevelChange
from access.models.visit import Visit, VisitStep
from access.models.wall import ConflictWall, WallKind

__all__ = [
    "AccessDecision",
    "AccessKind",
    "Badge",
    "BadgeAssignment",
    "BadgeKind",
    "Booking",
    "BookingAttendee",
    "ConflictWall",
    "CostScenario",
    "CustodyItem",
    "Duty",
    "DutyRole",
    "Eligibility",
    "EligibilityStatus",
    "Emergency",
    "Engagement",
    "EngagementMember",
    "Indoctrination",
    "Lockdown",
    "LockdownPass",
    "LockerAssignment",
    "ModelAsset",
    "Nda",
    "NeedToKnow",
    "Pin",
    "Presence",
    "PresenceEvent",
    "Responder",
    "Response",
    "RosterEntry",
    "Sanitisation",
    "Signature",
    "SignaturePurpose",
    "Sponsor",
    "ThreatLevelChange",
    "Visit",
    "VisitStep",
    "WallKind",
]
