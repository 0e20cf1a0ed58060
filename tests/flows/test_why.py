"""Asking why: the door's own answer, with every reason, changing nothing but the journal."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from access.decider import AccessDecider
from access.models import AccessDecision, Badge, EligibilityStatus, Presence
from access.rules.facts import OfflineRule
from access.selectors.told import Told
from access.selectors.why import Answer, Assumed, moment_of, people_named, why
from access.services.clearance import eligibility_change
from access.services.projection import area_project
from access.services.why import why_ask
from hardware.decider import Direction, DoorRead, Occupant, Outcome, ZoneView
from hardware.models import Gateway, SnapshotDelta
from hardware.services.snapshot import snapshot_tell
from inspections.models import Sweep
from scif.console.selectors.why_words import explain
from scif.facilities.models import Area, Portal
from scif.journal.models import Outbox
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.kernel.keys import KeyStore
from scif.people.models import Person
from tests.flows.desk_world import World, actor_named, make_world, midday, person_named
from tests.flows.test_visit_desk import check_in, identify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    return make_world()


def door(world: World) -> Portal:
    return Portal.objects.get(zone__area=world.area)


def swept(world: World) -> None:
    Sweep.objects.filter(area=world.area).delete()
    Sweep.objects.create(area=world.area, cause="test", due_since=now(), state="passed")
    area_project(area_id=world.area.pk)


def ask(world: World, **changes: object) -> Answer:
    asked = {"at": now(), "assumed": Assumed.BADGE_AND_PIN} | changes
    return why(world.visit.person, door(world), **asked)  # type: ignore[arg-type]  # named above


def test_an_area_declares_what_its_doors_do_when_cut_off(world: World) -> None:
    assert ask(world).offline_rule is OfflineRule.DENY
    Area.objects.filter(pk=world.area.pk).update(offline_rule="allow_and_flag")
    area_project(area_id=world.area.pk)
    assert ask(world).offline_rule is OfflineRule.ALLOW_AND_FLAG


def codes(answer: Answer) -> set[str]:
    return {each.code for each in answer.bases[0].decision.objections}


def test_a_visitor_who_is_checked_in_gets_in(world: World) -> None:
    check_in(world)
    swept(world)
    answer = ask(world)
    assert answer.speaks.decision.outcome is Outcome.GRANTED, codes(answer)
    assert answer.speaks.basis_id == str(world.visit.pk)
    assert "two_factors" in answer.speaks.decision.met
    assert answer.speaks.decision.policy_version == world.facility.policy.label
    assert ask(world, assumed=Assumed.BADGE).speaks.decision.awaits == "pin"


def test_every_reason_is_told_on_every_basis(world: World) -> None:
    check_in(world)
    swept(world)
    answer = ask(world, at=now() + timedelta(days=2))
    assert answer.speaks.decision.outcome is Outcome.REFUSED
    assert "after_window" in codes(answer)
    for each in answer.speaks.decision.objections:
        assert each.message
        assert each.remedy
        assert each.who


def test_the_answer_is_the_doors(world: World) -> None:
    """The gateway's decider, given the same records, the real badge and PIN, says the same."""
    pin = check_in(world)
    swept(world)
    portal, gateway = door(world), Gateway.objects.get(facility=world.facility)
    decider = AccessDecider(KeyStore(settings.KEY_DIR).secret("pin.hmac"))
    badge = Badge.objects.get(assignments__visit=world.visit)
    moments = [timedelta(minutes=n) for n in (-300, -90, -10, 0, 30, 59, 61, 600, 1440)]
    here = {"zone": portal.zone, "person": world.visit.person, "basis": "visit", "since": now()}
    for shift, inside in product(moments, (False, True)):
        at = now() + shift
        Presence.objects.all().delete()
        if inside:
            Presence.objects.create(**here)
        read = DoorRead("r", portal.code, Direction.IN, credential=badge.number_sha256, pin=pin)
        counted = {
            str(each.person_id): Occupant(each.since, each.basis) for each in Presence.objects.all()
        }
        zone = ZoneView(portal.zone.code, 1, counted, certain=True)
        verdict = decider.door(read, Told.now(gateway.code, at), zone, at)
        answer = why(world.visit.person, portal, at=at, assumed=Assumed.BADGE_AND_PIN)
        spoken = answer.speaks.decision
        assert spoken.outcome is verdict.outcome, (shift, inside)
        assert [each.code for each in spoken.objections] == [
            each["code"] for each in verdict.objections
        ]
        assert spoken.obligations == verdict.obligations


