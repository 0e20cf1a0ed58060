"""Terms of sessions: two approve them, and what two approved does not change."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from access.models import (
    Engagement,
)
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from terminals.models import EngagementTerms
from terminals.rules.session import Moment, session_decide
from terminals.selectors.session_facts import seat_of, session_facts
from terminals.services.terms import (
    terms_approve_facility,
    terms_approve_lab,
    terms_propose,
)
from tests.flows.desk_world import actor_named
from tests.flows.session_world import Room
from tests.flows.terminal_world import ticking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seated_room")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


def test_terms_hold_from_the_second_of_two_approvals(room: Room) -> None:
    session = room.session()
    engagement = session.engagement
    proposed = terms_propose(
        engagement_id=engagement.pk, harness_host="10.0.0.7", harness_port=9102,
        egress_bytes=500, rate_bytes=1, burst_bytes=1, channels=1, two_persons=False,
        moderated=False, actor=room.store.first,
    )  # fmt: skip
    with pytest.raises(Refused) as own:
        terms_approve_facility(terms_id=proposed.pk, actor=room.store.first)
    assert own.value.code == "own_request"
    terms_approve_facility(terms_id=proposed.pk, actor=room.store.second)
    assert session_decide(session_facts(seat_of(session), now()), Moment.RUN).granted
    sponsor = engagement.sponsor.officer.user
    with pytest.raises(Engagement.DoesNotExist):  # he does not disclose
        terms_approve_lab(terms_id=proposed.pk, actor=room.store.first)
    terms_approve_lab(terms_id=proposed.pk, actor=actor_named(sponsor.username))
    in_force = EngagementTerms.objects.filter(engagement=engagement, ended_at=None)
    assert in_force.exclude(in_force_at=None).get() == proposed
    # A session stands on the terms of its day: it ends, and the next one has the new ones.
    ends = session_decide(session_facts(seat_of(session), now()), Moment.RUN).ends
    assert ends is not None
    assert ends.code == "terms_missing"


def test_the_lab_s_officer_who_proposed_terms_does_not_approve_them(room: Room) -> None:
    engagement = room.store.world.visit.booking.engagement
    sponsor = engagement.sponsor.officer
    EngagementTerms.objects.update(ended_at=now())
    for given in ({"lab_approved_by": sponsor}, {"facility_approved_by": sponsor}):
        forged: dict[str, Any] = {"proposed_by_id": sponsor.pk, **given}
        with pytest.raises(DatabaseError, match="approved_by_another"), transaction.atomic():
            room.agreed(**forged)
    proposed = room.agreed(
        proposed_by_id=sponsor.pk, lab_approved_by=None, facility_approved_by=None, in_force_at=None
    )
    with pytest.raises(Refused) as refused:
        terms_approve_lab(terms_id=proposed.pk, actor=actor_named(sponsor.user.username))
    assert refused.value.code == "own_request"


def test_the_terms_of_two_approvals_do_not_change(room: Room) -> None:
    for change in ({"harness_host": "10.9.9.9"}, {"egress_bytes": 1}, {"in_force_at": now()}):
        with pytest.raises(DatabaseError, match="refuses UPDATE"), transaction.atomic():
            EngagementTerms.objects.update(**change)


def test_the_database_takes_no_session_at_a_laptop_that_nobody_signed_for(room: Room) -> None:
    room.store.unsigned(room.terminal)
    with pytest.raises(DatabaseError, match="not issued to this person"):
        room.session()
