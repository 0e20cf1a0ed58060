"""What hardware tells the parts above, within the transaction that changed it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PanelInstalled:
    """A board carries the alarm panel of an area, of which nothing is known until it is heard."""

    area_id: UUID


@dataclass(frozen=True, slots=True)
class PanelEnded:
    """An area has no alarm panel any more, as two officers agreed."""

    area_id: UUID
