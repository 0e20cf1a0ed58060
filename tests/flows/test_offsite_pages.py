"""Laptops outside at the screen: the officers' acts, the desk's form, the portal's page."""

import json
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from access.models import NeedToKnow
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from terminals.models import EngagementTerms, LossReport, RegisteredPlace, TerminalCustody
from terminals.services.anomaly_case import anomalies_watch
from terminals.services.loss import terminal_report_lost
from tests.flows.control_acts import anomaly_observe
from tests.flows.offsite_world import DAY, Outside, make_outside
from tests.flows.session_world import CONTROL
from tests.flows.terminal_world import ticking
from tests.flows.test_visit_desk import STROKES
from tests.flows.use_world import BURST
from tests.logins import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


def act(login: str, what: str, pk: object, **data: str) -> int:
    """What an act of an officer answers."""
    return signed_in(login).post(reverse("admin:act", args=[what, pk]), data).status_code


def test_a_place_by_the_officers_forms_and_the_lab_s_button() -> None:
    outside = make_outside(out=False)
    engagement = outside.place.engagement
    today = now().date()
    form = {
        "facility": str(outside.facility.pk),
        "name": "Branch",
        "address": "1 Quay",
        "network": "198.51.100.0/30",
        "ceiling": "2",
        "first_day": f"{today}",
        "last_day": f"{today + 3 * DAY}",
        "hours_mon_from": "08:00",
        "hours_mon_to": "18:00",
    }
    backwards = form | {"last_day": f"{today - DAY}"}
    assert act("p.ngata", "place-register", engagement.pk, **backwards) == 422
    wrong = form | {"network": "198.51.100.1/30"}
    assert act("p.ngata", "place-register", engagement.pk, **wrong) == 409
    assert act("p.ngata", "place-register", engagement.pk, **form) == 302
    place = RegisteredPlace.objects.get(name="Branch")
    local = place.valid_until.astimezone(ZoneInfo(place.facility.time_zone))
    assert (local.date(), local.hour) == (today + 4 * DAY, 0)
    assert act("p.ngata", "place-approve", place.pk) == 409
    assert act("h.marsh", "place-approve", place.pk) == 302
    lab = signed_in(engagement.sponsor.officer.user.username)
    address = reverse("laptops:places")
    assert "198.51.100.0/30" in lab.get(address).content.decode()
    assert lab.post(address, {"place": str(place.pk)}).status_code == 302
    assert RegisteredPlace.objects.get(pk=place.pk).state == "approved"
    assert lab.post(address, {"revoke": "1", "place": str(place.pk)}).status_code == 422
    for nothing in ("no place", str(place.pk)):
        assert lab.post(address, {"place": nothing}).status_code == 404
    listed = signed_in("p.ngata").get(
        reverse("admin:terminals_registeredplace_changelist"), {"q": "Quay"}
    )
    assert "Branch" in listed.content.decode()
    assert act("p.ngata", "place-revoke", place.pk, reason="Moved out") == 302
    assert RegisteredPlace.objects.get(pk=place.pk).revoked_why == "Moved out"


def test_no_place_is_registered_where_the_terms_let_nobody_work_outside() -> None:
    outside = make_outside(out=False)
    engagement = outside.place.engagement
    form = {
        "facility": str(outside.facility.pk),
        "name": "Branch",
        "address": "1 Quay",
        "network": "198.51.100.0/30",
        "ceiling": "2",
        "first_day": f"{now().date()}",
        "last_day": f"{now().date() + 3 * DAY}",
        "hours_mon_from": "08:00",
        "hours_mon_to": "18:00",
    }
    officer, address = (
        signed_in("p.ngata"),
        reverse("admin:act", args=["place-register", engagement.pk]),
    )
    told = "do not permit use outside"
    assert told not in officer.get(address).content.decode()
    terms = EngagementTerms.objects.filter(engagement=engagement, ended_at=None)
    terms.update(ended_at=now())
    # Said before all of it is filled in, and refused.
    assert told in officer.get(address).content.decode()
    refused = officer.post(address, form)
    assert refused.status_code == 409
    assert "Ask lab and facility to agree on terms that do" in refused.content.decode()
    assert not RegisteredPlace.objects.filter(name="Branch").exists()


def test_the_lab_revokes_what_it_has_approved() -> None:
    outside = make_outside()
    user = outside.place.engagement.sponsor.officer.user
    form = {"revoke": "1", "place": str(outside.place.pk), "reason": "No more"}
    address = reverse("laptops:places")
    assert signed_in("s.alrashid").post(address, form).status_code == 422
    assert signed_in(user.username).post(address, form).status_code == 302
    assert RegisteredPlace.objects.get(pk=outside.place.pk).state == "revoked"


def test_the_auditor_reads_where_he_may_work() -> None:
    outside = make_outside()
    page = signed_in("s.alrashid").get(reverse("laptops:places")).content.decode()
    assert outside.place.name in page
    assert outside.place.network in page
    assert "Approve for the lab" not in page
    stranger = signed_in("a.nwosu").get(reverse("laptops:places")).content.decode()
    assert outside.place.name not in stranger
    assert "No place is open to you" in stranger
    approve = {"place": str(outside.place.pk)}
    assert signed_in("s.alrashid").post(reverse("laptops:places"), approve).status_code == 404


