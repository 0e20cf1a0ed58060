"""An intrusion alarm panel, heard through inputs of a board. Nothing is ever told to it."""

from hardware.drivers.base import DeviceEvent, Signal
from hardware.gateway.config import DeviceConfig
from hardware.gateway.edge_journal import Draft
from hardware.gateway.site import Site


class AlarmPanel:
    """The panel's outputs as inputs of ``device``, by the option ``panel``: a number for each name.

    Names are the panel's: ``alarm``, ``trouble``, ``secured``. A board that does not answer tells
    nothing: INVARIANT: what was last heard is then called unknown and not repeated as the state.
    """

    def __init__(self, device: DeviceConfig, site: Site) -> None:
        self._device = device.code
        self._area = device.options.get("area")
        self._names = {int(number): str(name) for name, number in device.options["panel"].items()}
        self._site = site
        self._heard: dict[str, bool] = {}
        self._known = True

    def heard(self, event: DeviceEvent) -> None:
        """The board reports."""
        match event.signal:
            case Signal.INPUT:
                name = self._names.get(int(event.data["number"]))
                if name is not None:
                    self._heard[name] = bool(event.data["active"])
                    self._tell(name)
            case Signal.OFFLINE if self._known:
                self._known = False
                self._site.recorder.fact([Draft("panel.unknown", self._of())])
            case Signal.ONLINE if not self._known:
                self._known = True
                # A driver tells after ONLINE only what has changed: what was known holds again.
                for name in self._heard:
                    self._tell(name)

    def tick(self) -> None:
        """A panel has no time limits of ours."""

    def _tell(self, name: str) -> None:
        body = self._of() | {"name": name, "active": self._heard[name]}
        self._site.recorder.fact([Draft("panel.changed", body)])

    def _of(self) -> dict[str, object]:
        return {"device": self._device, "area": self._area}
