"""Models of places: facility, area, zone, portal, lockers; schemes and policy profiles."""

from scif.facilities.models.base import Record
from scif.facilities.models.closed_day import ClosedDay
from scif.facilities.models.facility import (
    AntiPassback,
    Area,
    AreaKind,
    Facility,
    Locker,
    LockerBank,
    LockerPurpose,
    OfflineRule,
    Portal,
    Zone,
)
from scif.facilities.models.ids import IdsMode, IdsState
from scif.facilities.models.policy import PolicyProfile
from scif.facilities.models.scheme import (
    Caveat,
    Compartment,
    Equivalence,
    Level,
    SecurityScheme,
)

__all__ = [
    "AntiPassback",
    "Area",
    "AreaKind",
    "Caveat",
    "ClosedDay",
    "Compartment",
    "Equivalence",
    "Facility",
    "IdsMode",
    "IdsState",
    "Level",
    "Locker",
    "LockerBank",
    "LockerPurpose",
    "OfflineRule",
    "PolicyProfile",
    "Portal",
    "Record",
    "SecurityScheme",
    "Zone",
]
