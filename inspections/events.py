"""What inspections tells the parts above, within the transaction that changed it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SweepChanged:
    """A sweep of the area became due, began or ended: whether the room may be entered changed."""

    area_id: UUID


@dataclass(frozen=True, slots=True)
class AccreditationChanged:
    """An accreditation of the area was recorded, suspended or ended."""

    area_id: UUID
