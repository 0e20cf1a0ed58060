"""Models of fitness for use: accreditations and sweeps."""

from inspections.models.accreditation import Accreditation
from inspections.models.sweep import Sweep

__all__ = ["Accreditation", "Sweep"]
