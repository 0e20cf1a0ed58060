"""Sessions at the desk, anomalies, the lab's pages of laptops and use, in Chromium."""

from collections.abc import Callable

import pytest
from django.test import Client

from scif.people.models import User
from terminals.anomaly.features import Features
from terminals.models import Anomaly, EngagementTerms
from terminals.services.lock import terminal_lock
from terminals.services.terms import terms_propose
from tests.browser.conftest import OpenPage, looks, too_wide
from tests.flows.control_acts import (
    anomaly_observe,
    session_connected,
    session_counted,
    session_warned,
)
from tests.flows.session_world import CONTROL, Room, make_room
from tests.flows.test_harness_policy import labs_part

Axe = Callable[..., None]


@pytest.fixture
def room(seeded_database: str) -> Room:
    room = make_room()
    room.ask(pin="0")  # the guard sees what the laptop said no to
    session = room.session()
    session_connected(session_id=session.pk, actor=CONTROL)
    session_counted(session_id=session.pk, up=1_000, down=900_000, actor=CONTROL)
    session_warned(session_id=session.pk, warning="80 % of engagement", actor=CONTROL)
    terms_propose(
        engagement_id=session.engagement_id, harness_host="10.0.0.7", harness_port=443,
        egress_bytes=None, rate_bytes=1_000, burst_bytes=1_000, channels=1, two_persons=True,
        moderated=True, harness_policy=labs_part(session.engagement.kind), actor=room.store.first,
    )  # fmt: skip
    anomaly_observe(
        session_id=session.pk, actor=CONTROL,
        features=dict.fromkeys(Features.__slots__, 0)
        | {"seconds_us": 5_000_000, "bytes_down": 700_000, "bursts": 1},
    )  # fmt: skip
    terminal_lock(terminal_id=room.terminal.pk, reason="Odd", actor=room.store.guard)
    return room


def test_the_pages_are_accessible_and_never_go_sideways(
    room: Room, open_page: OpenPage, live_url: str, axe: Axe
) -> None:
    engagement = room.store.world.visit.booking.engagement
    discloser, anomaly = engagement.sponsor.officer.user, Anomaly.objects.get()
    guard, auditor = (User.objects.get(username=each) for each in ("e.hughes", "s.alrashid"))
    officer = User.objects.get(username="p.ngata")
    proposed = EngagementTerms.objects.get(engagement=engagement, in_force_at=None)
    odd = "/admin/terminals/anomaly/"
    for user, address, shown in (
        (guard, "/desk/ml/sessions/", "meter"),
        (guard, "/desk/ml/sessions/", "text=Sign-in refused"),
        (discloser, f"/portal/engagements/{engagement.pk}/laptops/", ".changes .harnesspolicy"),
        (officer, f"/admin/act/terms-approve/{proposed.pk}/", ".changes .note.warn"),
        (guard, f"/desk/ml/laptops/{room.terminal.pk}/outside/", "textarea"),
        (auditor, "/portal/places/", "ul.visit-list"),
        (discloser, f"/portal/use/{engagement.pk}/", "meter"),
        (officer, odd, f'a[href*="{anomaly.pk}"]'),
        (officer, f"{odd}{anomaly.pk}/change/", "svg.plot"),
        (officer, f"{odd}?verdict__exact=upheld", "text=No anomaly, or none"),
        (officer, f"/admin/act/anomaly-uphold/{anomaly.pk}/", "textarea"),
    ):
        client = Client()
        client.force_login(user)
        page = open_page()
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_url}])
        page.goto(address)
        assert page.locator(shown).count() >= 1, address
        for look in looks(page):
            axe(page)
            assert not too_wide(page), (address, look)
