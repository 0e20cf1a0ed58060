"""A zone at the centre: corrections of its count, and the alarms about who is inside."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from access.models import AccessDecision, Badge, BadgeAssignment, Booking, Presence, Visit
from access.rules.wording.remaining import UNSEEN
from access.services.zone_orders import (
    zone_count_confirm,
    zone_forgive_request,
    zone_mark_out_request,
)
from hardware.models import Command, CommandState, Device, Gateway, SnapshotDelta
from hardware.rules.sight import Doubt
from hardware.services.installation import gateway_publish
from hardware.services.snapshot import snapshot_tell
from inspections.models import Sweep
from scif.alarms.models import Alarm
from scif.console.plan_facts import plan_facts
from scif.console.selectors.plan_state import plan_state
from scif.facilities.models import Area, Portal, Zone
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import User
from tests.flows.desk_world import World, make_world, midday, person_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
Connect = Callable[[str], psycopg.Connection[Any]]
SEED = Actor.system("seed")


@pytest.fixture
def world(db: None, role_connection: Connect) -> World:
    """A visitor is counted inside, and the gateway has told its count: version 4."""
    made = make_world()
    Visit.objects.filter(pk=made.visit.pk).update(state="badged")
    made.passes("presence.entered")
    zone = {"version": 4, "inside": 1, "certain": False, "concerns": ["escort_lost"]}
    role_connection("scif_gateway_ml").execute(
        "INSERT INTO hardware_gatewaystatus (gateway, version, edge_seq, state)"
        " VALUES ('ml', 1, 1, %s) ON CONFLICT (gateway) DO UPDATE SET state = excluded.state",
        [json.dumps({"zones": {zone_of(made).code: zone}})],
    )
    return made


def zone_of(world: World) -> Zone:
    return Zone.objects.get(area=world.area)


def alarms() -> list[tuple[str, str, str]]:
    return list(Alarm.objects.order_by("raised_at").values_list("kind", "subject", "gravity"))


def desk_of(login: str) -> Client:
    client = Client()
    user = User.objects.get(username=login)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


class TestCorrections:
    def test_forgive_names_the_person_and_the_count_that_was_seen(self, world: World) -> None:
        zone, person = zone_of(world), world.visit.person
        command = zone_forgive_request(
            zone_id=zone.pk, person_id=person.pk, reason="Left by the handle", actor=world.guard
        )
        assert (command.verb, command.target) == ("zone_forgive", zone.code)
        assert command.args == {"zone_version": 4, "person_id": str(person.pk)}
        assert command.state == CommandState.REQUESTED

    def test_the_list_changes_only_when_the_gateway_has_done_it(self, world: World) -> None:
        zone, person = zone_of(world), world.visit.person
        command = zone_mark_out_request(
            zone_id=zone.pk, person_id=person.pk, reason="Seen outside", actor=world.guard
        )
        assert Presence.objects.filter(zone=zone, person=person).exists()
        world.answer(
            command,
            "presence.left",
            person_id=str(person.pk),
            zone=zone.code,
            portal=None,
            read_id=None,
            basis="marked_out",
            basis_id=str(command.pk),
        )
        assert not Presence.objects.filter(zone=zone, person=person).exists()
        command.refresh_from_db()
        assert command.state == CommandState.CONFIRMED
        assert world.again().state == "outside"

    def test_a_confirmed_count_names_nobody(self, world: World) -> None:
        command = zone_count_confirm(
            zone_id=zone_of(world).pk, reason="Two of us walked through", actor=world.guard
        )
        assert command.args == {"zone_version": 4}

    def test_without_a_reason_nothing_is_ordered(self, world: World) -> None:
        with pytest.raises(Refused) as refused:
            zone_count_confirm(zone_id=zone_of(world).pk, reason="  ", actor=world.guard)
        assert refused.value.code == "reason_missing"
        assert not Command.objects.filter(verb="zone_forgive").exists()

    def test_a_zone_that_was_never_told_of_is_not_corrected(self, world: World) -> None:
        enclave = Zone.objects.get(code="ml-e")
        with pytest.raises(Refused) as refused:
            zone_count_confirm(zone_id=enclave.pk, reason="Counted", actor=world.guard)
        assert refused.value.code == "zone_not_heard"

    def test_another_facilitys_guard_finds_no_such_zone(self, world: World) -> None:
        with pytest.raises(Zone.DoesNotExist):
            zone_count_confirm(zone_id=zone_of(world).pk, reason="Counted", actor=world.stranger)


class TestPage:
    def test_the_desk_forgives_a_refused_person_and_shows_how_far_it_is(self, world: World) -> None:
        zone, person = zone_of(world), world.visit.person
        objection = {"code": "already_inside", "message": "", "remedy": "", "who": "", "guard": ""}
        AccessDecision.objects.create(
            read_id="R-1",
            portal=zone.portals.get(),
            direction="in",
            person=person,
            outcome="refused",
            objections=[objection],
            policy_version="p/1",
            snapshot_version=1,
            occurred_at=world.visit.booking.starts_at,
            gateway="ml",
        )
        client, page = desk_of("e.hughes"), f"/desk/ml/zones/{zone.code}/"
        shown = client.get(page).content.decode()
        assert "Refused, because counted inside already" in shown
        assert f"?person={person.pk}" in shown
        assert "The count is uncertain" in shown
        assert "Bring the escorted people out at once" in shown
        fields = {"person": str(person.pk), "reason": "Went out behind me", "forgive": "1"}
        assert client.post(page, fields).status_code == 302
        command = Command.objects.get(verb="zone_forgive")
        assert "waiting for the device" in client.get(page).content.decode()
        world.heard("command.done", command_id=str(command.pk), verb="zone_forgive")
        assert "by the device" in client.get(page).content.decode()

    def test_what_is_missing_is_said_beside_the_form(self, world: World) -> None:
        client, page = desk_of("e.hughes"), f"/desk/ml/zones/{zone_of(world).code}/"
        assert client.post(page, {"mark_out": "1", "reason": "Seen"}).status_code == 422
        assert client.post(page, {"count": "1", "counted": ""}).status_code == 422
        assert client.post(page, {"count": "1", "counted": "Walked through"}).status_code == 302
        again = client.post(page, {"count": "1", "counted": "Walked through"})
        assert again.status_code == 409
        assert "has not answered yet" in again.content.decode()


class TestAlarms:
    def test_a_concern_names_whom_it_is_about(self, world: World) -> None:
        zone = zone_of(world)
        people = [str(person_named(login).pk) for login in ("e.hughes", "s.bianchi")]
        world.heard("zone.concern", zone=zone.code, concern="escort_lost", people=people)
        (alarm,) = Alarm.objects.all()
        assert (alarm.kind, alarm.subject, alarm.gravity) == ("escort_lost", zone.code, "respond")
        assert "Emrys Hughes, Sofia Bianchi" in alarm.message

    def test_one_left_alone_is_graver_once_the_grace_is_over(self, world: World) -> None:
        zone, alone = zone_of(world), [str(person_named("e.hughes").pk)]
        world.heard("zone.concern", zone=zone.code, concern="two_person_broken", people=alone)
        world.heard("zone.overdue", zone=zone.code, concern="two_person_broken", people=alone)
        assert alarms() == [
            ("two_person_broken", zone.code, "act"),
            ("two_person_broken_overdue", zone.code, "respond"),
        ]
        page = desk_of("e.hughes").get(f"/desk/ml/alarms/{Alarm.objects.all()[0].pk}/")
        assert f"/desk/ml/zones/{zone.code}/" in page.content.decode()

    def test_what_mends_itself_in_time_needs_nobody(self, world: World) -> None:
        zone, alone = zone_of(world), [str(person_named("e.hughes").pk)]
        for concern in ("below_minimum", "escort_lost"):
            world.heard("zone.concern", zone=zone.code, concern=concern, people=alone)
            world.heard("zone.mended", zone=zone.code, concern=concern, people=alone)
        for kind in ("zone.concern", "zone.overdue", "zone.mended"):
            world.heard(kind, zone=zone.code, concern="two_person_broken", people=alone)
        still = Alarm.objects.filter(closed_at=None).order_by("kind")
        assert [each.kind for each in still] == ["two_person_broken_overdue"]

    def test_too_few_is_checked(self, world: World) -> None:
        code = zone_of(world).code
        world.heard("zone.concern", zone=code, concern="below_minimum", people=[])
        assert alarms() == [("below_minimum", code, "check")]

    def test_a_room_in_doubt_is_to_be_counted(self, world: World) -> None:
        zone = zone_of(world)
        door = zone.portals.get().code
        body = {"zone": zone.code, "portal": door, "reason": "occupied", "unseen_seconds": 60}
        world.heard("zone.uncertain", **body)
        assert alarms() == [("zone_uncertain", zone.code, "act")]
        assert door in Alarm.objects.get().message

    def test_a_count_that_was_taken_ends_the_doubt(self, world: World) -> None:
        zone = zone_of(world)
        body = {"zone": zone.code, "portal": zone.portals.get().code, "reason": "occupied"}
        world.heard("zone.uncertain", **body, unseen_seconds=60)
        person = world.visit.person_id
        assert person is not None
        forgiven = zone_forgive_request(
            zone_id=zone.pk, person_id=person, reason="Came back", actor=world.guard
        )
        world.heard("command.done", command_id=str(forgiven.pk), verb="zone_forgive")
        assert Alarm.objects.filter(kind="zone_uncertain", closed_at=None).exists()
        counted = zone_count_confirm(zone_id=zone.pk, reason="Counted: one", actor=world.guard)
        world.heard("command.done", command_id=str(counted.pk), verb="zone_forgive")
        assert not Alarm.objects.filter(kind="zone_uncertain", closed_at=None).exists()

    def test_every_reason_has_words(self) -> None:
        assert UNSEEN.keys() == {reason.value for reason in Doubt}

    def test_a_badge_that_soft_anti_passback_let_pass_is_checked(self, world: World) -> None:
        portal = zone_of(world).portals.get()
        body: dict[str, Any] = {
            "read_id": "R-2",
            "portal": portal.code,
            "direction": "in",
            "person_id": str(world.visit.person_id),
            "outcome": "granted",
            "objections": [],
            "obligations": ["flag_passback"],
            "policy_version": "p/1",
            "snapshot_version": 1,
        }
        world.heard("door.read", **body)
        assert alarms() == [("passback", portal.code, "check")]

    def test_two_on_one_opening_are_each_told_when(self, world: World) -> None:
        portal = zone_of(world).portals.get()
        for read in ("R-3", "R-4"):
            AccessDecision.objects.create(
                read_id=read,
                portal=portal,
                direction="in",
                outcome="granted",
                policy_version="p/1",
                snapshot_version=1,
                occurred_at=world.visit.booking.starts_at,
                gateway="ml",
            )
        world.heard("door.opened", portal=portal.code, read_id="R-4", read_ids=["R-3", "R-4"])
        assert AccessDecision.objects.filter(opened_at__isnull=False).count() == 2


def test_the_doors_of_an_interlock_stand_at_one_gateway(world: World) -> None:
    Portal.objects.filter(code__in=["M1", "M2"]).update(interlock="trap")
    gateway = Gateway.objects.get(code="ml")
    gateway_publish(gateway=gateway, actor=SEED)
    other = Gateway.objects.create(facility=world.facility, code="ml-2", name="Second")
    bus = other.buses.create(code="ml-2-osdp", driver="osdp", port="x", baud=9600)
    Device.objects.filter(code__in=["M2R", "M2X"]).update(bus=bus)
    with pytest.raises(Refused) as refused:
        gateway_publish(gateway=gateway, actor=SEED)
    assert refused.value.code == "interlock_split"


def test_a_count_that_changed_meanwhile_is_said_in_words(world: World) -> None:
    zone = zone_of(world)
    command = zone_count_confirm(zone_id=zone.pk, reason="Counted", actor=world.guard)
    world.heard(
        "command.failed", command_id=str(command.pk), verb=command.verb, reason="zone_version"
    )
    shown = desk_of("e.hughes").get(f"/desk/ml/zones/{zone.code}/").content.decode()
    assert "The count has changed meanwhile" in shown


def test_gateways_are_told_anew_what_their_records_lack(world: World) -> None:
    area = str(world.area.pk)
    deltas = SnapshotDelta.objects.filter(gateway="ml", kind="area", key=area)
    newest = deltas.latest("version").payload or {}
    with transaction.atomic():
        older = {key: value for key, value in newest.items() if key != "two_person"}
        snapshot_tell(gateway="ml", records=[("area", area, older)])
    call_command("gateways_tell", stdout=StringIO())
    told = deltas.latest("version").payload or {}
    assert told["two_person"] == newest["two_person"]
    count = deltas.count()
    call_command("gateways_tell", stdout=StringIO())
    assert deltas.count() == count, "what a gateway knows is not repeated"


def test_an_uncertain_count_is_told_before_anybody_is_sent_to_the_door(world: World) -> None:
    zone = world.area.zones.get()
    with midday():
        guard = desk_of("e.hughes")
        inside = guard.get("/desk/ml/inside/").content.decode()
        assert f"{zone.name}: count first" in inside
        assert "Fit for use" not in inside
        assert "count first" in plan_said(world)
        Visit.objects.filter(pk=world.visit.pk).update(state="badged")
        BadgeAssignment.objects.create(
            badge=Badge.objects.filter(facility=world.facility, state="blank").earliest("code"),
            person=world.visit.person,
            visit=world.visit,
            issued_at=now(),
        )
        at_the_desk = guard.get(f"/desk/ml/visits/{world.visit.pk}/").content.decode()
        assert f"Count first: how many are in {zone.name} is uncertain." in at_the_desk
        assert f"/desk/ml/zones/{zone.code}/" in at_the_desk
        assert "Sweep first" not in at_the_desk
        Sweep.objects.create(area=world.area, state="due", due_since=now())
        at_the_desk = guard.get(f"/desk/ml/visits/{world.visit.pk}/").content.decode()
        assert f"Sweep first: nobody enters {world.area.name} until" in at_the_desk
        assert f"Uncertain in {zone.name}" in guard.get("/desk/ml/muster/").content.decode()


def test_so_is_that_of_a_room_on_the_way(world: World) -> None:
    outer = world.area
    inner = Area.objects.filter(facility=world.facility, parent=None).exclude(pk=outer.pk).first()
    assert inner is not None
    assert not inner.zones.filter(pk=outer.zones.get().pk).exists()
    Area.objects.filter(pk=inner.pk).update(parent=outer)
    Booking.objects.filter(pk=world.visit.booking_id).update(area=inner)
    Visit.objects.filter(pk=world.visit.pk).update(state="badged")
    BadgeAssignment.objects.create(
        badge=Badge.objects.filter(facility=world.facility, state="blank").earliest("code"),
        person=world.visit.person,
        visit=world.visit,
        issued_at=now(),
    )
    with midday():
        said = desk_of("e.hughes").get(f"/desk/ml/visits/{world.visit.pk}/").content.decode()
    assert f"Count first: how many are in {outer.zones.get().name} is uncertain." in said


def plan_said(world: World) -> str:
    """The list of words beside the officer's plan."""
    facility = world.facility
    return str(plan_facts(facility.floor_plan, plan_state(facility, names=False)))
