"""Disputes: one appeal an item, decided by two of a body that both sides agreed on."""

from pathlib import Path

import pytest
from pytest_django import Settings

from access.models import Engagement
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, Refused
from scif.people.models import FacilityRole, User
from scif.people.rules.roles import Role
from terminals.models import AirlockReviewer, EgressLedger, Part
from terminals.selectors.airlock import items_for
from terminals.services.airlock_read import airlock_read
from terminals.services.airlock_release import airlock_release
from terminals.services.appeal import appeal_lodge, appeal_vote
from terminals.services.reviewer import reviewer_confirm, reviewer_end, reviewer_name
from tests.flows.airlock_world import Airlock, login_of, make_airlock, person_id

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _store(settings: Settings, tmp_path: Path) -> None:
    settings.AIRLOCK_DIR = tmp_path


@pytest.fixture
def airlock() -> Airlock:
    return make_airlock()


class TestDeciding:
    def test_upheld_it_is_checked_and_the_body_may_release_it(self, airlock: Airlock) -> None:
        airlock.body_named()
        item = airlock.refuse(airlock.sealed(), airlock.lab)
        appeal_lodge(item_id=item.pk, statement="Public since May", actor=airlock.author)
        first, second, third = airlock.judges
        appeal_vote(item_id=item.pk, upholds=True, reason="Public", actor=first)
        appeal_vote(item_id=item.pk, upholds=False, reason="Not all", actor=second)
        assert airlock.again(item).state == "appealed"
        appeal_vote(item_id=item.pk, upholds=True, reason="Public", actor=third)
        assert airlock.again(item).state == "checked"
        with pytest.raises(Refused) as found:
            airlock.refuse(item, airlock.officer)
        assert found.value.code == "appeal_decided"
        airlock_release(item_id=item.pk, actor=first)
        assert EgressLedger.objects.get().reference == item.reference

    def test_the_body_sees_the_bytes_once_it_is_asked(self, airlock: Airlock) -> None:
        airlock.body_named()
        item = airlock.refuse(airlock.sealed(), airlock.lab)
        version, judge = airlock.version(item), airlock.judges[0]
        with pytest.raises(NotPermitted):
            airlock_read(item_id=item.pk, version_id=version, actor=judge)
        appeal_lodge(item_id=item.pk, statement="Public", actor=airlock.author)
        assert airlock_read(item_id=item.pk, version_id=version, actor=judge)

    def test_nobody_else_votes_and_nobody_twice(self, airlock: Airlock) -> None:
        airlock.body_named()
        item = airlock.refuse(airlock.sealed(), airlock.lab)
        appeal_lodge(item_id=item.pk, statement="Public", actor=airlock.author)
        for who in (airlock.author, airlock.lab, airlock.reviewer, airlock.officer):
            with pytest.raises(NotPermitted):
                appeal_vote(item_id=item.pk, upholds=True, reason="Mine", actor=who)
        judge = airlock.judges[0]
        appeal_vote(item_id=item.pk, upholds=True, reason="Public", actor=judge)
        with pytest.raises(Refused) as found:
            appeal_vote(item_id=item.pk, upholds=True, reason="Again", actor=judge)
        assert found.value.code == "voted_already"

    def test_a_judge_who_has_come_to_work_there_decides_no_more(self, airlock: Airlock) -> None:
        airlock.body_named()
        item = airlock.refuse(airlock.sealed(), airlock.lab)
        judge, other, last = airlock.judges
        for who in (judge, other):
            FacilityRole.objects.create(
                user=User.objects.get(person_id=person_id(who)),
                facility=item.facility,
                role=Role.GUARD.value,
                valid_from=now(),
            )
        with pytest.raises(Refused) as found:
            appeal_lodge(item_id=item.pk, statement="Public", actor=airlock.author)
        assert found.value.code == "no_appeal_body"
        FacilityRole.objects.filter(user__person_id=person_id(other)).update(valid_until=now())
        appeal_lodge(item_id=item.pk, statement="Public", actor=airlock.author)
        with pytest.raises(NotPermitted):
            appeal_vote(item_id=item.pk, upholds=True, reason="Mine", actor=judge)
        for who in (other, last):
            appeal_vote(item_id=item.pk, upholds=True, reason="Public", actor=who)
        assert airlock.again(item).state == "checked"

    def test_only_against_a_rejection_and_before_a_body(self, airlock: Airlock) -> None:
        item = airlock.refuse(airlock.sealed(), airlock.lab)
        with pytest.raises(Refused) as found:
            appeal_lodge(item_id=item.pk, statement="Public", actor=airlock.author)
        assert found.value.code == "no_appeal_body"
        airlock.body_named()
        with pytest.raises(NotPermitted):
            appeal_lodge(item_id=item.pk, statement="Public", actor=airlock.team)


class TestNaming:
    def name(self, airlock: Airlock, part: Part, who: Actor, by: Actor) -> AirlockReviewer:
        return reviewer_name(
            engagement_id=airlock.world.engagement.pk, part=part, login=login_of(who), actor=by
        )

    def test_one_side_names_and_the_other_confirms(self, airlock: Airlock) -> None:
        judge = airlock.judges[0]
        named = self.name(airlock, Part.APPEAL, judge, airlock.lab)
        with pytest.raises(Refused) as found:
            reviewer_confirm(reviewer_id=named.pk, actor=airlock.lab)
        assert found.value.code == "same_side"
        confirmed = reviewer_confirm(reviewer_id=named.pk, actor=airlock.officer)
        assert confirmed.confirmed_by_id == airlock.officer.person_id

    def test_who_is_not_confirmed_knows_of_nothing(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        judge = airlock.judges[0]
        named = self.name(airlock, Part.APPEAL, judge, airlock.officer)
        assert not items_for(judge).exists()
        reviewer_confirm(reviewer_id=named.pk, actor=airlock.lab)
        assert items_for(judge).get() == item

    def test_the_lab_neither_judges_nor_dismisses_judges(self, airlock: Airlock) -> None:
        with pytest.raises(Refused) as found:
            self.name(airlock, Part.APPEAL, airlock.author, airlock.lab)
        assert found.value.code == "not_fit"
        airlock.body_named()
        judge = AirlockReviewer.objects.filter(part=Part.APPEAL)[0]
        with pytest.raises(NotPermitted):
            reviewer_end(reviewer_id=judge.pk, actor=airlock.lab)
        item = airlock.refuse(airlock.sealed(), airlock.lab)
        appeal_lodge(item_id=item.pk, statement="Public", actor=airlock.author)
        with pytest.raises(Refused) as found:
            reviewer_end(reviewer_id=judge.pk, actor=airlock.officer)
        assert found.value.code == "appeal_open"

    def test_who_works_for_the_facility_judges_none_of_its_exports(self, airlock: Airlock) -> None:
        for by in (airlock.officer, airlock.lab):
            with pytest.raises(Refused) as found:
                self.name(airlock, Part.APPEAL, airlock.officer, by)
            assert found.value.code == "not_fit"

    def test_only_the_sponsors_officer_names_for_the_lab(self, airlock: Airlock) -> None:
        for by in (airlock.officer, airlock.author, airlock.reviewer):
            # For a reviewer the engagement itself is not there.
            with pytest.raises((NotPermitted, Engagement.DoesNotExist)):
                self.name(airlock, Part.LAB, airlock.reviewer, by)
