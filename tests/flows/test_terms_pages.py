"""Terms on screen: a budget that counts, what the lab's document lacks, what approval changes."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from access.models import Engagement, ModelAsset
from access.selectors.marking import mandates_banner
from scif.facilities.models import Area, Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import User
from terminals.models import EngagementTerms, HarnessPolicy
from terminals.selectors.ledger import budget_bound, budget_counts, budgets_of
from terminals.services.terms import (
    terms_approve_facility,
    terms_approve_lab,
    terms_propose,
)
from tests.flows.airlock_world import person_id
from tests.flows.desk_world import actor_named
from tests.flows.offsite_world import Outside, make_outside
from tests.flows.terminal_world import ticking
from tests.flows.test_harness_policy import labs_part
from tests.policies import policy_with
from tests.roles import as_control

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
BEGUN = {
    "harness_host": "h-4.lab.example", "harness_port": 9101, "egress_bytes": None,
    "rate_bytes": 1_000, "burst_bytes": 1_000, "channels": 2, "two_persons": False,
    "moderated": False,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def outside() -> Outside:
    """A grey-box mandate of a model of 1 TB: 200 MB are the policy's share."""
    found = make_outside(out=False)
    Engagement.objects.filter(pk=found.place.engagement_id).update(kind="grey_box")
    asset = ModelAsset.objects.filter(engagements=found.place.engagement_id)
    asset.update(weight_bytes=10**12)
    found.place.refresh_from_db()
    return found


@pytest.fixture
def officer() -> Client:
    return client_of("p.ngata")


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=login))
    return client


def lab_of(outside: Outside) -> Client:
    """The sponsor's officer, at the portal."""
    return client_of(outside.place.engagement.sponsor.officer.user.username)


def text_of(answer: Any) -> str:
    return str(answer.content.decode()).replace("\u202f", " ")


def propose(outside: Outside, **otherwise: Any) -> EngagementTerms:
    return terms_propose(
        engagement_id=outside.place.engagement_id,
        actor=actor_named("p.ngata"),
        **{**BEGUN, **otherwise},
    )


def in_force(outside: Outside, **otherwise: Any) -> EngagementTerms:
    terms = propose(outside, **otherwise)
    officer: Actor = actor_named("h.marsh")
    terms_approve_facility(terms_id=terms.pk, actor=officer)
    return terms_approve_lab(terms_id=terms.pk, actor=outside.lab)


class TestBudget:
    def send(self, officer: Client, outside: Outside, own: int) -> Any:
        terms = EngagementTerms.objects.get(engagement=outside.place.engagement, ended_at=None)
        sent = {**BEGUN, "egress_bytes": own, "begun": terms.pk}
        del sent["two_persons"], sent["moderated"]
        address = reverse("admin:act", args=["terms-propose", outside.place.engagement_id])
        return officer.post(address, sent)

    def test_above_the_policy_s_share_it_is_refused_at_its_field(
        self, officer: Client, outside: Outside
    ) -> None:
        bound = budget_bound(outside.place.engagement)
        assert bound is not None
        page = text_of(self.send(officer, outside, bound.most + 1))
        field = page.partition('name="egress_bytes"')[0].rpartition("errorlist")[2]
        assert f"at most {bound.most:,}".replace(",", " ") in field
        assert not EngagementTerms.objects.filter(in_force_at=None).exists()
        assert self.send(officer, outside, bound.most).status_code == 302

    def test_a_slip_of_the_keyboard_is_told_a_bound_that_can_be_read(
        self, officer: Client, outside: Outside
    ) -> None:
        page = text_of(self.send(officer, outside, 10**30))
        assert "At most 1 000 000 000 000 000 bytes (1 PB)" in page
        assert "9223372036854775807" not in page

    def test_the_service_refuses_it_whoever_asks(self, outside: Outside) -> None:
        bound = budget_bound(outside.place.engagement)
        assert bound is not None
        with pytest.raises(Refused) as refused:
            propose(outside, egress_bytes=bound.most + 1)
        assert refused.value.code == "budget_above_policy"

    def test_where_nothing_has_weights_the_own_budget_is_all(
        self, officer: Client, outside: Outside
    ) -> None:
        ModelAsset.objects.filter(engagements=outside.place.engagement_id).update(weight_bytes=0)
        assert propose(outside, egress_bytes=10**12).egress_bytes == 10**12
        address = reverse("admin:act", args=["terms-propose", outside.place.engagement_id])
        assert "this is all that may leave" in text_of(officer.get(address))

    @pytest.mark.parametrize("own", [None, 1, 500, 10**9])
    @pytest.mark.parametrize("weights", [0, 1, 4_999, 5_000_000, 10**12])
    def test_what_is_said_to_count_is_what_the_database_lets_leave(
        self, outside: Outside, own: int | None, weights: int
    ) -> None:
        engagement, facility = outside.place.engagement, outside.facility
        ModelAsset.objects.filter(pk=engagement.asset_id).update(weight_bytes=weights)
        EngagementTerms.objects.filter(engagement=engagement).update(
            ended_at=outside.place.valid_until
        )
        in_force_by_hand(engagement, own)
        engagement = Engagement.objects.select_related("asset").get(pk=engagement.pk)
        terms = EngagementTerms.objects.get(engagement=engagement, ended_at=None)
        self.agrees(terms, engagement, facility)
        policy_with(facility, egress_compression=7, egress_engagement_share=3)
        self.agrees(terms, engagement, facility)
        policy_with(facility, without=["egress_compression"])
        self.agrees(terms, engagement, facility)

    def agrees(self, terms: EngagementTerms, engagement: Engagement, facility: Facility) -> None:
        counts = budget_counts(terms, budget_bound(engagement))
        assert budgets_of(engagement, facility.pk).of_engagement == counts

    def test_terms_that_the_policy_has_overtaken_say_what_counts(self, outside: Outside) -> None:
        bound = budget_bound(outside.place.engagement)
        assert bound is not None
        in_force(outside, egress_bytes=bound.most)
        share = outside.facility.policy.values["egress_engagement_share"]["value"]
        policy_with(outside.facility, egress_engagement_share=2 * share)
        address = reverse("laptops:engagement", args=[outside.place.engagement_id])
        page = text_of(
            client_of(outside.place.engagement.sponsor.officer.user.username).get(address)
        )
        assert "200 MB; the policy leaves 100 MB, and that counts" in page


