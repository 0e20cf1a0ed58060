"""What a booking stands on: mandates, clearances, rosters and duties, each with its own way."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from access.events import DutyChanged, PersonChanged, RosterChanged
from access.models import (
    AccessKind,
    Duty,
    DutyRole,
    Eligibility,
    EligibilityStatus,
    Engagement,
    Indoctrination,
    NeedToKnow,
    RosterEntry,
)
from access.services import clearance, roster
from access.services import engagement as mandate
from scif.console.selectors.due import due_items
from scif.facilities.models import Compartment
from scif.kernel import events
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, Refused
from tests.flows.booking_world import World, actor, make_world
from tests.two_officers import asked, granted

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def draft(world: World) -> Engagement:
    return mandate.engagement_draft(
        title="Second audit",
        asset_id=world.engagement.asset_id,
        organisation_id=world.engagement.organisation_id,
        kind=AccessKind.BLACK_BOX,
        level_id=world.engagement.level_id,
        area_ids=[world.area.pk],
        valid_from=now(),
        valid_until=now() + timedelta(days=30),
        actor=actor(world.officer),
    )


def test_a_mandate_is_active_after_two_sides_approved(world: World) -> None:
    officer, lab = actor(world.officer), actor(world.discloser)
    found = draft(world)
    with pytest.raises(Refused, match="names no lead"):
        mandate.engagement_propose(engagement_id=found.pk, actor=officer)
    mandate.engagement_member_add(
        engagement_id=found.pk, person_id=world.lead.pk, lead=True, actor=officer
    )
    mandate.engagement_propose(engagement_id=found.pk, actor=officer)
    assert mandate.engagement_approve_lab(engagement_id=found.pk, actor=lab).state == "proposed"
    active = mandate.engagement_approve_facility(engagement_id=found.pk, actor=officer)
    assert active.state == "active"
    with pytest.raises(Refused):
        mandate.engagement_approve_facility(engagement_id=found.pk, actor=officer)
    reason: dict[str, Any] = {
        "engagement_id": found.pk,
        "reason": "Question of scope",
        "actor": officer,
    }
    assert mandate.engagement_suspend(**reason).state == "suspended"
    assert mandate.engagement_resume(**reason).state == "active"
    assert mandate.engagement_close(**reason).state == "closed"


def test_only_the_sponsors_officer_approves_for_the_lab(world: World) -> None:
    found = draft(world)
    for person in (world.officer, world.discloser):
        with pytest.raises((NotPermitted, Engagement.DoesNotExist, Refused)), transaction.atomic():
            mandate.engagement_approve_lab(engagement_id=found.pk, actor=actor(person))
    with pytest.raises(Engagement.DoesNotExist):
        mandate.engagement_approve_facility(engagement_id=found.pk, actor=actor(world.discloser))


def test_one_person_cannot_approve_for_both_sides(world: World) -> None:
    sponsor = world.engagement.sponsor
    sponsor.officer = world.officer
    sponsor.save()
    both = actor(world.officer)
    found = draft(world)
    mandate.engagement_member_add(
        engagement_id=found.pk, person_id=world.lead.pk, lead=True, actor=both
    )
    mandate.engagement_propose(engagement_id=found.pk, actor=both)
    mandate.engagement_approve_lab(engagement_id=found.pk, actor=both)
    with pytest.raises(Refused, match="both lab and facility"):
        mandate.engagement_approve_facility(engagement_id=found.pk, actor=both)


def test_a_clearance_is_granted_suspended_and_revoked_by_officers(world: World) -> None:
    told: list[object] = []
    events.subscribe(PersonChanged, told.append)
    given: dict[str, Any] = {
        "person_id": world.stranger.pk,
        "level_id": world.engagement.level_id,
        "status": EligibilityStatus.FINAL,
        "source": "Register",
        "granted_on": date(2026, 1, 1),
    }
    grant, officer, second = (
        clearance.eligibility_grant,
        actor(world.officer),
        actor(world.colleague),
    )
    with pytest.raises(NotPermitted):
        asked(grant, **given, actor=actor(world.lead))
    with pytest.raises(Refused, match="own clearance"):
        asked(grant, **(given | {"person_id": world.officer.pk}), actor=officer)
    with pytest.raises(Refused, match="lets a person in"):
        grant(**given, actor=officer)
    granted(grant, **given, actor=officer, other=second)
    row = Eligibility.objects.get(person=world.stranger)
    assert PersonChanged(world.stranger.pk) in told

    def change(status: EligibilityStatus) -> str:
        decided = {"eligibility_id": row.pk, "status": status, "reason": "Decision"}
        granted(clearance.eligibility_change, **decided, actor=officer, other=second)
        row.refresh_from_db()
        return row.status

    assert change(EligibilityStatus.SUSPENDED) == "suspended"
    lifted: dict[str, Any] = {
        "eligibility_id": row.pk,
        "status": EligibilityStatus.INTERIM,
        "reason": "Decision",
    }
    with pytest.raises(Refused, match="lets a person in"):
        clearance.eligibility_change(**lifted, actor=officer)
    # It comes back as what it was; what is higher is a decision of its own.
    for kept in (EligibilityStatus.INTERIM, EligibilityStatus.LAA, EligibilityStatus.FINAL):
        assert change(kept) == kept.value
        assert change(EligibilityStatus.SUSPENDED) == "suspended"
    with pytest.raises(Refused, match="cannot become"):
        change(EligibilityStatus.SUSPENDED)
    assert change(EligibilityStatus.FINAL) == "final"
    with pytest.raises(Refused, match="cannot become"):
        change(EligibilityStatus.INTERIM)
    assert change(EligibilityStatus.REVOKED) == "revoked"
    with pytest.raises(Refused, match="cannot become"):
        change(EligibilityStatus.FINAL)


def test_read_in_agreement_and_need_to_know_need_a_second_person(world: World) -> None:
    officer, person = actor(world.officer), world.stranger
    compartment = Compartment.objects.create(
        scheme=world.engagement.level.scheme, code="H4W", name="Weights"
    )
    brief: dict[str, Any] = {
        "compartment_id": compartment.pk,
        "briefed_on": date(2026, 5, 1),
        "actor": officer,
        "person_id": person.pk,
    }
    read_in = clearance.indoctrination_record
    with pytest.raises(Refused, match="reads himself in"):
        asked(read_in, briefed_by_id=person.pk, **brief)
    granted(read_in, briefed_by_id=world.colleague.pk, **brief, other=actor(world.colleague))
    row = Indoctrination.objects.get(person=person)
    ended = clearance.indoctrination_debrief(
        indoctrination_id=row.pk, debriefed_on=date(2026, 6, 1), actor=officer
    )
    assert ended.debriefed_on == date(2026, 6, 1)
    with pytest.raises(Refused):
        clearance.nda_record(
            person_id=person.pk,
            document="NDA",
            signed_on=date(2026, 5, 1),
            witness_id=person.pk,
            actor=officer,
        )


def test_need_to_know_comes_from_the_discloser_for_members_only(world: World) -> None:
    def grant(person_id: UUID, by: Actor) -> object:
        return clearance.need_to_know_grant(
            person_id=person_id,
            engagement_id=world.engagement.pk,
            valid_from=now(),
            valid_until=now() + timedelta(days=1),
            actor=by,
        )

    with pytest.raises(Engagement.DoesNotExist):
        grant(world.member.pk, actor(world.officer))
    with pytest.raises(NotPermitted):
        grant(world.member.pk, actor(world.lead))
    with pytest.raises(Refused, match="does not name"):
        grant(world.stranger.pk, actor(world.discloser))
    row = world.lead.needs_to_know.get()
    clearance.need_to_know_revoke(
        need_to_know_id=row.pk, reason="Done", actor=actor(world.discloser)
    )
    row.refresh_from_db()
    assert row.valid_until <= now()


def test_roster_and_duty_begin_and_end_by_officers(world: World) -> None:
    told: list[object] = []
    events.subscribe(RosterChanged, told.append)
    events.subscribe(DutyChanged, told.append)
    officer = actor(world.officer)
    terms: dict[str, Any] = {
        "area_id": world.area.pk,
        "valid_from": now(),
        "review_due": now() + timedelta(days=90),
        "actor": officer,
    }
    terms["person_id"], second = world.stranger.pk, actor(world.colleague)
    with pytest.raises(Refused, match="own roster entry"):
        asked(roster.roster_add, sponsor_id=world.stranger.pk, **terms)
    granted(roster.roster_add, sponsor_id=world.colleague.pk, **terms, other=second)
    entry = RosterEntry.objects.get(person=world.stranger)
    told.clear()
    told.append(RosterChanged(entry.pk))
    roster.roster_end(entry_id=entry.pk, reason="Left", actor=officer)
    granted(
        roster.duty_assign,
        person_id=world.stranger.pk,
        facility_id=world.facility.pk,
        role=DutyRole.GUARD,
        starts_at=now(),
        ends_at=now() + timedelta(hours=8),
        actor=officer,
        other=second,
    )
    duty = Duty.objects.get(person=world.stranger)
    roster.duty_end(duty_id=duty.pk, reason="Ill", actor=officer)
    assert told[:2] == [RosterChanged(entry.pk)] * 2
    assert told[-2:] == [DutyChanged(duty.pk)] * 2
    other = make_world("b7")
    with pytest.raises(type(entry).DoesNotExist):
        roster.roster_end(entry_id=entry.pk, reason="x", actor=actor(other.officer))


def test_a_need_to_know_is_due_once_and_not_after_it_was_ended(world: World) -> None:
    NeedToKnow.objects.all().delete()
    own: dict[str, Any] = {
        "person": world.member,
        "engagement": world.engagement,
        "grantor": world.lead,
        "valid_from": now() - timedelta(days=9),
    }

    def due() -> list[date]:
        found = due_items(actor(world.officer), now().date())
        return [each.day for each in found if each.what.startswith("Need to know")]

    NeedToKnow.objects.create(**own, valid_until=now() - timedelta(minutes=1))
    assert due() == []
    soon = NeedToKnow.objects.create(**own, valid_until=now() + timedelta(days=5))
    assert due() == [soon.valid_until.date()]
    NeedToKnow.objects.create(**own, valid_until=now() + timedelta(days=500))
    assert due() == []
