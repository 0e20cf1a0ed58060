"""A session at a registered place, real bastion and real `ssh`: from the permit to its end."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scif.kernel.clock import now
from scif.runtime.child import wait_until
from scif.runtime.postgres import Postgres
from terminals.models import EgressLedger, RegisteredPlace, Session, SessionRequest
from terminals.rules.session_wording import SAID_OUTSIDE
from terminals.selectors.ledger import budgets_of
from terminals.services.place import place_approve_facility, place_approve_lab, place_register
from terminals.services.terms import terms_approve_facility, terms_approve_lab, terms_propose
from tests.flows.laptop_site import PATIENCE, Site, laptop_site
from tests.flows.offsite_world import DAY, Outside, make_outside
from tests.flows.session_world import ADDRESS

pytestmark = pytest.mark.ssh
OWN, SHARE = 200_000, 10
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {day: ["00:00", "00:00"] for day in DAYS}
SECOND = timedelta(seconds=1)
SOON = 20 * SECOND


@pytest.fixture
def site(tmp_path: Path, postgres: Postgres, seeded_database: str) -> Iterator[Site]:
    with laptop_site(tmp_path, postgres, seeded_database) as made:
        made.start()
        assert wait_until(lambda: "linked to the bastion" in made.says("control"), PATIENCE)
        yield made


def permitted(site: Site) -> Outside:
    """Terms and a place on this machine's network, each approved by two who proposed neither."""
    outside = make_outside(out=False)
    store, engagement, lab = outside.store, outside.place.engagement, outside.lab
    terms = terms_propose(
        engagement_id=engagement.pk, harness_host=ADDRESS, harness_port=site.harness,
        egress_bytes=OWN, rate_bytes=10**6, burst_bytes=10**6, channels=4, two_persons=False,
        moderated=False, offsite=True, actor=store.first,
    )  # fmt: skip
    terms_approve_facility(terms_id=terms.pk, actor=store.second)
    terms_approve_lab(terms_id=terms.pk, actor=lab)
    place = place_register(
        engagement_id=engagement.pk, facility_id=outside.facility.pk, name="Project room",
        address="1 Quay", network=f"{ADDRESS}/32", ceiling=3, hours=ALWAYS,
        valid_from=now(), valid_until=now() + DAY, actor=store.first,
    )  # fmt: skip
    place_approve_facility(place_id=place.pk, actor=store.second)
    place_approve_lab(place_id=place.pk, actor=lab)
    outside.place = RegisteredPlace.objects.select_related(
        "facility__policy", "engagement__sponsor__officer__user", "engagement__asset"
    ).get(pk=place.pk)
    return outside


def out(outside: Outside, until: timedelta) -> None:
    """Over the counter, its agent heard."""
    outside.issued(due_at=now() + until)
    outside.heard()


def signed_in(site: Site, outside: Outside) -> "subprocess.Popen[bytes]":
    answer = site.ask(outside)
    objections = list(SessionRequest.objects.values_list("objections", flat=True))
    assert set(answer) == {"login", "certificate", "bastion", "harness", "said"}, objections
    return site.connect(answer)


def becomes(site: Site, **values: object) -> Session:
    """The one session, once it has these values."""
    rows = Session.objects.filter(**values)
    assert wait_until(rows.exists, PATIENCE), (list(Session.objects.values()), site.says("control"))
    return rows.get()


def test_from_the_permit_to_the_end_of_the_loan(site: Site) -> None:
    outside = permitted(site)
    out(outside, SOON)
    due = outside.custody().due_at
    ssh = signed_in(site, outside)
    assert ssh.stdin is not None
    assert ssh.stdout is not None
    ssh.stdin.write(b"echo\nhello\n")
    assert ssh.stdout.readline() == b"hello\n"
    session = becomes(site, state="live", connected=True, bytes_down=6)
    assert (session.place, session.visit, session.source) == (outside.place, None, ADDRESS)
    assert session.ends_at == due
    assert not ssh.stdout.read()  # until the day on which the laptop is to be back
    assert due is not None
    # No later, and no more than the second sooner to which a grant is told.
    assert -SECOND <= now() - due <= 5 * SECOND
    ended = becomes(site, state="ended")
    assert (ended.bytes_down, ended.bytes_up) == (6, 11)
    budgets = budgets_of(ended.engagement, outside.facility.pk)
    assert (budgets.spent_offsite, budgets.of_offsite) == (17, OWN // SHARE)
    assert set(EgressLedger.objects.values_list("place", flat=True)) == {outside.place.pk}
    assert wait_until(lambda: now() > due, PATIENCE)
    outside.heard()
    assert site.ask(outside) == {"said": SAID_OUTSIDE}
    refused = SessionRequest.objects.latest("at")
    assert "laptop_overdue" in {each["code"] for each in refused.objections}


def test_the_lower_budget_of_the_places_is_a_hard_stop(site: Site) -> None:
    outside = permitted(site)
    out(outside, DAY / 2)
    ssh = signed_in(site, outside)
    assert ssh.stdin is not None
    assert ssh.stdout is not None
    asked = b"pour 1000000000000\n"
    ssh.stdin.write(asked)
    came = 0
    while chunk := ssh.stdout.read(65_536):
        came += len(chunk)
    assert came + len(asked) == OWN // SHARE
    ended = becomes(site, state="ended")
    assert ended.total == OWN // SHARE
    budgets = budgets_of(ended.engagement, outside.facility.pk)
    assert budgets.left_offsite == 0
    assert budgets.left > 0
    assert site.ask(outside) == {"said": SAID_OUTSIDE}
    refused = SessionRequest.objects.latest("at")
    assert [each["code"] for each in refused.objections] == ["offsite_budget_used_up"]
