"""A moderated session with real processes: his network is lost, another takes over, all leave."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scif.runtime.child import wait_until
from scif.runtime.postgres import Postgres
from terminals.models import EngagementTerms, Session, SessionModerator
from tests.flows.laptop_site import PATIENCE, Site, laptop_site
from tests.flows.session_world import Room
from tests.flows.test_session_control import echoes

pytestmark = pytest.mark.ssh


@pytest.fixture
def site(tmp_path: Path, postgres: Postgres, seeded_database: str) -> Iterator[Site]:
    with laptop_site(tmp_path, postgres, seeded_database) as made:
        yield made


def moderated(room: Room) -> tuple[Room, Room]:
    """The terms ask for a moderator; two of the sponsor's people are in the room."""
    engagement = room.store.world.visit.booking.engagement
    terms = EngagementTerms.objects.get(engagement=engagement, ended_at=None)
    terms.ended_at = terms.in_force_at
    terms.save(update_fields=["ended_at"])
    room.agreed(terms.harness_port, moderated=True)
    lab = engagement.sponsor.organisation_id
    return (
        room.beside("o.byrne", "LT-02", organisation=lab),
        room.beside("m.tanaka", "LT-03", organisation=lab),
    )


def stands(site: Site, session: Session, state: str, beside: Session | None) -> None:
    """Until the record says this of the session and of who moderates it."""

    def says() -> bool:
        row = Session.objects.get(pk=session.pk)
        found = SessionModerator.objects.filter(session=session, until=None).first()
        return row.state == state and (found.moderator if found else None) == beside

    assert wait_until(says, PATIENCE), (
        Session.objects.filter(pk=session.pk).values(),
        list(SessionModerator.objects.values()),
        site.says("control")[-4000:],
    )


def test_a_moderator_s_loss_holds_and_another_or_his_return_frees(site: Site) -> None:
    room = site.begin()
    first, second = moderated(room)
    assert "certificate" not in site.ask(room)  # nobody of the lab is connected yet
    pass_of_first = site.ask(first)
    watching = site.connect(pass_of_first)
    assert echoes(watching)
    one = Session.objects.get(grant_id=pass_of_first["login"])
    assert wait_until(lambda: Session.objects.get(pk=one.pk).connected, PATIENCE)

    answer = site.ask(room)
    ssh = site.connect(answer)
    assert echoes(ssh)
    session = Session.objects.get(grant_id=answer["login"])
    stands(site, session, "live", one)

    watching.kill()  # his network
    stands(site, session, "paused", None)
    assert ssh.stdin is not None
    assert ssh.stdout is not None
    ssh.stdin.write(b"held\n")
    assert echoes(site.connect(pass_of_first))  # it is back
    stands(site, session, "live", one)
    assert ssh.stdout.readline() == b"held\n"

    pass_of_second = site.ask(second)
    assert echoes(site.connect(pass_of_second))
    two = Session.objects.get(grant_id=pass_of_second["login"])
    assert wait_until(lambda: Session.objects.get(pk=two.pk).connected, PATIENCE)
    stands(site, session, "live", one)  # whoever moderates goes on to
    first.leaves()
    stands(site, session, "live", two)
    assert echoes(ssh, first=False)

    second.leaves()
    stands(site, session, "paused", None)
    room.leaves()
    stands(site, session, "ended", None)
    assert Session.objects.get(pk=session.pk).why == "not_inside"
    rows = SessionModerator.objects.filter(session=session).order_by("since")
    assert [row.moderator for row in rows] == [one, one, two]
    assert all(row.until is not None for row in rows)
