"""Several tablets ask one desk reader at once: one order is given, so no card gets two numbers."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection, transaction

from access.services.orders import order_request
from hardware.models import Bus, Command, Device, Gateway
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from tests.factories import make_place

AT_ONCE = 6


def ask(device: Device, actor: Actor, barrier: Barrier, number: int) -> str:
    """Ask for a card from a connection of this thread's own; gives what came of it."""
    try:
        connection.ensure_connection()
        barrier.wait()
        with transaction.atomic():
            order_request(
                device=device,
                target=device.code,
                verb="card_encode",
                args={"badge": f"V-{number}", "visit": str(number)},
                lifetime="card_lifetime",
                actor=actor,
            )
    except Refused as refusal:
        return refusal.code
    finally:
        connection.close()
    return "asked"


def test_one_card_is_encoded_at_a_time(committed_database: str) -> None:
    place, barrier = make_place("own"), Barrier(AT_ONCE)
    gateway = Gateway.objects.get(pk=place.records["hardware.gateway"].pk)
    bus = Bus.objects.create(gateway=gateway, code="desk", driver="nfc", port="ttyS7", baud=115200)
    device = Device.objects.create(bus=bus, code="desk-1", kind="desk_reader")
    user = place.users["guard"]
    actor = Actor.user(user.pk, user.person_id)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda number: ask(device, actor, barrier, number), range(AT_ONCE))
    assert sorted(found) == ["asked"] + ["order_waiting"] * (AT_ONCE - 1)
    assert Command.objects.filter(target="desk-1").count() == 1
