"""A zone goes to another gateway: who is inside goes along, and the old one's word is over."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.models import Presence, Visit
from access.services.hand_over import zone_hand_over, zone_hand_over_ask
from access.services.rewiring import rewiring_confirm
from hardware.gateway.database import PostgresCentre
from hardware.models import (
    Bus,
    Device,
    Gateway,
    InboxEvent,
    Rewiring,
    SnapshotDelta,
    ZoneTenure,
)
from scif.alarms.models import Alarm
from scif.facilities.models import Portal, Zone
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from scif.runtime.postgres import Postgres
from tests.edge_rows import sealed_rows
from tests.factories import Place
from tests.flows.plant_world import second_officer
from tests.gateway_rig import Rig
from tests.hardware.links_rig import Report
from tests.roles import ingest


def officer(place: Place) -> Actor:
    user = place.users["officer"]
    return Actor.user(user.pk, user.person_id)


def ask(place: Place, gateway: str = "g2", actor: Actor | None = None) -> ZoneTenure | Rewiring:
    return zone_hand_over_ask(
        zone_id=Zone.objects.get(code="w-z").pk,
        gateway=gateway,
        reason="The cable was moved",
        actor=actor or officer(place),
    )


def hand_over(place: Place, gateway: str = "g2", actor: Actor | None = None) -> ZoneTenure:
    """By two officers where its gateway is heard."""
    done = ask(place, gateway, actor)
    if isinstance(done, Rewiring):
        rewiring_confirm(rewiring_id=done.pk, actor=second_officer(place))
    return ZoneTenure.objects.get(zone__code="w-z")


def told(gateway: str) -> Any:
    """The newest record of the zone that a gateway has."""
    deltas = SnapshotDelta.objects.filter(gateway=gateway, kind="zone", key="w-z")
    return deltas.latest("version").payload


def zones(certain: bool, inside: int) -> dict[str, object]:
    return {"zones": {"w-z": {"version": 4, "inside": inside, "certain": certain}}, "epoch": 1}


@pytest.mark.parametrize(
    ("certain", "inside", "silent", "sure"),
    [
        (True, None, False, True),
        (False, None, False, False),
        (True, 99, False, False),
        (True, None, True, False),
    ],
    ids=["known", "it doubted", "counts differ", "it is silent"],
)
def test_who_is_inside_goes_along_and_is_certain_only_where_it_can_be(
    place: Place, report: Report, *, certain: bool, inside: int | None, silent: bool, sure: bool
) -> None:
    count = Presence.objects.filter(zone__code="w-z").count()
    if not silent:
        state = zones(certain, count if inside is None else inside)
        report("g1", version=0, state=state)
    tenure = hand_over(place)
    assert (tenure.gateway.code, tenure.epoch) == ("g2", 1)
    record = told("g2")
    assert record["epoch"] == 1
    assert set(record["inside"]) == {
        str(pk) for pk in Presence.objects.values_list("person_id", flat=True)
    }
    assert record["certain"] is sure
    assert Alarm.objects.filter(kind="zone_uncertain", closed_at=None).exists() is not sure
    assert Bus.objects.get(code="w-osdp").gateway.code == "g2"
    assert not SnapshotDelta.objects.filter(gateway="g1", payload__isnull=False).exists()


def test_the_escort_of_a_visitor_goes_along(place: Place) -> None:
    visit = Visit.objects.get(pk=place.records["access.visit"].pk)
    visit.booking.attendees.filter(person=visit.person).update(escort=place.world.colleague)
    Visit.objects.filter(pk=visit.pk).update(state="inside")
    Presence.objects.update_or_create(
        zone=Zone.objects.get(code="w-z"),
        person=visit.person,
        defaults={"basis": "visit", "since": now(), "visit": visit},
    )
    hand_over(place)
    mine = told("g2")["inside"][str(visit.person_id)]
    assert mine["escort"] == str(place.world.colleague.pk)


def test_what_the_old_gateway_still_says_goes_into_quarantine(
    place: Place, committed_database: str, postgres: Postgres
) -> None:
    hand_over(place)
    person = place.users["guard"].person_id
    body = {"zone": "w-z", "portal": "w-d1", "person_id": str(person), "zone_version": 9}
    signer = Ed25519PrivateKey.generate()
    for code, epoch in (("g1", 0), ("g2", 1)):
        role = f"scif_gateway_{code}"
        centre = PostgresCentre(code, lambda role=role: postgres.connect(role, committed_database))  # type: ignore[misc]  # no types at a default
        said = [("presence.entered", {**body, "zone_epoch": epoch})]
        centre.insert(sealed_rows(code, said, signer, datetime.now(UTC)))
        centre.close()
    before = Presence.objects.count()
    assert ingest(key_of=lambda _code: signer.public_key()) == 2
    quarantine = dict(InboxEvent.objects.values_list("gateway", "quarantine"))
    assert "OutOfTenureError" in quarantine["g1"]
    assert quarantine["g2"] == ""
    assert Presence.objects.count() == before + 1
    assert Alarm.objects.filter(kind="event_quarantined", subject="g1").exists()


def test_it_may_be_handed_back_and_the_epoch_only_grows(place: Place) -> None:
    hand_over(place)
    with pytest.raises(Refused, match="already"):
        hand_over(place)
    assert hand_over(place, "g1").epoch == 2
    assert told("g1")["epoch"] == 2


def test_a_bus_that_serves_another_door_is_not_torn_apart(place: Place) -> None:
    bus = Bus.objects.get(code="w-osdp")
    Device.objects.create(bus=bus, code="w-r9", kind="reader", address=9)
    with pytest.raises(Refused, match="w-r9"):
        hand_over(place)
    assert not ZoneTenure.objects.exists()


def test_a_device_that_was_taken_out_holds_no_bus_back(place: Place) -> None:
    bus = Bus.objects.get(code="w-osdp")
    Device.objects.create(bus=bus, code="w-r9", kind="reader", address=9, retired_at=now())
    assert hand_over(place).gateway.code == "g2"


def test_a_gateway_that_is_heard_loses_a_zone_by_two_officers_only(
    place: Place, report: Report
) -> None:
    report("g1", version=0, state=zones(True, 0))
    order = ask(place)
    assert isinstance(order, Rewiring)
    assert order.waits
    assert not ZoneTenure.objects.exists()
    zone = order.place_id
    assert zone is not None
    with pytest.raises(Refused) as alone:
        zone_hand_over(zone_id=zone, gateway="g2", reason="x", actor=officer(place))
    assert alone.value.code == "two_needed"
    with pytest.raises(Refused) as own:
        rewiring_confirm(rewiring_id=order.pk, actor=officer(place))
    assert own.value.code == "own_request"
    Device.objects.create(
        bus=Bus.objects.create(
            gateway=Gateway.objects.get(code="g1"), code="w-2", port="ttyS7", baud=9600
        ),
        code="w-r9",
        kind="reader",
        address=9,
        portal=Portal.objects.get(code="w-d1"),
        direction="in",
    )
    with pytest.raises(Refused) as other:
        rewiring_confirm(rewiring_id=order.pk, actor=second_officer(place))
    assert other.value.code == "two_needed", "another bus than the two have seen"
    Device.objects.filter(code="w-r9").update(retired_at=now())
    rewiring_confirm(rewiring_id=order.pk, actor=second_officer(place))
    assert Bus.objects.get(code="w-osdp").gateway.code == "g2"
    assert not Alarm.objects.filter(kind="handed_over_alone").exists()


def test_the_doors_of_a_gateway_that_is_dead_go_over_at_once_and_it_is_an_alarm(
    place: Place, report: Report
) -> None:
    report("g1", version=0, state=zones(True, 0))
    with clock_set(partial(lambda at: at, now() + timedelta(hours=1))):
        done = ask(place)
    assert isinstance(done, ZoneTenure)
    assert done.gateway.code == "g2"
    alarm = Alarm.objects.get(kind="handed_over_alone", closed_at=None)
    assert "g1 is silent" in alarm.message


def test_only_an_officer_hands_over_and_only_here(place: Place) -> None:
    user = place.users["guard"]
    with pytest.raises(Zone.DoesNotExist):
        hand_over(place, actor=Actor.user(user.pk, user.person_id))
    with pytest.raises(Refused, match="no gateway"):
        hand_over(place, "elsewhere")
    assert Gateway.objects.filter(buses__isnull=False).get().code == "g1"


# At the gateway


def test_the_new_owner_begins_with_who_is_inside_and_keeps_it_over_a_restart(rig: Rig) -> None:
    person = rig.admit("ann")
    record = {
        "name": "Room",
        "epoch": 1,
        "version": 7,
        "inside": {person: rig.time.wall.isoformat()},
        "certain": False,
    }
    rig.tell("zone", "Z1", record)
    rig.run()
    (taken,) = rig.events("zone.taken_over")
    assert (taken["zone_epoch"], taken["inside"], taken["certain"]) == (1, 1, False)
    rig.badge("ann")
    codes = [o["code"] for o in rig.events("door.read")[-1]["objections"]]
    assert codes == ["already_inside"]
    rig.crash()
    rig.records["zone", "Z1"] = record
    rig.start()
    zone = rig.gateway.plant.zones["Z1"]
    assert (set(zone.inside), zone.certain, zone.epoch) == ({person}, False, 1)
    assert len(rig.events("zone.taken_over")) == 1
    rig.admit("ann")
    rig.badge("ann", reader="R1X")
    rig.contact(opened=True)
    assert rig.events("presence.left")[-1]["zone_epoch"] == 1


def test_an_earlier_epoch_changes_nothing(rig: Rig) -> None:
    base = {"name": "Room", "version": 7, "inside": {}, "certain": True}
    rig.tell("zone", "Z1", {**base, "epoch": 3})
    rig.run()
    rig.tell("zone", "Z1", {**base, "epoch": 2, "inside": {"x": rig.time.wall.isoformat()}})
    rig.run()
    assert rig.gateway.plant.zones["Z1"].epoch == 3
    assert not rig.gateway.plant.zones["Z1"].inside
