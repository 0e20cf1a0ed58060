"""What a gateway has been told, read at the centre: the very records that its doors decide from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hardware.models import Gateway, SnapshotDelta
from scif.facilities.models import IdsState

Record = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Told:
    """A gateway's records up to one version; a ``SnapshotView`` whose freshness is assumed.

    ``version`` is the newest there is: what waits on its way to the gateway is included.
    ``heard_at`` is when the gateway is taken to have had the centre's last word.
    """

    gateway: str
    version: int
    heard_at: datetime | None
    _read: dict[tuple[str, str], Record] = field(default_factory=dict)

    @classmethod
    def now(cls, gateway: str, heard_at: datetime) -> "Told":
        """All that the gateway has been told so far; an unknown one has been told nothing."""
        deltas = SnapshotDelta.objects.filter(gateway=gateway).order_by("-version")
        return cls(gateway, deltas.values_list("version", flat=True).first() or 0, heard_at)

    def get(self, kind: str, key: str) -> Record:
        """The newest record of this version, or None where it is gone or never was.

        What an alarm panel says the gateway hears itself; here it is what it last reported.
        """
        if kind == "panel":
            return self._panel(key)
        if (kind, key) not in self._read:
            told = SnapshotDelta.objects.filter(
                gateway=self.gateway, version__lte=self.version, kind=kind, key=key
            )
            found = told.order_by("-version").values_list("payload", flat=True).first()
            self._read[kind, key] = found
        return self._read[kind, key]

    def _panel(self, area: str) -> Record:
        gateways = Gateway.objects.filter(code=self.gateway)
        said = IdsState.objects.filter(
            area__code=area, area__facility__in=gateways.values("facility")
        ).first()
        return None if said is None else {"mode": said.mode, "alarm": said.in_alarm}

    def cut_off_since(self, moment: datetime) -> "Told":
        """The same records, as a gateway holds them that has heard nothing since."""
        return replace(self, heard_at=moment)
