"""The database holds the airlock: who writes past the services, as web, still releases nothing."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings

from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import FacilityRole, User
from scif.people.rules.roles import Role
from terminals.models import (
    AirlockCheck,
    AirlockItem,
    AirlockReviewer,
    AirlockVersion,
    Appeal,
    AppealVote,
    EgressLedger,
    Verdict,
)
from terminals.rules.airlock import Said, approved
from terminals.rules.airlock_states import AIRLOCK, AirlockState
from terminals.services.airlock import airlock_reopen, airlock_take_out, airlock_withdraw
from terminals.services.airlock_release import airlock_release
from terminals.services.appeal import appeal_lodge, appeal_vote
from tests.flows.airlock_world import TEXT, Airlock, make_airlock, person_id

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _store(settings: Settings, tmp_path: Path) -> None:
    settings.AIRLOCK_DIR = tmp_path


@pytest.fixture
def airlock() -> Airlock:
    return make_airlock()


def denied(act: Any, match: str) -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        act()


def rows(item: AirlockItem) -> Any:
    return AirlockItem.objects.filter(pk=item.pk)


def works_here(airlock: Airlock, who: Actor) -> None:
    """A role at the engagement's facility, whatever the service for roles would say."""
    FacilityRole.objects.create(
        user=User.objects.get(person_id=person_id(who)),
        facility=airlock.world.area.facility,
        role=Role.GUARD.value,
        valid_from=now(),
    )


def check(item: AirlockItem, who: Actor, side: str = "lab", **more: Any) -> AirlockCheck:
    """A row that no service wrote."""
    said = {"verdict": "approve", "at": now()} | more
    assert item.version is not None
    return AirlockCheck.objects.create(
        version=item.version, person_id=person_id(who), side=side, **said
    )


def debit(item: AirlockItem, amount: int = len(TEXT)) -> EgressLedger:
    return EgressLedger.objects.create(
        facility=item.facility,
        engagement=item.engagement,
        asset_id=item.engagement.asset_id,
        kind="export",
        reference=item.reference,
        bytes=amount,
        at=now(),
    )


def test_the_trigger_has_the_table_of_the_rules() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(tgargs, 'escape'), tgenabled FROM pg_trigger WHERE"
            " tgname = 'terminals_steps' AND tgrelid = 'terminals_airlockitem'::regclass"
        )
        arguments, enabled = cursor.fetchone()
    first, steps, _end = arguments.split("\\000")
    assert (first, enabled) == (AirlockState.DRAFT, "A")
    table = {f"{before}>{after}" for (before, _), after in AIRLOCK.table.items()}
    assert sorted(steps.split()) == sorted(table)


