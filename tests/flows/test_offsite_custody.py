"""Places registered and approved by two, laptops out of the house and back, late and lost."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from access.models import Engagement, NeedToKnow, Pin
from scif.alarms.models import Alarm
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import NotPermitted, Refused
from scif.people.models import Person
from terminals.models import (
    Attestation,
    LossReport,
    Quarantine,
    RegisteredPlace,
    TerminalCustody,
    TerminalLock,
)
from terminals.rules.session_wording import SAID, SAID_ANYWHERE, SAID_OUTSIDE
from terminals.services.attestation import attestation_ask
from terminals.services.custody import OVERDUE
from terminals.services.custody_outside import IssueRefused
from terminals.services.lock import terminal_unlock
from terminals.services.loss import DEBRIEF, loss_debrief, terminal_find, terminal_report_lost
from terminals.services.outside_watch import (
    UNHEARD,
    sessions_outside_prove,
    terminals_outside_watch,
)
from terminals.services.place import (
    place_approve_facility,
    place_approve_lab,
    place_register,
    place_revoke,
)
from tests.flows.control_acts import said
from tests.flows.desk_world import person_named
from tests.flows.offsite_world import DAY, Outside, make_outside
from tests.flows.session_world import CONTROL
from tests.flows.terminal_world import ticking
from tests.policies import policy_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
HOURS = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def store() -> Outside:
    """The laptop is in the store still."""
    return make_outside(out=False)


@pytest.fixture
def outside() -> Outside:
    return make_outside()


def told(refusal: Refused) -> list[str]:
    assert isinstance(refusal, IssueRefused)
    return [each.code for each in refusal.reasons]


def register(outside: Outside, **otherwise: Any) -> RegisteredPlace:
    at = now()
    return place_register(
        **{
            "engagement_id": outside.place.engagement_id,
            "facility_id": outside.facility.pk,
            "name": "Branch",
            "address": "1 Quay",
            "network": "198.51.100.0/30",
            "ceiling": 2,
            "hours": {"mon": ["08:00", "18:00"]},
            "valid_from": at,
            "valid_until": at + DAY,
            "actor": outside.store.first,
            **otherwise,
        }
    )


class TestPlace:
    def test_it_is_open_from_the_second_of_two_approvals(self, store: Outside) -> None:
        place = register(store)
        with pytest.raises(Refused) as own:
            place_approve_facility(place_id=place.pk, actor=store.store.first)
        assert own.value.code == "own_request"
        assert place_approve_facility(place_id=place.pk, actor=store.store.second).state == (
            "proposed"
        )
        with pytest.raises((NotPermitted, RegisteredPlace.DoesNotExist)):
            place_approve_lab(place_id=place.pk, actor=store.store.second)
        approved = place_approve_lab(place_id=place.pk, actor=store.lab)
        assert (approved.state, approved.approved_at is not None) == ("approved", True)
        with pytest.raises(Refused):
            place_approve_lab(place_id=place.pk, actor=store.lab)

    @pytest.mark.parametrize(
        ("otherwise", "code"),
        [
            ({"network": "198.51.100.1/30"}, "network_unfit"),
            ({"network": "the office"}, "network_unfit"),
            ({"network": "198.51.0.0/16"}, "network_too_wide"),
            ({"ceiling": 4}, "ceiling_above_policy"),
            ({"hours": {}}, "hours_missing"),
            ({"name": " "}, "name_missing"),
            ({"address": ""}, "address_missing"),
        ],
    )
    def test_what_is_unfit_is_not_registered(
        self, store: Outside, otherwise: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            register(store, **otherwise)
        assert refused.value.code == code

    def test_its_term_lies_within_the_engagement(self, store: Outside) -> None:
        with pytest.raises(Refused) as refused:
            register(store, valid_until=now() + 400 * DAY)
        assert refused.value.code == "beyond_engagement"
        with pytest.raises(ValidationError):
            register(store, name=store.place.name)

    def test_another_facility_s_officer_and_the_guard_do_not_reach_it(self, store: Outside) -> None:
        for actor in (store.store.guard, store.store.world.stranger):
            with pytest.raises(Engagement.DoesNotExist):
                register(store, actor=actor)
            with pytest.raises(RegisteredPlace.DoesNotExist):
                place_revoke(place_id=store.place.pk, reason="No", actor=actor)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"network": "0.0.0.0/0"}, "stands as it was registered"),
            ({"ceiling": 5}, "stands as it was registered"),
            ({"facility_approved_by_id": None}, "stands as it was registered"),
            ({"state": "proposed"}, "does not go"),
        ],
    )
    def test_the_database_keeps_it_as_it_was_registered(
        self, store: Outside, change: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(DatabaseError, match=words), transaction.atomic():
            RegisteredPlace.objects.filter(pk=store.place.pk).update(**change)

    def test_who_registered_it_approves_it_for_neither_side(self, store: Outside) -> None:
        place, officer = register(store), store.store.first.person_id
        for side in ("lab_approved_by_id", "facility_approved_by_id"):
            with pytest.raises(DatabaseError, match="place_approved_by"), transaction.atomic():
                RegisteredPlace.objects.filter(pk=place.pk).update(**{side: officer})

    def test_the_database_approves_by_two_only(self, store: Outside) -> None:
        place = register(store)
        with pytest.raises(DatabaseError, match="place_approved_by_two"), transaction.atomic():
            RegisteredPlace.objects.filter(pk=place.pk).update(state="approved", approved_at=now())


class TestCustody:
    def test_out_and_back_past_an_inspection(self, store: Outside) -> None:
        custody = store.issued()
        assert (custody.visit, custody.person, custody.place) == (None, store.person, store.place)
        assert custody.signatures.get().signer == store.person
        assert store.store.again(store.terminal).state == "issued"
        assert store.store.returned(store.terminal).state == "returned"
        with pytest.raises(Refused):
            store.issued()
        assert store.store.put_away(store.terminal).state == "in_store"
        store.store.attested(store.terminal)
        assert store.issued().pk != custody.pk

    def test_seals_that_differ_on_return_quarantine_it(self, outside: Outside) -> None:
        returned = outside.store.returned(outside.terminal, seals=["S-1001-LT-01"])
        assert returned.state == "quarantined"
        assert Quarantine.objects.get().ended_at is None

    @pytest.mark.parametrize(
        ("otherwise", "code"),
        [
            ({"seals": ["S-1"]}, "seals_differ"),
            ({"strokes": {}}, "signature_empty"),
            ({"due_at": "past"}, "due_unfit"),
            ({"due_at": "far"}, "due_unfit"),
        ],
    )
    def test_what_is_wrong_issues_nothing(
        self, store: Outside, otherwise: dict[str, Any], code: str
    ) -> None:
        words = {
            "past": now() - HOURS,
            "far": now() + 30 * DAY,
        }
        given = {key: words.get(each, each) if isinstance(each, str) else each
                 for key, each in otherwise.items()}  # fmt: skip
        with pytest.raises(Refused) as refused:
            store.issued(**given)
        assert refused.value.code == code
        assert not TerminalCustody.objects.exists()

    def test_nobody_gets_one_who_could_not_work_with_it(self, store: Outside) -> None:
        Pin.objects.filter(person=store.person).delete()
        with pytest.raises(Refused) as refused:
            store.issued()
        assert refused.value.code == "pin_missing"
        NeedToKnow.objects.filter(person=store.person).update(valid_until=now() + HOURS)
        with pytest.raises(Refused) as refused:
            store.issued()  # until tomorrow
        assert "need_to_know_missing" in told(refused.value)
        assert "pin_missing" in told(refused.value)

    def test_a_refusal_is_on_record_with_every_reason_in_the_officer_s_words(
        self, store: Outside
    ) -> None:
        Pin.objects.filter(person=store.person).delete()
        NeedToKnow.objects.filter(person=store.person).update(valid_until=now() + HOURS)
        with pytest.raises(IssueRefused) as refused:
            store.issued(seals=["S-1"])
        assert refused.value.code == "seals_differ"  # hidden by nothing else
        (kept,) = [
            each for each in Outbox.objects.all() if each.fields["kind"] == "terminal.issue_refused"
        ]
        assert store.store.guard.reference in kept.header
        assert str(store.terminal.pk) in kept.header
        assert kept.data["person"] == str(store.person.pk)
        reasons = kept.data["objections"]
        assert [each["code"] for each in reasons] == [each.code for each in refused.value.reasons]
        assert {"seals_differ", "need_to_know_missing", "pin_missing"} <= {
            each["code"] for each in reasons
        }
        assert all(each["message"] and each["remedy"] for each in reasons)
        # What only an officer may know reaches nobody at the desk.
        (secret,) = [each for each in reasons if each["code"] == "need_to_know_missing"]
        assert secret["guard"] != secret["message"]

    def test_none_goes_out_for_a_place_that_is_revoked(self, store: Outside) -> None:
        place_revoke(place_id=store.place.pk, reason="Left", actor=store.store.first)
        with pytest.raises(Refused) as refused:
            store.issued()
        assert refused.value.code == "place_not_approved"

    def test_whom_the_mandate_does_not_name_is_not_there(self, store: Outside) -> None:
        with pytest.raises(Person.DoesNotExist):
            store.issued(person_id=person_named("a.nwosu").pk)

    def test_nobody_issues_one_to_himself(self, store: Outside) -> None:
        user = store.store.world.guard.user_id
        assert user is not None
        with pytest.raises(Refused) as refused:
            store.issued(actor=Actor.user(user, store.person.pk))
        assert refused.value.code == "own_laptop"

    def test_one_person_has_one_outside(self, outside: Outside) -> None:
        other = outside.store.stored("LT-02")
        outside.store.attested(other)
        with pytest.raises(Refused) as refused:
            outside.issued(terminal_id=other.pk, seals=outside.store.seals(other))
        assert refused.value.code == "has_terminal"

    @pytest.mark.parametrize(
        "change",
        [
            {"person_id": None},
            {"due_at": None},
            {"due_at": "later"},
            {"place_id": None},
            {"seals_issued": []},
        ],
    )
    def test_the_database_keeps_what_was_signed_for(
        self, outside: Outside, change: dict[str, Any]
    ) -> None:
        given = {key: now() + 90 * DAY if each == "later" else each for key, each in change.items()}
        with pytest.raises(DatabaseError), transaction.atomic():
            TerminalCustody.objects.update(**given)

    def test_the_database_gives_none_to_somebody_whom_the_mandate_does_not_name(
        self, store: Outside
    ) -> None:
        stranger: Person = person_named("a.nwosu")
        with pytest.raises(DatabaseError, match="nobody who may have it"), transaction.atomic():
            TerminalCustody.objects.create(
                terminal=store.terminal, person=stranger, place=store.place, due_at=now() + DAY,
                issued_by=stranger, issued_at=now(),
            )  # fmt: skip


class TestWatch:
    def test_a_laptop_that_is_late_is_one_alarm_until_it_is_back(self, outside: Outside) -> None:
        terminals_outside_watch(actor=CONTROL)
        assert not Alarm.objects.filter(kind=OVERDUE).exists()
        late = now() + DAY + HOURS
        with clock_set(lambda: late):
            for _ in range(2):
                terminals_outside_watch(actor=CONTROL)
            assert Alarm.objects.get(kind=OVERDUE, closed_at=None).count == 1
            outside.store.returned(outside.terminal)
        assert not Alarm.objects.filter(kind=OVERDUE, closed_at=None).exists()

    def test_one_that_nobody_hears_is_locked_and_looked_for(self, outside: Outside) -> None:
        limit = outside.facility.policy.values["offsite_unheard_hours"]["value"]
        soon, late = now() + (limit - 1) * HOURS, now() + (limit + 1) * HOURS
        with clock_set(lambda: soon):
            terminals_outside_watch(actor=CONTROL)
        assert not TerminalLock.objects.exists()
        with clock_set(lambda: late):
            for _ in range(2):
                terminals_outside_watch(actor=CONTROL)
        assert TerminalLock.objects.get().ended_at is None
        assert outside.store.again(outside.terminal).state == "locked"
        assert Alarm.objects.get(kind=UNHEARD).count == 1
        unlocked = terminal_unlock(
            terminal_id=outside.terminal.pk, reason="Found", actor=outside.store.first
        )
        assert unlocked.state == "issued"  # it is in his hands still

    def test_a_laptop_in_session_is_asked_again_before_its_proof_is_old(
        self, outside: Outside
    ) -> None:
        outside.session()
        asked = Attestation.objects.filter(terminal=outside.terminal, outcome="asked")
        sessions_outside_prove(actor=CONTROL)
        assert not asked.exists()
        later = now() + timedelta(minutes=6)
        with clock_set(lambda: later):
            for _ in range(2):
                sessions_outside_prove(actor=CONTROL)
        assert asked.count() == 1

    def test_one_that_is_only_out_is_not_asked(self, outside: Outside) -> None:
        later = now() + timedelta(minutes=6)
        with clock_set(lambda: later):
            sessions_outside_prove(actor=CONTROL)
            attestation_ask(terminal_id=outside.terminal.pk, actor=CONTROL)  # it could be
        assert Attestation.objects.filter(outcome="asked").count() == 1

    def test_a_policy_that_says_nothing_gives_no_time(self, outside: Outside) -> None:
        policy_with(outside.facility, without=["offsite_unheard_hours"])
        terminals_outside_watch(actor=CONTROL)
        assert outside.store.again(outside.terminal).state == "locked"


class TestLoss:
    def lost(self, outside: Outside) -> LossReport:
        return terminal_report_lost(
            terminal_id=outside.terminal.pk, last_seen_at=None, last_seen_where="Train",
            circumstances="Left on a train", actor=outside.store.guard,
        )  # fmt: skip

    def test_it_is_out_of_use_its_holder_too_until_the_debrief(self, outside: Outside) -> None:
        report = self.lost(outside)
        assert outside.store.again(outside.terminal).state == "lost"
        assert TerminalCustody.objects.get().ended_how == "lost"
        assert Alarm.objects.filter(kind=DEBRIEF, closed_at=None).count() == 1
        other = outside.store.stored("LT-02")
        outside.store.attested(other)
        again = {"terminal_id": other.pk, "seals": outside.store.seals(other)}
        with pytest.raises(Refused) as refused:
            outside.issued(**again)
        assert refused.value.code == "debrief_open"
        loss_debrief(report_id=report.pk, debrief="Fell asleep", actor=outside.store.first)
        assert not Alarm.objects.filter(kind=DEBRIEF, closed_at=None).exists()
        assert outside.issued(**again)
        with pytest.raises(Refused):
            loss_debrief(report_id=report.pk, debrief="Again", actor=outside.store.first)
        with pytest.raises(DatabaseError, match="refuses UPDATE"), transaction.atomic():
            LossReport.objects.update(debrief="Otherwise")

    def test_whoever_sits_at_it_is_told_whom_to_call_wherever_it_is(self, outside: Outside) -> None:
        serial = outside.terminal.serial
        assert said(serial) == SAID_OUTSIDE
        self.lost(outside)
        assert said(serial) == SAID_OUTSIDE
        assert said(outside.store.stored("LT-02").serial) == SAID
        assert said("no such laptop") == SAID_ANYWHERE

    def test_the_guard_debriefs_nobody_and_nobody_himself(self, outside: Outside) -> None:
        report = self.lost(outside)
        with pytest.raises(LossReport.DoesNotExist):
            loss_debrief(report_id=report.pk, debrief="x", actor=outside.store.guard)
        with pytest.raises(DatabaseError, match="loss_debriefed_by_another"), transaction.atomic():
            LossReport.objects.update(
                debriefed_by=outside.person, debriefed_at=now(), debrief="Nothing"
            )

    def test_found_it_goes_into_quarantine(self, outside: Outside) -> None:
        self.lost(outside)
        found = terminal_find(
            terminal_id=outside.terminal.pk, where="Lost property", actor=outside.store.guard
        )
        assert found.state == "quarantined"