def tell(world: World, **area: object) -> None:
    """Tell the gateway another record of the area."""
    gateway = Gateway.objects.get(facility=world.facility)
    snapshot_tell(gateway=gateway.code, records=[("area", str(world.area.pk), area)])


def test_cut_off_it_says_what_the_area_declares(world: World) -> None:
    check_in(world)
    swept(world)
    answer = ask(world)
    assert answer.age == timedelta(seconds=world.facility.policy.values["snapshot_age"]["value"])
    assert answer.cut_off
    assert [each.code for each in answer.cut_off.decision.objections] == ["snapshot_stale"]
    known = SnapshotDelta.objects.filter(kind="area", key=str(world.area.pk)).latest("version")
    for rule in ("allow_and_flag", "enforce"):
        tell(world, **{**(known.payload or {}), "offline_rule": rule})
        cut_off = ask(world).cut_off
        assert cut_off
        assert cut_off.decision.outcome is Outcome.GRANTED
        flagged = "flag_stale_snapshot" in cut_off.decision.obligations
        assert flagged is (rule == "allow_and_flag")


def test_without_a_badge_the_reader_refuses_and_the_basis_is_judged(world: World) -> None:
    identify(world)
    swept(world)
    answer = ask(world)
    assert answer.by_order
    assert [each.code for each in answer.speaks.decision.objections] == ["unknown_badge"]
    assert "belongings_not_locked" in codes(answer)
    assert answer.cut_off
    assert answer.cut_off.decision.outcome is Outcome.REFUSED


def test_a_stranger_has_no_basis(world: World) -> None:
    stranger = Person.objects.create(
        name="Nobody Expected", organisation=world.visit.person.organisation
    )
    answer = why(stranger, door(world), at=now(), assumed=Assumed.ORDER)
    assert answer.speaks.decision.outcome is Outcome.REFUSED
    assert codes(answer) == {"order_names_nobody"}


def test_a_broken_record_refuses_as_at_the_door(world: World) -> None:
    check_in(world)
    tell(world)
    answer = ask(world)
    assert codes(answer) == {"decider_error"}
    assert answer.speaks.decision.outcome is Outcome.REFUSED


def test_asking_changes_nothing_and_is_journaled(world: World) -> None:
    check_in(world)
    with connection.cursor() as cursor:
        before = _counts(cursor)
        why_ask(
            person_id=world.visit.person_id,
            portal_id=door(world).pk,
            at=now(),
            assumed=Assumed.BADGE_AND_PIN,
            actor=world.officer,
        )
        after = _counts(cursor)
    told = [entry.fields for entry in Outbox.objects.all()][-1]
    assert (told["kind"], told["subject"]["id"]) == ("why.asked", str(world.visit.person_id))
    assert told["facility"] == str(world.facility.pk)
    changed = {table for table, count in after.items() if count != before[table]}
    assert changed == {"journal_outbox"}
    assert not AccessDecision.objects.filter(read_id="what-if").exists()


def _counts(cursor: object) -> dict[str, int]:
    found = {}
    for table in connection.introspection.table_names():
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # type: ignore[attr-defined]  # of the database's cursor
        found[table] = cursor.fetchone()[0]  # type: ignore[attr-defined]  # of the database's cursor
    return found


@pytest.mark.parametrize("login", ["m.okafor", "e.hughes"])
def test_only_the_facilitys_officers_ask(world: World, login: str) -> None:
    """A guard, and one of another facility: for them the door is not there."""
    with pytest.raises(Portal.DoesNotExist):
        why_ask(
            person_id=world.visit.person_id,
            portal_id=door(world).pk,
            at=now(),
            assumed=Assumed.BADGE,
            actor=actor_named(login),
        )