class TestRelease:
    def test_not_with_one_approval(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        airlock.approve(item, airlock.lab)
        debit(item)
        denied(lambda: rows(item).update(state="checked"), "no record that lets")
        denied(lambda: rows(item).update(state="released"), "does not go from sealed")

    def test_not_with_two_of_the_facility(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        for who in (airlock.officer, airlock.colleague):
            airlock.approve(item, who)
        denied(lambda: rows(item).update(state="checked"), "no record that lets")

    def test_not_without_its_bytes_in_the_ledger(self, airlock: Airlock) -> None:
        item = airlock.checked()
        by = airlock.officer.person_id
        release = {"state": "released", "released_by_id": by}
        denied(lambda: rows(item).update(**release), "no record that lets")
        debit(item, 1)
        denied(lambda: rows(item).update(**release), "no record that lets")
        debit(item)
        assert rows(item).update(**release) == 1
        denied(lambda: rows(item).update(title="Another"), "is what it is")

    def test_not_with_other_bytes_than_were_approved(self, airlock: Airlock) -> None:
        item = airlock.checked()
        seen = AirlockVersion.objects.filter(pk=airlock.version(item))
        denied(lambda: seen.update(sha256="0" * 64), "other bytes are another version")
        denied(lambda: seen.update(bytes=1), "other bytes are another version")
        other = airlock.sealed(b"Other")
        denied(lambda: rows(item).update(version=airlock.version(other)), "change only in a draft")
        airlock_reopen(item_id=item.pk, actor=airlock.author)
        # What was approved before it became a draft is good for nothing.
        denied(lambda: rows(item).update(state="sealed"), "no record that lets")

    def test_not_by_its_author(self, airlock: Airlock) -> None:
        item = airlock.checked()
        debit(item)
        author = airlock.author.person_id
        denied(
            lambda: rows(item).update(state="released", released_by_id=author),
            "airlock_released_by_another",
        )


class TestChecks:
    def test_none_of_the_author_or_his_team(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        for who in (airlock.author, airlock.team):
            for side in ("lab", "facility"):
                denied(lambda who=who, side=side: check(item, who, side), "he or his team wrote")

    def test_none_of_whoever_is_not_named(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        denied(lambda: check(item, airlock.officer, "lab"), "does not check for the lab")
        denied(lambda: check(item, airlock.judges[0], "lab"), "does not check for the lab")
        denied(lambda: check(item, airlock.lab, "facility"), "does not check for the facility")
        AirlockReviewer.objects.filter(person_id=person_id(airlock.reviewer)).delete()
        denied(lambda: check(item, airlock.reviewer), "does not check for the lab")

    def test_none_on_another_ground(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        for more in (
            {"verdict": "reject", "ground": "embarrassing", "reason": "All"},
            {"verdict": "reject", "ground": "", "reason": "All"},
            {"verdict": "reject", "ground": "weights", "reason": ""},
            {"verdict": "approve", "ground": "weights", "reason": "All"},
        ):
            denied(lambda more=more: check(item, airlock.lab, **more), "airlock_check_on_a_ground")

    def test_none_of_a_draft_or_of_an_old_version(self, airlock: Airlock) -> None:
        item = airlock.drafted()
        denied(lambda: check(item, airlock.lab), "not there to be checked")
        item = airlock.seal(item)
        airlock_reopen(item_id=item.pk, actor=airlock.author)
        airlock.seal(item)
        denied(lambda: check(item, airlock.lab), "not there to be checked")

    def test_an_intake_without_an_inspection(self, airlock: Airlock) -> None:
        item = airlock.intake()
        denied(lambda: check(item, airlock.lab), "approved on an inspection")

    def test_nothing_said_changes_or_goes(self, airlock: Airlock) -> None:
        item = airlock.refuse(airlock.sealed(), airlock.lab)
        said = AirlockCheck.objects.filter(version=item.version)
        denied(lambda: said.update(reason="Other"), "permission denied")
        for gone in (said, AirlockVersion.objects.filter(item=item), rows(item)):
            denied(lambda gone=gone: gone._raw_delete("default"), "permission denied|stays on")


class TestAppeals:
    def test_not_the_lab_its_people_or_the_auditors(self, airlock: Airlock) -> None:
        for who in (airlock.lab, airlock.reviewer, airlock.author):
            denied(
                lambda who=who: AirlockReviewer.objects.create(
                    engagement=airlock.world.engagement,
                    person_id=person_id(who),
                    part="appeal",
                    named_by_id=person_id(airlock.officer),
                    named_at=now(),
                ),
                "cannot be named|airlock_reviewer_once",
            )

    def test_nobody_who_works_at_the_facility_or_names_himself(self, airlock: Airlock) -> None:
        def named(who: Actor, by: Actor) -> AirlockReviewer:
            return AirlockReviewer.objects.create(
                engagement=airlock.world.engagement,
                person_id=person_id(who),
                part="appeal",
                named_by_id=person_id(by),
                named_at=now(),
            )

        judge = airlock.judges[0]
        for who, by in ((airlock.colleague, airlock.officer), (judge, judge)):
            denied(lambda who=who, by=by: named(who, by), "cannot be named")
        row = AirlockReviewer.objects.filter(pk=named(judge, airlock.officer).pk)
        denied(
            lambda: row.update(confirmed_by_id=person_id(judge), confirmed_at=now()),
            "cannot be named",
        )
        works_here(airlock, judge)
        denied(
            lambda: row.update(confirmed_by_id=person_id(airlock.lab), confirmed_at=now()),
            "cannot be named",
        )

    def test_who_has_come_to_work_there_votes_no_more(self, airlock: Airlock) -> None:
        airlock.body_named()
        item = airlock.refuse(airlock.sealed(), airlock.lab)
        appeal = appeal_lodge(item_id=item.pk, statement="Public", actor=airlock.author)
        judge, other = airlock.judges[:2]
        works_here(airlock, judge)
        for who, written in ((judge, False), (other, True)):
            vote = AppealVote(
                appeal=appeal, person_id=person_id(who), upholds=True, reason="-", at=now()
            )
            if written:
                vote.save(force_insert=True)
            else:
                denied(lambda vote=vote: vote.save(force_insert=True), "does not decide")

    def test_one_vote_decides_nothing(self, airlock: Airlock) -> None:
        airlock.body_named()
        item = airlock.refuse(airlock.sealed(), airlock.lab)
        appeal = appeal_lodge(item_id=item.pk, statement="Public", actor=airlock.author)
        judge = airlock.judges[0]
        appeal_vote(item_id=item.pk, upholds=True, reason="Public", actor=judge)
        mine = Appeal.objects.filter(pk=appeal.pk)
        denied(lambda: mine.update(outcome="upheld", decided_at=now()), "by two who agree")
        denied(lambda: rows(item).update(state="checked"), "no record that lets")
        for who in (airlock.author, airlock.lab, airlock.officer):
            denied(
                lambda who=who: AppealVote.objects.create(
                    appeal=appeal, person_id=person_id(who), upholds=True, reason="-", at=now()
                ),
                "does not decide",
            )

    def test_no_second_appeal(self, airlock: Airlock) -> None:
        airlock.body_named()
        item = airlock.refuse(airlock.sealed(), airlock.lab)
        appeal_lodge(item_id=item.pk, statement="Public", actor=airlock.author)
        for judge in airlock.judges[:2]:
            appeal_vote(item_id=item.pk, upholds=False, reason="Not public", actor=judge)
        assert airlock.again(item).state == "rejected"
        with pytest.raises(Refused) as found:
            appeal_lodge(item_id=item.pk, statement="Still", actor=airlock.author)
        assert found.value.code == "appealed_already"
        denied(lambda: rows(item).update(state="appealed"), "no record that lets")


class Life(RuleBasedStateMachine):
    """Anybody does anything in any order; what is released has earned it."""

    airlock: Airlock
    numbers: Iterator[int]

    @initialize()
    def begin(self) -> None:
        self.item = self.airlock.drafted(f"Findings {next(self.numbers)}\n".encode())
        self.people = (
            self.airlock.author,
            self.airlock.team,
            self.airlock.lab,
            self.airlock.reviewer,
            self.airlock.officer,
            self.airlock.colleague,
            *self.airlock.judges,
        )

    def tried(self, act: Any) -> None:
        """A refusal changes nothing; the database has no objection that the services had not."""
        before = self.airlock.again(self.item).state
        try:
            act()
        except (Refused, AirlockItem.DoesNotExist):
            assert self.airlock.again(self.item).state == before

    @rule(who=st.integers(0, 8))
    def approve(self, who: int) -> None:
        self.tried(lambda: self.airlock.approve(self.item, self.people[who]))

    @rule(who=st.integers(0, 8), verdict=st.sampled_from([Verdict.CHANGES, Verdict.REJECT]))
    def refuse(self, who: int, verdict: Verdict) -> None:
        self.tried(lambda: self.airlock.refuse(self.item, self.people[who], verdict))

    @rule()
    def seal(self) -> None:
        self.tried(lambda: self.airlock.seal(self.item))

    @rule(anew=st.booleans())
    def reopen(self, anew: bool) -> None:
        author = self.airlock.author
        self.tried(lambda: airlock_reopen(item_id=self.item.pk, actor=author))
        if anew:
            name = self.airlock.put_out(f"Findings {next(self.numbers)}\n".encode())
            self.tried(lambda: airlock_take_out(item_id=self.item.pk, name=name, actor=author))

    @rule(who=st.integers(0, 8))
    def release(self, who: int) -> None:
        self.tried(lambda: airlock_release(item_id=self.item.pk, actor=self.people[who]))

    @rule()
    def appeal(self) -> None:
        author = self.airlock.author
        self.tried(lambda: appeal_lodge(item_id=self.item.pk, statement="No", actor=author))

    @rule(who=st.integers(0, 8), upholds=st.booleans())
    def vote(self, who: int, upholds: bool) -> None:
        self.tried(
            lambda: appeal_vote(
                item_id=self.item.pk, upholds=upholds, reason="So", actor=self.people[who]
            )
        )

    @rule()
    def withdraw(self) -> None:
        author = self.airlock.author
        self.tried(lambda: airlock_withdraw(item_id=self.item.pk, actor=author))

    @invariant()
    def what_is_released_was_approved_and_debited(self) -> None:
        if not hasattr(self, "item"):
            return
        item = self.airlock.again(self.item)
        paid = list(
            EgressLedger.objects.filter(reference=item.reference).values_list("bytes", flat=True)
        )
        if item.state != AirlockState.RELEASED:
            assert paid == []
            return
        assert item.version is not None
        assert paid == [item.version.bytes]
        said = [
            Said(each.person_id, each.side == "lab", each.verdict == "approve")
            for each in item.version.checks.all()
        ]
        votes = AppealVote.objects.filter(appeal__version=item.version, upholds=True)
        assert approved(item.author_id, said) or votes.count() == 2


def test_any_order_of_acts(airlock: Airlock) -> None:
    airlock.body_named()

    class OwnLife(Life):
        pass

    OwnLife.airlock, OwnLife.numbers = airlock, count()
    run_state_machine_as_test(
        OwnLife,
        settings=hypothesis_settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
