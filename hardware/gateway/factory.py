"""From a bus's record to its driver, by the table of kinds (``hardware/kinds.py``)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hardware.drivers.base import Driver
from hardware.drivers.installed import BusConfig
from hardware.kinds import KINDS, named
from scif.kernel.keys import KeyStore


def driver_factory(keys: KeyStore, ports: Path) -> Callable[[BusConfig], Driver]:
    """A factory of drivers; raises ValueError for a driver or a bus that it does not know.

    ``ports`` is the folder of a port that is named without one.
    """

    def make(bus: BusConfig) -> Driver:
        kind = KINDS.get(bus.driver)
        if kind is None:
            raise ValueError(f"bus {bus.code}: there is no driver {bus.driver!r}")
        # The driver's module is imported when a bus needs it: its library is not everywhere.
        build: Callable[[BusConfig, KeyStore], Driver] = named(kind.driver)
        return build(replace(bus, port=str(ports / bus.port)), keys)

    return make
