"""What a laptop is told of its session: how it stands, and never why."""

from collections.abc import Iterator

import pytest

from scif.kernel.clock import now
from terminals.models import Session
from terminals.rules.session_wording import SAID_HELD
from terminals.selectors.session_shown import Shown, session_shown, warned_words
from tests.flows.control_acts import session_cut, session_pause, session_resume, session_warned
from tests.flows.session_world import CONTROL, Room
from tests.flows.terminal_world import ticking
from tests.policies import policy_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seated_room")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


def shown(session: Session) -> Shown:
    found = session_shown(session.terminal_id, now())
    assert found is not None
    assert found.grant == session.grant_id
    return found


def test_only_a_session_that_runs_or_is_held_is_shown(room: Room) -> None:
    assert session_shown(room.terminal.pk, now()) is None
    requested = room.ask().session
    assert requested is not None
    assert session_shown(room.terminal.pk, now()) is None


def test_time_left_and_the_policy_s_patience(room: Room) -> None:
    session = room.session()
    at = now()
    found = session_shown(session.terminal_id, at)
    assert found is not None
    assert found.left == int((session.ends_at - at).total_seconds())
    assert (found.idle, found.said) == (300, "")
    session_cut(session_id=session.pk, why="locked_from_afar", actor=CONTROL)
    assert session_shown(session.terminal_id, now()) is None


@pytest.mark.parametrize("why", ["presence_uncertain", "moderator_missing", "anything"])
def test_whatever_holds_it_the_sentence_is_one(room: Room, why: str) -> None:
    session = room.session()
    session_warned(session_id=session.pk, warning="80 % of model", actor=CONTROL)
    session_pause(session_id=session.pk, why=why, actor=CONTROL)
    assert shown(session).said == SAID_HELD
    session_resume(session_id=session.pk, actor=CONTROL)
    assert shown(session).said != SAID_HELD


@pytest.mark.parametrize(
    ("warning", "said"),
    [
        ("80 % of engagement", "80 % of the bytes that may leave are used."),
        ("95 % of model", "95 % of the bytes that may leave are used."),
        ("10 min", "The session ends within 10 minutes."),
    ],
)
def test_the_last_warning_is_shown_and_not_whose_budget(
    room: Room, warning: str, said: str
) -> None:
    session = room.session()
    session_warned(session_id=session.pk, warning=warning, actor=CONTROL)
    assert shown(session).said == said


def test_a_policy_that_says_nothing_gives_no_time(room: Room) -> None:
    session = room.session()
    policy_with(session.terminal.facility, without=["session_idle_seconds"])
    assert shown(session).idle == 0


@pytest.mark.parametrize(
    ("warning", "words"),
    [
        ("80 % of engagement", "80 % of the engagement's bytes are used"),
        ("95 % of model", "95 % of the model's bytes are used"),
        ("50 % of offsite", "50 % of the bytes that may leave outside are used"),
        ("2 min", "it ends within 2 minutes"),
        ("", ""),
    ],
)
def test_the_desk_reads_whose_budget_it_is(room: Room, warning: str, words: str) -> None:
    session = room.session()
    session.warned = warning
    assert warned_words(session) == words
