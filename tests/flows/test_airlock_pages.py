"""The airlock's pages say what counts: approvals that are void, and those that are missing."""

from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.urls import reverse

from scif.alarms.models import Alarm
from scif.kernel.errors import Refused
from terminals.services.airlock import airlock_reopen, airlock_take_out
from terminals.services.appeal import appeal_lodge, appeal_vote
from tests.flows.airlock_world import Airlock, login_of, make_airlock
from tests.flows.terminal_world import ticking
from tests.logins import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def airlock(settings: LazySettings, tmp_path: Path) -> Airlock:
    settings.AIRLOCK_DIR = tmp_path / "airlock"
    with ticking():
        return make_airlock()


def test_an_approval_of_a_reopened_item_is_void_in_word_and_shape(airlock: Airlock) -> None:
    item = airlock.sealed()
    airlock.approve(item, airlock.lab)
    author, lab = (signed_in(login_of(who)) for who in (airlock.author, airlock.lab))
    page, review = (reverse(f"airlock:{name}", args=[item.pk]) for name in ("item", "review"))
    assert '<p class="note ok">' in author.get(page).content.decode()
    assert "i c-ok" in _said(lab.get(review).content.decode())
    airlock_reopen(item_id=item.pk, actor=airlock.author)
    for text in (author.get(page).content.decode(), lab.get(review).content.decode()):
        assert "Void: approve" in text
    assert '<p class="note ok">' not in author.get(page).content.decode()
    assert "i c-ok" not in _said(lab.get(review).content.decode())
    # Sealed again, the same bytes are another version: what was said of the first stays void.
    airlock.seal(airlock.again(item))
    assert "Void: approve" in author.get(page).content.decode()


def test_a_rejection_that_the_appeal_body_set_aside_says_so(airlock: Airlock) -> None:
    airlock.body_named()
    item = airlock.refuse(airlock.sealed(), airlock.lab)
    appeal_lodge(item_id=item.pk, statement="Public since May", actor=airlock.author)
    author, judge = (signed_in(login_of(who)) for who in (airlock.author, airlock.judges[0]))
    page, review = (reverse(f"airlock:{name}", args=[item.pk]) for name in ("item", "review"))
    assert "Set aside" not in author.get(page).content.decode()
    for voter in airlock.judges[:2]:
        appeal_vote(item_id=item.pk, upholds=True, reason="It was printed", actor=voter)
    for text in (author.get(page).content.decode(), judge.get(review).content.decode()):
        assert "Set aside by the appeal body: rejected" in text
        assert "Upheld: it may be released" in text
        assert text.count("It was printed") == 2
    assert '<p class="note stop">' not in author.get(page).content.decode()


def test_whoever_releases_too_early_reads_what_is_missing(airlock: Airlock) -> None:
    item = airlock.sealed()
    airlock.approve(item, airlock.officer)
    review = reverse("airlock:review", args=[item.pk])
    sent = signed_in(login_of(airlock.lab)).post(review, {"release": "1"})
    assert sent.status_code == 422
    text = sent.content.decode()
    assert "One approval of the two that it needs has been given." in text
    assert "no longer open" not in text
    assert 'name="release"' not in text
    airlock.approve(item, airlock.colleague)
    text = signed_in(login_of(airlock.lab)).post(review, {"release": "1"}).content.decode()
    assert "not by anybody of the lab" in text


def test_an_item_is_withdrawn_in_two_steps_that_say_what_follows(airlock: Airlock) -> None:
    item = airlock.approve(airlock.sealed(), airlock.lab)
    author = signed_in(login_of(airlock.author))
    page, sure = (reverse(f"airlock:{name}", args=[item.pk]) for name in ("item", "withdraw"))
    assert sure in author.get(page).content.decode()
    # One press on the item's page withdraws nothing.
    author.post(page, {"withdraw": "1"})
    assert airlock.again(item).state == "sealed"
    text = author.get(sure).content.decode()
    assert "It never leaves" in text
    assert "1 approval is void" in text
    assert airlock.again(item).state == "sealed"
    assert signed_in(login_of(airlock.lab)).post(sure).status_code == 404
    assert author.post(sure).status_code == 302
    assert airlock.again(item).state == "withdrawn"
    assert author.post(sure).status_code == 422
    assert "cannot be withdrawn" in author.get(sure).content.decode()


def test_the_author_reads_that_the_bytes_were_changed(airlock: Airlock) -> None:
    item = airlock.approve(airlock.sealed(), airlock.lab)
    version = item.version
    assert version is not None
    (kept,) = (each for each in (settings.AIRLOCK_DIR / "kept").rglob(version.sha256))
    kept.write_bytes(b"others")
    checker = signed_in(login_of(airlock.officer))
    told = checker.get(reverse("airlock:review", args=[item.pk])).content.decode()
    assert "Draft" in told
    assert 'name="approve"' not in told
    assert 'name="refuse"' not in told
    author = signed_in(login_of(airlock.author))
    page = reverse("airlock:item", args=[item.pk])
    text = author.get(page).content.decode()
    assert "Its bytes were changed after it was sealed" in text
    assert 'name="seal"' not in text
    with pytest.raises(Refused, match="changed after it was sealed"):
        airlock.seal(airlock.again(item))
    assert "Call the facility officer" in Alarm.objects.get(kind="airlock_altered").message
    airlock_take_out(item_id=item.pk, name=airlock.put_out(), actor=airlock.author)
    text = author.get(page).content.decode()
    assert "Its bytes were changed" not in text
    assert 'name="seal"' in text


def test_an_even_vote_says_that_nobody_has_decided_and_what_to_do(airlock: Airlock) -> None:
    first, second, third = airlock.judges
    airlock.body_named(first, second)
    item = airlock.refuse(airlock.sealed(), airlock.lab)
    appeal_lodge(item_id=item.pk, statement="Public since May", actor=airlock.author)
    review, page = (reverse(f"airlock:{name}", args=[item.pk]) for name in ("review", "item"))
    tied = "Nobody has decided this appeal"
    appeal_vote(item_id=item.pk, upholds=True, reason="Public", actor=first)
    assert tied not in signed_in(login_of(first)).get(page).content.decode()
    appeal_vote(item_id=item.pk, upholds=False, reason="Not all", actor=second)
    for who in (airlock.author, first, second, airlock.officer, airlock.lab):
        assert tied in signed_in(login_of(who)).get(page).content.decode(), login_of(who)
    text = signed_in(login_of(first)).get(review).content.decode()
    assert tied in text
    assert 'name="vote"' not in text
    people = reverse("airlock:reviewers", args=[airlock.world.engagement.pk])
    for who in (airlock.officer, airlock.lab):
        text = signed_in(login_of(who)).get(people).content.decode()
        assert "its judges stay until it is decided" in text
    assert "No longer" not in signed_in(login_of(airlock.officer)).get(people).content.decode()
    airlock.body_named(third)
    assert tied not in signed_in(login_of(airlock.author)).get(page).content.decode()
    appeal_vote(item_id=item.pk, upholds=True, reason="Public", actor=third)
    assert airlock.again(item).state == "checked"


def _said(page: str) -> str:
    """What the page of the review says of the verdicts."""
    return page.partition("Said so far")[2].partition("</section>")[0]
