"""Corrections of a zone from the desk: they name the version they expect, or change nothing."""

from collections.abc import Callable

from hardware.gateway.doorway import COMMAND
from hardware.gateway.edge_journal import Draft, StatePut
from hardware.gateway.orders import Order
from hardware.gateway.site import Site
from hardware.gateway.zones import Zone

Correction = Callable[[Site, Zone, Order], str | None]


def zone_mark_out(site: Site, zone: Zone, order: Order) -> str | None:
    """A person has been seen to be out; gives why not, or None when it is done."""
    with zone.lock:
        wrong = _unexpected(zone, order)
        person = str(order.args["person_id"])
        if wrong is None and person not in zone.inside:
            wrong = "not_inside"
        if wrong is None:
            _correct(site, zone, order, [_out(site, zone, order, person, "marked_out")])
        return wrong


def zone_forgive(site: Site, zone: Zone, order: Order) -> str | None:
    """With a person: forget that they are inside, so that they may enter again.

    Without: an officer has counted and the list is right, so the zone is certain again.
    """
    with zone.lock:
        wrong = _unexpected(zone, order)
        if wrong is not None:
            return wrong
        person = order.args.get("person_id")
        drafts: list[Draft] = []
        if person is None:
            drafts += zone.counted()
        elif str(person) in zone.inside:
            drafts.append(_out(site, zone, order, str(person), "forgiven"))
        _correct(site, zone, order, drafts)
        return None


def _unexpected(zone: Zone, order: Order) -> str | None:
    return None if int(order.args["zone_version"]) == zone.version else "zone_version"


def _out(site: Site, zone: Zone, order: Order, person: str, basis: str) -> Draft:
    body = {"portal": None, "read_id": None, "basis": basis, "basis_id": order.id}
    return zone.left(person, site.clock(), body)


def _correct(site: Site, zone: Zone, order: Order, drafts: list[Draft]) -> None:
    done = {
        "command_id": order.id,
        "verb": order.verb,
        "zone": zone.code,
        "zone_version": zone.version,
        "person_id": order.args.get("person_id"),
    }
    site.recorder.fact(
        [*drafts, Draft("command.done", done)],
        [*zone.changed(), StatePut(COMMAND, order.id, None)],
    )


CORRECTIONS: dict[str, Correction] = {
    "zone_forgive": zone_forgive,
    "zone_mark_out": zone_mark_out,
}
