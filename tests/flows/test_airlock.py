"""Out and in: nothing passes that two others did not approve, byte for byte."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from access.models import AccessKind, Engagement
from scif.alarms.models import Alarm
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import NotPermitted, Refused
from terminals.models import AirlockItem, Direction, EgressLedger, Ground, Verdict
from terminals.selectors.airlock import items_for, waits_for
from terminals.selectors.ledger import budgets_of
from terminals.services.airlock import (
    OVERDUE,
    airlock_draft,
    airlock_reopen,
    airlock_seal,
    airlock_take_out,
    airlock_withdraw,
)
from terminals.services.airlock_check import airlock_approve, airlock_refuse
from terminals.services.airlock_read import ALTERED, airlock_read, airlock_take
from terminals.services.airlock_release import airlock_release
from terminals.services.airlock_vault import outbox, outbox_names
from terminals.services.airlock_watch import airlock_watch
from tests.flows.airlock_world import TEXT, Airlock, make_airlock

pytestmark = pytest.mark.django_db
BEAT = Actor.system("beat")


@pytest.fixture(autouse=True)
def _store(settings: Settings, tmp_path: Path) -> None:
    settings.AIRLOCK_DIR = tmp_path


@pytest.fixture
def airlock() -> Airlock:
    return make_airlock()


def refused(act: Callable[[], object], code: str) -> None:
    with pytest.raises(Refused) as found:
        act()
    assert found.value.code == code


def spoil(item: AirlockItem) -> None:
    """One byte of what is kept changes."""
    assert item.version is not None
    digest = item.version.sha256
    path = django_settings.AIRLOCK_DIR / "kept" / digest[:2] / digest
    path.write_bytes(b"?" + path.read_bytes()[1:])


class TestOut:
    def test_two_approve_and_it_leaves_debited(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        assert airlock.approve(item, airlock.reviewer).state == "sealed"
        assert airlock.approve(item, airlock.officer).state == "checked"
        released = airlock_release(item_id=item.pk, actor=airlock.officer)
        assert (released.state, released.due_at) == ("released", None)
        row = EgressLedger.objects.get()
        assert (row.kind, row.reference, row.bytes) == ("export", item.reference, len(TEXT))
        version, data = airlock_take(
            item_id=item.pk, version_id=airlock.version(item), actor=airlock.author
        )
        assert (data, version.sha256) == (TEXT, sha256(TEXT).hexdigest())

    def test_each_step_is_journaled_with_its_hash(self, airlock: Airlock) -> None:
        item = airlock.checked()
        airlock_release(item_id=item.pk, actor=airlock.lab)
        airlock_take(item_id=item.pk, version_id=airlock.version(item), actor=airlock.author)
        told = [
            row for row in Outbox.objects.all() if str(row.fields["kind"]).startswith("export.")
        ]
        assert [str(row.fields["kind"]).removeprefix("export.") for row in told] == [
            "drafted", "filled", "sealed", "approved", "approved", "checked", "released", "taken",
        ]  # fmt: skip
        assert all(row.data["sha256"] == sha256(TEXT).hexdigest() for row in told[1:])

    def test_two_of_the_facility_are_not_enough(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        airlock.approve(item, airlock.officer)
        assert airlock.approve(item, airlock.colleague).state == "sealed"
        refused(lambda: airlock_release(item_id=item.pk, actor=airlock.officer), "not_approved")
        assert airlock.approve(item, airlock.lab).state == "checked"

    def test_neither_author_nor_team_checks_and_nobody_twice(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        for who in (airlock.author, airlock.team):
            with pytest.raises(NotPermitted):
                airlock.approve(item, who)
        airlock.approve(item, airlock.lab)
        refused(lambda: airlock.approve(item, airlock.lab), "checked_already")

    def test_only_its_author_writes_it(self, airlock: Airlock) -> None:
        item = airlock.drafted()
        for who in (airlock.team, airlock.lab):
            with pytest.raises((NotPermitted, AirlockItem.DoesNotExist)):
                airlock_seal(item_id=item.pk, context="Mine", actor=who)

    def test_a_new_version_has_no_approval(self, airlock: Airlock) -> None:
        item = airlock.checked()
        seen = airlock.version(item)
        airlock_reopen(item_id=item.pk, actor=airlock.author)
        item = airlock.seal(item)
        assert airlock.version(item) != seen
        refused(lambda: airlock_release(item_id=item.pk, actor=airlock.officer), "not_approved")
        refused(
            lambda: airlock_approve(item_id=item.pk, version_id=seen, actor=airlock.lab),
            "changed_meanwhile",
        )
        airlock.approve(item, airlock.lab)
        assert airlock.approve(item, airlock.officer).state == "checked"

    def test_sealed_bytes_are_not_replaced(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        name = airlock.put_out(b"Other")
        refused(
            lambda: airlock_take_out(item_id=item.pk, name=name, actor=airlock.author),
            "wrong_state",
        )

    @pytest.mark.parametrize("act", ["approve", "read", "take", "release"])
    def test_a_byte_that_changed_voids_every_approval(self, airlock: Airlock, act: str) -> None:
        item = airlock.checked() if act == "release" else airlock.sealed()
        spoil(item)
        acts: dict[str, Callable[[], object]] = {
            "approve": lambda: airlock.approve(item, airlock.lab),
            "read": lambda: airlock_read(
                item_id=item.pk, version_id=airlock.version(item), actor=airlock.lab
            ),
            "take": lambda: airlock_take(
                item_id=item.pk, version_id=airlock.version(item), actor=airlock.lab
            ),
            "release": lambda: airlock_release(item_id=item.pk, actor=airlock.officer),
        }
        refused(acts[act], "bytes_changed")
        assert airlock.again(item).state == "draft"
        assert Alarm.objects.filter(kind=ALTERED, subject=item.reference).count() == 1
        assert not EgressLedger.objects.exists()

    def test_the_budget_ends_it(self, airlock: Airlock) -> None:
        facility = airlock.world.facility.pk
        large, small = airlock.checked(b"a" * 900), airlock.checked(b"b" * 101)
        airlock_release(item_id=large.pk, actor=airlock.officer)
        refused(lambda: airlock_release(item_id=small.pk, actor=airlock.lab), "budget_exceeded")
        assert airlock.again(small).state == "checked"
        assert budgets_of(airlock.world.engagement, facility).left == 100

    def test_nothing_moves_under_a_suspended_mandate(self, airlock: Airlock) -> None:
        item = airlock.checked()
        Engagement.objects.filter(pk=item.engagement_id).update(state="suspended")
        refused(
            lambda: airlock_release(item_id=item.pk, actor=airlock.officer),
            "engagement_not_active",
        )


class TestRefusing:
    def test_it_goes_back_on_a_ground_of_the_list(self, airlock: Airlock) -> None:
        item = airlock.refuse(airlock.sealed(), airlock.lab, Verdict.CHANGES)
        assert item.state == "changes"
        airlock_reopen(item_id=item.pk, actor=airlock.author)
        assert airlock.seal(item).state == "sealed"

    def test_no_other_ground_and_none_without_a_place(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        for ground, reason, code in (
            ("embarrassing", "All of it", "ground_missing"),
            (Ground.WEIGHTS, " ", "reason_missing"),
        ):
            with pytest.raises(Refused) as found:
                airlock_refuse(
                    item_id=item.pk, version_id=airlock.version(item), verdict=Verdict.REJECT,
                    ground=ground, reason=reason, actor=airlock.lab,  # type: ignore[arg-type]  # forged
                )  # fmt: skip
            assert found.value.code == code

    def test_the_author_keeps_hash_and_reason_when_the_mandate_is_over(
        self, airlock: Airlock
    ) -> None:
        item = airlock.refuse(airlock.sealed(), airlock.lab)
        Engagement.objects.filter(pk=item.engagement_id).update(state="closed")
        kept = items_for(airlock.author).get(pk=item.pk)
        assert kept.version is not None
        check = kept.version.checks.get()
        assert kept.version.sha256 == sha256(TEXT).hexdigest()
        assert (check.ground, check.reason) == ("internals", "Line 3 names the optimiser")

    def test_what_was_rejected_cannot_be_sealed_again(self, airlock: Airlock) -> None:
        item = airlock.refuse(airlock.sealed(), airlock.officer)
        for act in (airlock_reopen, airlock_withdraw):
            with pytest.raises(Refused):
                act(item_id=item.pk, actor=airlock.author)


class TestSeeing:
    def test_a_draft_is_its_teams_alone(self, airlock: Airlock) -> None:
        item = airlock.drafted()
        for who, sees in ((airlock.team, True), (airlock.lab, False), (airlock.officer, False)):
            assert items_for(who).filter(pk=item.pk).exists() is sees

    def test_the_author_sees_no_byte_before_the_release(self, airlock: Airlock) -> None:
        item = airlock.checked()
        version = airlock.version(item)
        with pytest.raises(NotPermitted):
            airlock_read(item_id=item.pk, version_id=version, actor=airlock.author)
        airlock_release(item_id=item.pk, actor=airlock.officer)
        assert airlock_read(item_id=item.pk, version_id=version, actor=airlock.team)[1] == TEXT

    def test_what_was_sent_back_stays_inside_when_the_rest_is_released(
        self, airlock: Airlock
    ) -> None:
        item = airlock.refuse(airlock.sealed(b"Too much"), airlock.lab, Verdict.CHANGES)
        first = airlock.version(item)
        airlock_reopen(item_id=item.pk, actor=airlock.author)
        airlock_take_out(item_id=item.pk, name=airlock.put_out(), actor=airlock.author)
        airlock.seal(item)
        for who in (airlock.lab, airlock.officer):
            airlock.approve(item, who)
        airlock_release(item_id=item.pk, actor=airlock.officer)
        assert airlock_read(item_id=item.pk, version_id=airlock.version(item), actor=airlock.author)
        for act in (airlock_read, airlock_take):
            with pytest.raises(NotPermitted):
                act(item_id=item.pk, version_id=first, actor=airlock.author)

    def test_another_engagements_item_is_not_there(self, airlock: Airlock) -> None:
        other = make_airlock("far")
        item = other.sealed()
        for who in (airlock.author, airlock.lab, airlock.officer, airlock.reviewer):
            with pytest.raises(AirlockItem.DoesNotExist):
                airlock.approve(item, who)


class TestClock:
    def test_an_answer_that_is_late_is_an_alarm_until_it_comes(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        late = now() + timedelta(hours=72, seconds=1)
        assert airlock_watch(actor=BEAT) == 0
        with clock_set(lambda: late):
            assert (airlock_watch(actor=BEAT), airlock_watch(actor=BEAT)) == (1, 0)
            alarms = Alarm.objects.filter(kind=OVERDUE, subject=item.reference)
            assert alarms.get().closed_at is None
            airlock.approve(item, airlock.lab)
            assert alarms.get().closed_at is None
            airlock.approve(item, airlock.officer)
            airlock_release(item_id=item.pk, actor=airlock.officer)
        assert alarms.get().closed_at is not None

    def test_it_waits_for_those_who_have_not_spoken(self, airlock: Airlock) -> None:
        item = airlock.sealed()
        airlock.approve(item, airlock.lab)
        item = items_for(airlock.officer).get(pk=item.pk)
        people = (airlock.officer, airlock.lab, airlock.author)
        assert [waits_for(item, who) for who in people] == [True, False, False]


class TestFiles:
    def draft(self, airlock: Airlock) -> AirlockItem:
        return airlock_draft(
            engagement_id=airlock.world.engagement.pk,
            direction=Direction.EXPORT,
            title="Findings",
            actor=airlock.author,
        )

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "file_empty"),
            (b"x" * 1_000_001, "file_large"),
            (b"PK\x03\x04 weights", "kind_refused"),
            (b"\x7fELF", "kind_refused"),
            (b"\x00\xff\x00", "kind_refused"),
        ],
    )
    def test_size_and_kind_are_of_the_policy(
        self, airlock: Airlock, data: bytes, code: str
    ) -> None:
        item = self.draft(airlock)
        name = airlock.put_out(data, "innocent.txt")
        refused(lambda: airlock_take_out(item_id=item.pk, name=name, actor=airlock.author), code)

    @pytest.mark.parametrize("name", ["../kept/x", "/etc/passwd", "", "no such file", "link", "d"])
    def test_only_a_file_of_ones_own_harness(
        self, airlock: Airlock, name: str, tmp_path: Path
    ) -> None:
        airlock.put_out()
        secret = tmp_path / "secret"
        secret.write_text("Another engagement's")
        (outbox(airlock.reference) / "link").symlink_to(secret)
        (outbox(airlock.reference) / "d").mkdir()
        item = self.draft(airlock)
        refused(
            lambda: airlock_take_out(item_id=item.pk, name=name, actor=airlock.author), "file_gone"
        )

    def test_names_carry_little(self, airlock: Airlock) -> None:
        for name in ("x" * 41, "a b", "ümlaut", ".hidden", *(f"f{n:02}" for n in range(30))):
            airlock.put_out(name=name)
        assert outbox_names(airlock.reference) == [f"f{n:02}" for n in range(20)]

    def test_a_stranger_drafts_nothing(self, airlock: Airlock) -> None:
        assert airlock.world.engagement.kind == AccessKind.GREY_BOX
        for who in (airlock.lab, airlock.officer):
            with pytest.raises(Engagement.DoesNotExist):
                airlock_draft(
                    engagement_id=airlock.world.engagement.pk,
                    direction=Direction.EXPORT,
                    title="Mine",
                    actor=who,
                )


class TestIn:
    def test_two_inspect_and_the_harness_has_it(self, airlock: Airlock) -> None:
        item = airlock.intake()
        refused(lambda: airlock.approve(item, airlock.officer), "inspection_missing")
        airlock.approve(item, airlock.officer, "clamav 1.4, signatures of today: nothing")
        airlock.approve(item, airlock.lab, "read line by line: nothing")
        airlock_release(item_id=item.pk, actor=airlock.lab)
        (found,) = (django_settings.AIRLOCK_DIR / "inbox" / airlock.reference).iterdir()
        # The harness' name is ours: "../../probe.py" names no path.
        assert (found.name, found.read_bytes()) == (f"{item.reference}-1.txt", b"print(1)\n")
        assert not EgressLedger.objects.exists()

    def test_one_is_not_enough(self, airlock: Airlock) -> None:
        item = airlock.intake()
        airlock.approve(item, airlock.lab, "nothing")
        refused(lambda: airlock_release(item_id=item.pk, actor=airlock.lab), "not_approved")
        assert not (django_settings.AIRLOCK_DIR / "inbox").exists()
