"""What a decision rests on, as frozen data. INVARIANT: a fact that is missing (None) denies."""

from access.rules.facts.basis import (
    Basis,
    BasisKind,
    Belongings,
    BookingFacts,
    DutyBasis,
    DutyPost,
    EmergencyBasis,
    EngagementFacts,
    EscortBasis,
    InspectionBasis,
    RosterBasis,
    VisitBasis,
    Window,
)
from access.rules.facts.facts import CredentialFacts, Factors, Facts, PinOutcome, Stage
from access.rules.facts.person import (
    Eligibility,
    EligibilityStatus,
    Indoctrination,
    Nda,
    NeedToKnow,
    PersonFacts,
)
from access.rules.facts.place import (
    AccreditationFacts,
    AreaFacts,
    OfflineRule,
    PortalFacts,
    ZoneFacts,
)
from access.rules.facts.policy import PolicyFacts, PolicyIncomplete

__all__ = [
    "AccreditationFacts",
    "AreaFacts",
    "Basis",
    "BasisKind",
    "Belongings",
    "BookingFacts",
    "CredentialFacts",
    "DutyBasis",
    "DutyPost",
    "Eligibility",
    "EligibilityStatus",
    "EmergencyBasis",
    "EngagementFacts",
    "EscortBasis",
    "Factors",
    "Facts",
    "Indoctrination",
    "InspectionBasis",
    "Nda",
    "NeedToKnow",
    "OfflineRule",
    "PersonFacts",
    "PinOutcome",
    "PolicyFacts",
    "PolicyIncomplete",
    "PortalFacts",
    "RosterBasis",
    "Stage",
    "VisitBasis",
    "Window",
    "ZoneFacts",
]
