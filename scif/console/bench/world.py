"""The virtual devices of one facility: what is installed, and how each process says they stand."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from hardware.models import Device, DeviceKind, Gateway, GatewayStatus
from hardware.simulators.cards import CardStore
from hardware.simulators.client import SimulatorClient, SimulatorError
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import facilities_with, visible

VIEW = "hardware.view_device"
ACT = "access.use_desk"
# A gateway reports every second; after this many seconds without a report it counts as away.
REPORT_SECONDS = 5


@dataclass(frozen=True)
class World:
    """``states`` is what the processes answered, by bus; ``away`` names those that did not.

    ``skews`` is by how many seconds the clock of each gateway was set ahead here.
    """

    facility: Facility
    gateways: list[Gateway]
    devices: list[Device]
    reports: dict[str, GatewayStatus]
    states: dict[str, dict[str, Any]]
    skews: dict[str, float]
    away: list[str]

    def device(self, code: str) -> Device | None:
        """A device by its code."""
        return next((device for device in self.devices if device.code == code), None)

    def gateway(self, code: str) -> Gateway | None:
        """A gateway by its code."""
        return next((gateway for gateway in self.gateways if gateway.code == code), None)

    def bus(self, device: Device) -> dict[str, Any]:
        """How the device's bus stands; empty while its process does not answer."""
        return self.states.get(device.bus.code, {})

    def reader(self, device: Device) -> dict[str, Any]:
        """How a reader stands."""
        return dict(self.bus(device).get("readers", {}).get(device.code, {}))

    def board(self, device: Device) -> dict[str, Any]:
        """How a relay and input board stands."""
        return dict(self.bus(device).get("boards", {}).get(device.code, {}))

    def door(self, device: Device) -> dict[str, Any]:
        """How the door of a device stands; its strike may hang on another bus."""
        code = device.portal.code if device.portal else ""
        doors = (bus["doors"][code] for bus in self.states.values() if code in bus.get("doors", {}))
        return dict(next(doors, {}))

    def report(self, gateway: str) -> Mapping[str, Any] | None:
        """What a gateway last said of itself; None where it is silent."""
        status = self.reports.get(gateway)
        return None if status is None else status.state


def directory() -> Path:
    """Where the virtual devices have their sockets and cards."""
    return Path(os.environ["SCIF_SIM_DIR"])


def card_store() -> CardStore:
    """The cards of the demonstration."""
    return CardStore(directory() / "cards")


def client(gateway: str) -> SimulatorClient:
    """The process that plays the devices of a gateway; it bears the gateway's code."""
    return SimulatorClient(directory(), gateway)


def facility_of(code: str, actor: Actor) -> Facility:
    """A facility whose devices the actor may see; raises DoesNotExist."""
    return facilities_with(actor, VIEW).select_related("marking").get(code=code)


def facility_to_act(code: str, actor: Actor) -> Facility:
    """A facility whose devices the actor may play with: who works there; raises DoesNotExist."""
    return facilities_with(actor, ACT).get(code=code)


def world_of(facility: Facility, actor: Actor) -> World:
    """Ask every process of the facility how its devices stand."""
    gateways = list(visible(Gateway.objects.filter(facility=facility), actor, VIEW))
    devices = visible(
        Device.objects.filter(bus__gateway__in=gateways, retired_at=None), actor, VIEW
    )
    heard = now() - timedelta(seconds=REPORT_SECONDS)
    codes = [gateway.code for gateway in gateways]
    reports = GatewayStatus.objects.filter(gateway__in=codes, heard_at__gte=heard)
    states: dict[str, dict[str, Any]] = {}
    skews: dict[str, float] = {}
    away = []
    for code in codes:
        try:
            answer = client(code).ask("state")
            states |= answer["state"]
            skews[code] = float(answer["skew"])
        except SimulatorError:
            away.append(code)
    return World(
        facility=facility,
        gateways=gateways,
        devices=list(devices.select_related("bus__gateway", "portal", "bank")),
        reports={status.gateway: status for status in reports},
        states=states,
        skews=skews,
        away=away,
    )


def chosen(world: World, code: str) -> Device | Gateway | None:
    """What is on the panel: the device or gateway of that code, else the first reader there is."""
    found = world.device(code) or world.gateway(code)
    readers = (device for device in world.devices if device.kind == DeviceKind.READER)
    rest: list[Device | Gateway] = [*world.devices, *world.gateways]
    return found or next(readers, None) or next(iter(rest), None)