def test_people_are_named_by_badge_name_or_identifier(world: World) -> None:
    check_in(world)
    person, officer = world.visit.person, world.officer
    badge = Badge.objects.get(assignments__visit=world.visit)
    for text in (badge.code.lower(), person.name, person.name[:6].upper(), str(person.pk)):
        assert people_named(text, officer) == [person], text
    person.name = "Zoë Ångström"
    person.save()
    assert people_named("zoe angs", officer) == [person]
    for text in ("", "  ", "\0", "no such name", "a" * 10_000, str(badge.pk)):
        assert people_named(text, officer) == []


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "0001-01-01", "9999-12-31T23:59", "\0"])
def test_what_is_no_time_is_refused(world: World, text: str) -> None:
    with pytest.raises(Refused, match="time"):
        moment_of(text, world.facility, now=now())


def test_a_time_is_local_to_the_facility(world: World) -> None:
    world.facility.time_zone = "America/New_York"
    day = f"{now():%Y}-01-15"
    assert moment_of(f"{day}T09:00", world.facility, now=now()).utcoffset() == timedelta(hours=-5)
    assert moment_of(f"{day}T09:00+02:00", world.facility, now=now()).utcoffset() == timedelta(
        hours=2
    )


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("why", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_gives_every_reason(world: World) -> None:
    check_in(world)
    text = command(world.visit.person.name, door(world).code, "2020-01-01T10:00")
    assert text.startswith("No: ")
    assert "[before_window]" in text
    assert "Who can: " in text
    assert "judged at another moment" in text
    assert "Cut off for more than 15 min: the area denies: Refused" in text
    gateway = Gateway.objects.get(facility=world.facility)
    assert f"of gateway {gateway.code}, policy {world.facility.policy.label}" in text
    for wrong in (["nobody at all", door(world).code], [world.visit.person.name, "no-door"]):
        with pytest.raises(CommandError):
            command(*wrong)
    with pytest.raises(CommandError, match="time"):
        command(world.visit.person.name, door(world).code, "yesterday")


def test_the_page_answers(world: World) -> None:
    check_in(world)
    swept(world)
    client = Client()
    client.force_login(person_named("p.ngata").user)
    asked: dict[str, Any] = {
        "person": world.visit.person.name,
        "portal": door(world).pk,
        "at": "",
        "assumed": "",
    }
    page = client.get(reverse("admin:why"), asked, follow=True).content.decode()
    assert "would get through" in page
    assert "Badge and PIN where the portal asks for both" in page
    eligibility = world.visit.person.eligibilities.filter(level__scheme=world.area.level.scheme)  # type: ignore[union-attr]  # the room has a level
    eligibility_change(
        eligibility_id=eligibility.get().pk,
        status=EligibilityStatus.SUSPENDED,
        reason="told by the authority",
        actor=world.officer,
    )
    page = client.get(reverse("admin:why"), asked, follow=True).content.decode()
    assert "would not open" in page
    scheme = world.area.level.scheme  # type: ignore[union-attr]  # the room has a level
    assert scheme.name != scheme.code
    assert f"in the scheme {scheme.name} is suspended" in page


def test_it_is_told_where_the_gateway_lags_behind(world: World) -> None:
    answer = ask(world)
    assert "has not reported" in explain(replace(answer, applied=None)).source
    assert "last reported 1:" in explain(replace(answer, applied=1)).source
    assert "holds it" in explain(replace(answer, applied=answer.version)).source
    assert "No gateway serves" in explain(replace(answer, gateway=None)).source


def test_a_name_that_many_bear_is_asked_back(world: World) -> None:
    for _ in range(2):
        Person.objects.create(name="<b>Twin", organisation=world.visit.person.organisation)
    client = Client()
    client.force_login(person_named("p.ngata").user)
    asked: dict[str, Any] = {"person": "<b>Twin", "portal": door(world).pk}
    page = client.get(reverse("admin:why"), asked).content.decode()
    assert "Whom do you mean?" in page
    assert "<b>Twin" not in page
    assert client.get(reverse("admin:why"), asked | {"at": "soon"}).status_code == 422
    assert client.get(reverse("admin:why"), asked | {"person": "\0"}).status_code == 400
