"""A door that stands open for too long: its readers say so first, then it is an alarm."""

from hardware.drivers.base import DeviceCommand, Verb
from hardware.gateway.config import PortalConfig
from hardware.gateway.edge_journal import Draft
from hardware.gateway.leaf import Leaf
from hardware.gateway.site import Site


def held_open(leaf: Leaf, config: PortalConfig, site: Site) -> list[Draft]:
    """What is to be said now; nothing of a door that two people ordered to stand open."""
    now = site.monotonic()
    if site.standing.held(config.code):
        leaf.excuse(now)
    if site.standing.shunted(config.code):
        return []
    said = []
    limit, ahead = config.held_seconds, site.policy.held_warning_seconds
    if leaf.nears(now=now, limit=limit, ahead=ahead):
        said.append(Draft("door.held_warning", {"portal": config.code}))
        _warn(config, site)
    if leaf.overstays(now=now, limit=limit):
        said.append(Draft("door.held", {"portal": config.code}))
    return said


def _warn(config: PortalConfig, site: Site) -> None:
    """Every reader of the door says that it must be shut."""
    until = site.monotonic() + site.policy.strike_ack_tenths / 10
    for reader in config.readers:
        shown = {"outcome": "held_warning", "text": ""}
        site.send(DeviceCommand(reader, Verb.FEEDBACK, shown), until)