def in_force_by_hand(engagement: Engagement, own: int | None) -> None:
    """Terms that the service would not take any more: they are older than the policy."""
    EngagementTerms.objects.create(
        engagement=engagement, harness_host="h-4.lab.example", harness_port=9101,
        egress_bytes=own, rate_bytes=1_000, burst_bytes=1_000, channels=1,
        proposed_by_id=person_id(actor_named("p.ngata")), proposed_at=engagement.valid_from,
        lab_approved_by=engagement.sponsor.officer,
        facility_approved_by_id=person_id(actor_named("h.marsh")),
        in_force_at=engagement.valid_from,
    )  # fmt: skip


class TestDifference:
    def both(self, outside: Outside, terms: EngagementTerms) -> list[str]:
        """The pages of approval, of the facility's officer and of the lab's."""
        pages = (
            client_of("h.marsh").get(reverse("admin:act", args=["terms-approve", terms.pk])),
            lab_of(outside).get(reverse("laptops:engagement", args=[outside.place.engagement_id])),
        )
        return [text_of(page) for page in pages]

    def row(self, page: str, meaning: str) -> str:
        changes = page.partition('<div class="changes">')[2]
        return changes.partition(f'<th scope="row">{meaning}')[2].partition("</tr>")[0]

    def test_both_parties_see_from_and_to_in_words(self, outside: Outside) -> None:
        part = labs_part("grey_box")
        before = {"rate_bytes": 1_000, "moderated": True, "offsite": True, "harness_policy": part}
        in_force(outside, **before)
        other = labs_part("grey_box")
        other["caps"]["queries"] = part["caps"]["queries"] + 7
        other["limits"]["logprobs"]["items"] = 4_096
        del other["operations"]["stream"]
        other["operations"]["complete"]["most_answer"] = 4_321
        terms = propose(outside, **{**before, "rate_bytes": 2_000_000, "moderated": False,
                                    "harness_policy": other})  # fmt: skip
        for page in self.both(outside, terms):
            rate = self.row(page, "Most a second")
            assert "1 kB" in rate
            assert "2 MB" in rate
            assert "milder" in rate
            assert "one of the sponsor" in self.row(page, "Moderator")
            assert not self.row(page, "Most at once")
            assert not self.row(page, "Outside the rooms")
            assert "4 096 items" in self.row(page, "Longest list of probabilities")
            stream = self.row(page, "Have the model answer word by word")
            assert "not allowed" in stream
            assert "stricter" in stream
            assert "4 321 bytes" in self.row(page, "Have the model answer a prompt")
            assert not self.row(page, "Begin a job")

    def test_first_terms_stand_there_in_full(self, outside: Outside) -> None:
        EngagementTerms.objects.filter(engagement=outside.place.engagement).update(
            ended_at=outside.place.valid_until
        )
        for page in self.both(outside, propose(outside)):
            assert "these are the first" in page
            assert "h-4.lab.example:9101" in self.row(page, "Harness")
            assert "no adapter" in self.row(page, "Policy at the harness")

    def test_the_first_policy_is_a_table_of_its_own(self, outside: Outside) -> None:
        in_force(outside)
        for page in self.both(outside, propose(outside, harness_policy=labs_part())):
            policy = self.row(page, "Policy at the harness")
            assert "no adapter stands before it" in policy
            assert "the policy that follows" in policy
            table = page.partition('<div class="harnesspolicy">')[2]
            prompt = table.partition("Have the model answer a prompt")[2].partition("</tr>")[0]
            assert "longest answer, in tokens: whole number from 1 to 256" in prompt
            assert "max_tokens" not in page
            assert page.count('<div class="harnesspolicy">') == 1

    def test_terms_say_where_nobody_is_known_to_carry_them_out(self, outside: Outside) -> None:
        for page in self.both(outside, propose(outside, harness_policy=labs_part())):
            assert "No adapter at h-4.lab.example has ever confirmed a policy" in page
        with as_control():
            HarnessPolicy.objects.create(
                engagement=outside.place.engagement, host="h-4.lab.example", version=1,
                document={}, made_at=now(), confirmed_at=now(),
            )  # fmt: skip
        for page in self.both(outside, propose(outside, harness_policy=labs_part())):
            assert "has ever confirmed" not in page
        for page in self.both(outside, propose(outside)):
            assert "is told nothing by these terms" in page
            assert "nobody works outside" not in page
        for page in self.both(outside, propose(outside, offsite=True, moderated=True)):
            assert "nobody works outside by these terms" in page

    def test_the_lab_sees_that_its_adapter_has_not_confirmed(self, outside: Outside) -> None:
        address = reverse("laptops:engagement", args=[outside.place.engagement_id])
        assert "has not confirmed them" not in text_of(lab_of(outside).get(address))
        terms = in_force(outside, harness_policy=labs_part())
        assert "has not confirmed them" in text_of(lab_of(outside).get(address))
        with as_control():
            HarnessPolicy.objects.create(
                engagement=outside.place.engagement, host=terms.harness_host, terms=terms,
                version=1, document={}, made_at=now(), confirmed_at=now(),
            )  # fmt: skip
        assert "has not confirmed them" not in text_of(lab_of(outside).get(address))

    def test_an_old_tab_is_told_that_others_were_proposed(self, outside: Outside) -> None:
        first = propose(outside)
        propose(outside, rate_bytes=2_000)
        address = reverse("laptops:engagement", args=[outside.place.engagement_id])
        answer = lab_of(outside).post(address, {"terms": str(first.pk)})
        assert answer.status_code == 422
        assert "These terms wait for nobody any more" in text_of(answer)
        assert "2 kB" in text_of(answer)

    def test_the_same_again_says_that_nothing_changes(self, outside: Outside) -> None:
        in_force(outside, harness_policy=labs_part())
        for page in self.both(outside, propose(outside, harness_policy=labs_part())):
            assert "Nothing changes" in page

    def test_an_adapter_that_goes_is_said_to_go(self, outside: Outside) -> None:
        in_force(outside, harness_policy=labs_part())
        for page in self.both(outside, propose(outside)):
            policy = self.row(page, "Policy at the harness")
            assert "no adapter stands before it" in policy
            assert "milder" in policy

    def test_whoever_proposed_is_not_asked_to_approve(self, outside: Outside) -> None:
        terms = propose(outside)
        address = reverse("admin:terminals_engagementterms_change", args=[terms.pk])
        own, other = text_of(client_of("p.ngata").get(address)), client_of("h.marsh").get(address)
        assert "Waits for another officer" in own
        assert f"terms-approve/{terms.pk}" not in own
        assert f"terms-approve/{terms.pk}" in text_of(other)