def test_over_the_counter_by_the_desk_s_form() -> None:
    outside: Outside = make_outside(out=False)
    guard, key = signed_in("e.hughes"), ["ml", outside.terminal.pk]
    laptop, form = reverse("desk:laptop", args=key), reverse("desk:laptop_outside", args=key)
    assert form in guard.get(laptop).content.decode()
    assert str(outside.person) in guard.get(form).content.decode()
    local = (now() + timedelta(hours=20)).astimezone(ZoneInfo(outside.facility.time_zone))
    issue = {
        "who": f"{outside.place.pk} {outside.person.pk}",
        "due_at": f"{local:%Y-%m-%dT%H:%M}",
        "seals": "\n".join(outside.store.seals(outside.terminal)),
        "signature": json.dumps(STROKES),
    }
    assert guard.post(form, issue | {"who": ""}).status_code == 422
    refused = guard.post(form, issue | {"seals": "S-1"})
    assert refused.status_code == 409
    assert "on record and not read" in refused.content.decode()
    assert guard.post(form, issue).status_code == 302
    assert TerminalCustody.objects.get().due_at == local.replace(second=0, microsecond=0)
    shown = guard.get(laptop).content.decode()
    assert outside.place.name in shown
    assert form not in shown
    assert outside.place.name in guard.get(reverse("desk:laptops", args=["ml"])).content.decode()


def test_the_desk_offers_whom_a_laptop_can_go_out_with_and_says_why_no_other() -> None:
    outside = make_outside(out=False)
    form = reverse("desk:laptop_outside", args=["ml", outside.terminal.pk])
    offered = f'<option value="{outside.place.pk} {outside.person.pk}"'
    assert offered in signed_in("e.hughes").get(form).content.decode()
    NeedToKnow.objects.filter(person=outside.person).delete()
    guard = signed_in("e.hughes").get(form).content.decode()
    assert offered not in guard
    assert f"<h3>{outside.person}, {outside.place}" in guard
    assert "Access does not let him work outside." in guard
    assert "need to know" not in guard.lower()
    assert "need to know" in signed_in("p.ngata").get(form).content.decode().lower()
    # Somebody whom the page offered a moment ago is refused with the reasons, on record.
    sent = {
        "who": f"{outside.place.pk} {outside.person.pk}",
        "due_at": f"{now() + timedelta(hours=20):%Y-%m-%dT%H:%M}",
        "seals": "S-1",
        "signature": json.dumps(STROKES),
    }
    refused = signed_in("e.hughes").post(form, sent)
    assert refused.status_code == 409
    assert "It is not issued, and this is on record" in refused.content.decode()
    assert "terminal.issue_refused" in {each.fields["kind"] for each in Outbox.objects.all()}


def test_the_debrief_is_recorded_at_the_report_of_the_loss() -> None:
    outside = make_outside()
    terminal_report_lost(
        terminal_id=outside.terminal.pk, last_seen_at=None, last_seen_where="",
        circumstances="Gone", actor=outside.store.guard,
    )  # fmt: skip
    report = LossReport.objects.get()
    assert act("p.ngata", "loss-debrief", report.pk, debrief="") == 422
    assert act("p.ngata", "loss-debrief", report.pk, debrief="Left on a train") == 302
    assert act("p.ngata", "loss-debrief", report.pk, debrief="Again") == 409


def test_the_desk_sees_a_session_outside() -> None:
    outside = make_outside()
    outside.session()
    page = signed_in("e.hughes").get(reverse("desk:sessions", args=["ml"])).content.decode()
    assert outside.place.name in page
    assert "Budget outside" in page


def test_a_session_outside_stands_on_the_page_of_its_engagements_use() -> None:
    outside = make_outside()
    session = outside.session()
    lab = signed_in(session.engagement.sponsor.officer.user.username)
    page = lab.get(reverse("use:use", args=[session.engagement_id])).content.decode()
    _before, _heading, rows = page.partition("Sessions outside, at registered places</h2>")
    assert str(session.person) in rows.partition("</section>")[0]
    assert session.terminal.asset_tag in rows.partition("</section>")[0]


def test_an_anomaly_at_a_registered_place_is_read_and_reviewed() -> None:
    session = make_outside().session()
    (odd,) = anomaly_observe(session_id=session.pk, features=BURST, actor=CONTROL)
    reader = signed_in("h.marsh")
    lab = signed_in(session.engagement.sponsor.officer.user.username)
    page = lab.get(reverse("use:use", args=[session.engagement_id]))
    assert page.status_code == 200
    assert odd.words in unescape(page.content.decode())
    later = now() + 2 * DAY
    with clock_set(lambda: later):
        anomalies_watch(actor=Actor.system("beat"))
    page = lab.get(reverse("use:use", args=[session.engagement_id]))
    assert "nobody looked in time" in page.content.decode()
    assert reader.get(reverse("admin:terminals_anomaly_changelist")).status_code == 200
    assert reader.get(reverse("admin:terminals_anomaly_change", args=[odd.pk])).status_code == 200
    assert act("h.marsh", "anomaly-false", odd.pk, reason="His job") == 302
    odd.refresh_from_db()
    assert odd.verdict == "false_alarm"
