"""Sessions at the desk and the lab's pages of laptops and use, in Chromium, at every width."""

from collections.abc import Callable

import pytest
from django.test import Client

from scif.people.models import User
from terminals.services.lock import terminal_lock
from terminals.services.session_steps import session_connected, session_counted, session_warned
from terminals.services.terms import terms_propose
from tests.browser.conftest import OpenPage, looks, too_wide
from tests.flows.session_world import CONTROL, Room, make_room

Axe = Callable[..., None]


@pytest.fixture
def room(seeded_database: str) -> Room:
    room = make_room()
    session = room.session()
    session_connected(session_id=session.pk, actor=CONTROL)
    session_counted(session_id=session.pk, up=1_000, down=900_000, actor=CONTROL)
    session_warned(session_id=session.pk, warning="80 % of engagement", actor=CONTROL)
    terms_propose(
        engagement_id=session.engagement_id, harness_host="10.0.0.7", harness_port=443,
        egress_bytes=None, rate_bytes=1_000, burst_bytes=1_000, channels=1, two_persons=True,
        moderated=True, actor=room.store.first,
    )  # fmt: skip
    terminal_lock(terminal_id=room.terminal.pk, reason="Odd", actor=room.store.guard)
    return room


def test_every_page_is_accessible_and_never_goes_sideways(
    room: Room, open_page: OpenPage, live_url: str, axe: Axe
) -> None:
    engagement = room.store.world.visit.booking.engagement
    discloser = engagement.sponsor.officer.user
    for user, address in (
        (User.objects.get(username="e.hughes"), "/desk/ml/sessions/"),
        (discloser, f"/portal/engagements/{engagement.pk}/laptops/"),
        (discloser, f"/portal/use/{engagement.pk}/"),
    ):
        client = Client()
        client.force_login(user)
        page = open_page()
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_url}])
        page.goto(address)
        assert page.locator("meter").count() >= 1, address
        for look in looks(page):
            axe(page)
            assert not too_wide(page), (address, look)