def test_an_officer_who_lacks_a_facility_of_the_mandate_is_told_so_at_once(
    officer: Client, outside: Outside
) -> None:
    engagement = outside.place.engagement
    address = reverse("admin:access_engagement_change", args=[engagement.pk])
    assert f"terms-propose/{engagement.pk}" in text_of(officer.get(address))
    engagement.areas.add(Area.objects.exclude(facility=outside.facility)[0])
    page = text_of(officer.get(address))
    assert "does not reach every room" in page
    for act in ("terms-propose", "place-register", "engagement-suspend"):
        assert f"{act}/{engagement.pk}" not in page
    act_page = text_of(officer.get(reverse("admin:act", args=["terms-propose", engagement.pk])))
    assert "does not reach every room" in act_page


def test_a_page_with_the_mandate_s_title_bears_the_mandate_s_label(
    officer: Client, outside: Outside
) -> None:
    engagement = outside.place.engagement
    shown = mandates_banner(Engagement.objects.filter(pk=engagement.pk))
    addresses = (
        reverse("admin:act", args=["terms-propose", engagement.pk]),
        reverse("admin:access_engagement_change", args=[engagement.pk]),
    )
    for address in addresses:
        page = text_of(officer.get(address))
        assert engagement.title in page
        marking = page.partition('<p class="marking')[2].partition("</p>")[0]
        assert f"<span>{shown.label}</span>" in marking
    everything = mandates_banner(Engagement.objects.filter(areas__facility=outside.facility))
    listed = text_of(officer.get(reverse("admin:access_engagement_changelist")))
    assert f"<span>{everything.label}</span>" in listed
