"""The ledger of what left: sums within budgets, whoever writes and however many at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from access.models import Engagement, ModelAsset
from scif.alarms.models import Alarm
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import Person
from terminals.models import EgressKind, EgressLedger, EngagementTerms
from terminals.selectors.ledger import budgets_of
from terminals.services.ledger import OVERRUN, egress_debit, egress_record
from tests.conftest import Connection
from tests.flows.desk_world import make_world

ACTOR = Actor.system("control")
WEIGHTS = 5_000_000  # 1,000 bytes for one engagement, 12,500 for all


def mandate(weights: int = WEIGHTS) -> tuple[Engagement, Facility]:
    """An engagement about a model of so many bytes."""
    world = make_world()
    engagement = world.visit.booking.engagement
    ModelAsset.objects.filter(pk=engagement.asset_id).update(weight_bytes=weights)
    return engagement, world.facility


def agreed(engagement: Engagement, own: int | None) -> None:
    """Terms in force with a budget of their own."""
    first, second = engagement.lab_approved_by, engagement.facility_approved_by
    assert first is not None
    assert second is not None
    proposer = Person.objects.exclude(pk__in=[first.pk, second.pk]).earliest("name")
    EngagementTerms.objects.create(
        engagement=engagement, harness_host="127.0.0.1", harness_port=9101, egress_bytes=own,
        rate_bytes=1000, burst_bytes=1000, channels=4, proposed_by=proposer, proposed_at=now(),
        lab_approved_by=first, facility_approved_by=second, in_force_at=now(),
    )  # fmt: skip


def debit(engagement: Engagement, facility: Facility, amount: int) -> EgressLedger:
    return egress_debit(
        engagement=engagement, facility=facility, kind=EgressKind.EXPORT, reference="X-1",
        amount=amount, actor=ACTOR,
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.usefixtures("seeded_world")
class TestBudget:
    def test_the_rule_of_the_weights(self) -> None:
        engagement, facility = mandate()
        budgets = budgets_of(engagement, facility.pk)
        assert (budgets.of_engagement, budgets.of_model, budgets.left) == (1_000, 12_500, 1_000)
        agreed(engagement, 300)
        assert budgets_of(engagement, facility.pk).of_engagement == 300

    def test_the_terms_never_give_more_than_the_rule(self) -> None:
        engagement, facility = mandate()
        agreed(engagement, 5_000)
        assert budgets_of(engagement, facility.pk).of_engagement == 1_000

    def test_without_weights_the_terms_alone_count(self) -> None:
        engagement, facility = mandate(weights=0)
        assert budgets_of(engagement, facility.pk).left == 0
        agreed(engagement, 700)
        budgets = budgets_of(engagement, facility.pk)
        assert (budgets.left, budgets.of_model) == (700, None)

    def test_the_last_byte_and_no_other(self) -> None:
        engagement, facility = mandate()
        debit(engagement, facility, 999)
        with pytest.raises(Refused) as refused:
            debit(engagement, facility, 2)
        assert refused.value.code == "budget_exceeded"
        debit(engagement, facility, 1)
        assert budgets_of(engagement, facility.pk).left == 0

    def test_what_has_left_is_recorded_and_what_was_too_much_is_an_alarm(self) -> None:
        engagement, facility = mandate()
        debit(engagement, facility, 990)
        egress_record(
            engagement=engagement, facility=facility, kind=EgressKind.UNACCOUNTED,
            reference="bastion", amount=25, actor=ACTOR,
        )  # fmt: skip
        rows = EgressLedger.objects.filter(engagement=engagement)
        assert sorted(rows.values_list("kind", "bytes")) == [
            ("export", 990), ("overrun", 15), ("unaccounted", 10),
        ]  # fmt: skip
        assert Alarm.objects.filter(kind=OVERRUN, closed_at=None).count() == 1
        assert budgets_of(engagement, facility.pk).left == 0

    def test_a_row_neither_changes_nor_goes(self) -> None:
        row = debit(*mandate(), 10)
        same = EgressLedger.objects.filter(pk=row.pk)
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE scif_web")
        for act in (lambda: same.update(bytes=1), same.delete):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                act()

    def test_another_model_is_not_debited(self) -> None:
        engagement, facility = mandate()
        other = ModelAsset.objects.exclude(pk=engagement.asset_id).first()
        assert other is not None
        with pytest.raises(DatabaseError, match="not about this model"), transaction.atomic():
            EgressLedger.objects.create(
                facility=facility, engagement=engagement, asset=other, kind=EgressKind.EXPORT,
                reference="X", bytes=1, at=now(),
            )  # fmt: skip


def test_many_at_once_never_pass_the_budget(
    committed_database: str, role_connection: Callable[[str], Connection]
) -> None:
    engagement, facility = mandate()

    def writer(_: int) -> int:
        with_budget = 0
        own = role_connection("scif_web")
        for _try in range(20):
            try:
                own.execute(
                    "INSERT INTO terminals_egressledger (id, facility_id, engagement_id, asset_id,"
                    " kind, reference, bytes, at) VALUES (gen_random_uuid(), %s, %s, %s, 'export',"
                    " 'X', 17, now())",
                    [facility.pk, engagement.pk, engagement.asset_id],
                )
                with_budget += 17
            except psycopg.errors.CheckViolation:
                continue
        return with_budget

    with ThreadPoolExecutor(8) as pool:
        left = sum(pool.map(writer, range(8)))
    assert left == 1_000 // 17 * 17
    assert budgets_of(engagement, facility.pk).spent == left


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT password FROM people_user",
        "UPDATE access_booking SET state = 'approved'",
        "UPDATE access_presence SET since = now()",
        "INSERT INTO access_presence DEFAULT VALUES",
        "UPDATE access_pin SET verifier = ''",
        "UPDATE terminals_terminal SET attestation_key = ''",
        "UPDATE terminals_engagementterms SET egress_bytes = NULL",
        "DELETE FROM terminals_egressledger",
        "UPDATE terminals_egressledger SET bytes = 1",
        "UPDATE terminals_sessionrequest SET granted = true",
        "DELETE FROM journal_outbox",
        "SELECT * FROM journal_entry",
    ],
)
def test_the_control_process_s_role_may_only_what_it_does(
    role_connection: Callable[[str], Connection], statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        role_connection("scif_control").execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE terminals_session SET state = 'ended', why = 'x', ended_at = now()",
        "UPDATE terminals_session SET connected = true",
        "DELETE FROM terminals_sessionmoderator",
        "INSERT INTO terminals_sessionmoderator DEFAULT VALUES",
        "INSERT INTO terminals_sessionrequest DEFAULT VALUES",
        "UPDATE terminals_harnesspolicy SET confirmed_at = now()",
    ],
)
def test_the_web_s_role_writes_nothing_that_the_control_process_answers_for(
    role_connection: Callable[[str], Connection], statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        role_connection("scif_web").execute(statement)
