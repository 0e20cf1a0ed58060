"""Belongings on a visit of the past week: into a locker and back, signed by both."""

from access.models import LockerAssignment, Visit
from access.services.custody import locker_assign, locker_open_request
from access.services.deposit import custody_item_add, deposit_sign, return_sign
from scif.console.demo.history_gateway import PastClock, PastGateway
from scif.kernel.actor import Actor

PAUSE_SECONDS = 30.0
# What the visitor carries: kind, mark.
BROUGHT = (("Phone, keys, wallet", "sealed bag 7FA2 91"),)
# A signature as the pad writes it.
SIGNATURE = {
    "kind": "drawn",
    "width": 260,
    "height": 140,
    "strokes": [[[10 + 8 * x, 64 + (7 * x) % 23] for x in range(28)]],
}
PARTIES = ("visitor", "guard")


def deposit(clock: PastClock, gateway: PastGateway, visit: Visit, guard: Actor) -> None:
    """Phone and keys go into a locker, its door is shut, both sign."""
    locker_assign(visit_id=visit.pk, actor=guard)
    for kind, mark in BROUGHT:
        custody_item_add(
            visit_id=visit.pk,
            kind=kind,
            mark=mark,
            stays_with_visitor=False,
            approval="",
            actor=guard,
        )
    _open_and_shut(clock, gateway, visit, guard)
    for party in PARTIES:
        deposit_sign(visit_id=visit.pk, party=party, strokes=SIGNATURE, actor=guard)


def give_back(clock: PastClock, gateway: PastGateway, visit: Visit, guard: Actor) -> None:
    """The locker is emptied and shut, both sign."""
    _open_and_shut(clock, gateway, visit, guard)
    for party in PARTIES:
        return_sign(visit_id=visit.pk, party=party, strokes=SIGNATURE, actor=guard)


def _open_and_shut(clock: PastClock, gateway: PastGateway, visit: Visit, guard: Actor) -> None:
    order = locker_open_request(visit_id=visit.pk, actor=guard)
    gateway.obey("locker_open")
    clock.advance(PAUSE_SECONDS)
    held = LockerAssignment.objects.select_related("locker").get(visit=visit, released_at=None)
    gateway.locker_shut(order.target, held.locker.lock)
    clock.advance(PAUSE_SECONDS)
