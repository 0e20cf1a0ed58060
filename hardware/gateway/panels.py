"""Alarm panels, heard on monitored inputs: what each says of its area. Nothing is ever told to one.

A device whose record carries ``panel`` names the area and what each of its inputs means::

    "panel": {"area": "ml-r", "inputs": {"0": {"fact": "access", "active": true}, …}}

``fact`` is ``access``, ``secure``, ``maintenance`` (the panel's modes), ``alarm`` or ``trouble``;
it holds while the input is as ``active`` says. Doors of this gateway decide by it, without the
centre.
"""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hardware.decider import SnapshotView
from hardware.drivers.base import DeviceEvent, Signal
from hardware.gateway.config import DeviceConfig
from hardware.gateway.devices import STUCK, Listener
from hardware.gateway.edge_journal import Draft, StatePut
from hardware.gateway.recorder import Recorder
from hardware.kinds import PANEL_FACTS, PANEL_MODES

KIND, OPTION = "panel", "panel"
MODES = PANEL_MODES
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an input says while it is ``active``."""

    fact: str
    active: bool


class Panels:
    """What is known of each area that has a panel, by the area's code and the device that hears.

    INVARIANT: what was not heard since its device answers is unknown, and unknown is no mode; what
    a device said that is not there any more counts for nothing. The state that is kept tells only
    what the centre was told last, so that a restart repeats nothing.
    """

    def __init__(self, recorder: Recorder, stored: Mapping[str, Mapping[str, Any]]) -> None:
        self._recorder = recorder
        self._told = {area: dict(value) for area, value in stored.items()}
        self._said: dict[str, dict[str, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def install(self, areas: Mapping[str, set[str]]) -> None:
        """These areas have a panel, heard by these devices; of new ones nothing is known yet."""
        with self._lock:
            before, unheard = self._said, record({}, {})
            self._said = {
                area: {code: before.get(area, {}).get(code, unheard) for code in sorted(devices)}
                for area, devices in areas.items()
            }
        for area, said in self._said.items():
            if area in before and before[area].keys() != said.keys():
                self._tell(next(iter(said)), area)

    def over(self, snapshot: SnapshotView) -> SnapshotView:
        """The snapshot together with what the panels say, as records ``panel``."""
        return _View(snapshot, self)

    def said(self, area: str) -> Mapping[str, Any] | None:
        """What the panel of an area says, or None where there is none here."""
        said = self._said.get(area)
        return together(said.values()) if said else None

    def change(self, panel: str, area: str, said: dict[str, Any]) -> None:
        """Keep what a panel says now, and tell the centre what it was not told before."""
        with self._lock:
            self._said.setdefault(area, {})[panel] = said
        self._tell(panel, area)

    def _tell(self, panel: str, area: str) -> None:
        with self._lock:
            said = together(self._said[area].values())
            if self._told.get(area) == said:
                return
            self._told[area] = said
        body = {"panel": panel, "area": area, **said}
        self._recorder.fact([Draft("panel.changed", body)], [StatePut(KIND, area, said)])


class PanelInputs:
    """The monitored inputs of one device that a panel drives; other events go on to its owner."""

    def __init__(self, device: DeviceConfig, panels: Panels, inner: Listener | None) -> None:
        self.area, self._meanings = meanings_of(device)
        self.device, self.inner, self._panels = device, inner, panels
        self._heard: dict[int, bool] = {}
        self._stuck = False

    def heard(self, event: DeviceEvent) -> None:
        """An input changes; or the device goes or comes, and nothing heard before counts."""
        if event.signal is Signal.INPUT and int(event.data["number"]) in self._meanings:
            self._heard[int(event.data["number"])] = bool(event.data["active"])
            self._tell()
            return
        if event.signal in (Signal.ONLINE, Signal.OFFLINE):
            self._reachable(event)
            self._tell()
        if self.inner is not None:
            self.inner.heard(event)

    def tick(self) -> None:
        """Time passes for whose device it is; that part is ticked by the plant itself."""

    def _reachable(self, event: DeviceEvent) -> None:
        """A device that comes back says everything anew; one whose bus was stuck only its changes.

        So what it had said before holds again once its bus takes turns.
        """
        if event.signal is Signal.OFFLINE and event.data.get("reason") == STUCK:
            self._stuck = True
            return
        if not (self._stuck and event.signal is Signal.ONLINE):
            self._heard.clear()
        self._stuck = False

    def _tell(self) -> None:
        heard = {} if self._stuck else self._heard
        self._panels.change(self.device.code, self.area, record(self._meanings, heard))


def meanings_of(device: DeviceConfig) -> tuple[str, dict[int, Meaning]]:
    """The area and the meanings in a device's record; raises where they are not clear."""
    option = device.options[OPTION]
    found: dict[int, Meaning] = {}
    for number, meaning in option["inputs"].items():
        if meaning["fact"] not in PANEL_FACTS:
            raise ValueError(f"no panel says {meaning['fact']}")
        found[int(number)] = Meaning(meaning["fact"], meaning["active"] is True)
    return str(option["area"]), found


def record(meanings: Mapping[int, Meaning], heard: Mapping[int, bool]) -> dict[str, Any]:
    """``{"mode", "alarm", "trouble"}``: a mode only if one alone is said; None is unknown."""

    def holds(fact: str) -> bool | None:
        inputs = [(number, m) for number, m in meanings.items() if m.fact == fact]
        if any(number in heard and heard[number] is m.active for number, m in inputs):
            return True
        return False if all(number in heard for number, _ in inputs) else None

    said = {mode: holds(mode) for mode in MODES}
    only = [mode for mode, value in said.items() if value]
    sure = len(only) == 1 and None not in said.values()
    return {
        "mode": only[0] if sure and meanings else UNKNOWN,
        "alarm": holds("alarm") if meanings else None,
        "trouble": holds("trouble") if meanings else None,
    }


def together(said: Collection[Mapping[str, Any]]) -> dict[str, Any]:
    """What the devices of one area say together, while a panel moves from one to another.

    A mode in which they differ is unknown; what one reports is so.
    """
    modes = {each["mode"] for each in said}
    return {
        "mode": modes.pop() if len(modes) == 1 else UNKNOWN,
        "alarm": _worst([each["alarm"] for each in said]),
        "trouble": _worst([each["trouble"] for each in said]),
    }


def _worst(values: list[bool | None]) -> bool | None:
    if True in values:
        return True
    return None if None in values else False


@dataclass(frozen=True, slots=True)
class _View:
    """A snapshot with the panels' own records among its own."""

    snapshot: SnapshotView
    panels: Panels

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        return self.panels.said(key) if kind == KIND else self.snapshot.get(kind, key)

    @property
    def version(self) -> int:
        return self.snapshot.version

    @property
    def heard_at(self) -> datetime | None:
        return self.snapshot.heard_at
