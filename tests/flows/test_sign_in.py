"""Sign-ins, refused ones and sign-outs are in the journal; passwords are not."""

import json
from typing import Any

import pytest
from django.test import Client

from scif.journal.models import Outbox
from tests.factories import make_place

pytestmark = pytest.mark.django_db
WRONG = "not the password at all"


def journaled(kind: str) -> list[dict[str, Any]]:
    rows = Outbox.objects.order_by("id")
    found = [(json.loads(row.header), row.data) for row in rows]
    return [{**header, "body": body} for header, body in found if header["kind"] == kind]


def attempt(client: Client, username: str, password: str) -> int:
    return client.post("/login/", {"username": username, "password": password}).status_code


def test_a_sign_in_and_a_sign_out_are_journaled() -> None:
    user = make_place("own").users["guard"]
    client = Client()
    assert attempt(client, user.username, "a long password") == 302
    (entry,) = journaled("account.signed_in")
    assert entry["subject"]["id"] == str(user.pk)
    assert entry["actor"]["ref"] == str(user.pk)
    assert entry["body"] == {"username": user.username, "address": "127.0.0.1"}
    client.post("/logout/")
    (out,) = journaled("account.signed_out")
    assert out["subject"]["id"] == str(user.pk)


@pytest.mark.parametrize("username", ["guard", "nobody\u0130 of this name", "x" * 5000])
def test_a_refused_sign_in_is_journaled_as_typed_and_without_its_password(username: str) -> None:
    place = make_place("own")
    typed = place.users["guard"].username if username == "guard" else username
    assert attempt(Client(), typed, WRONG) == 200
    (entry,) = journaled("account.refused")
    known = str(place.users["guard"].pk) if username == "guard" else "unknown"
    assert entry["subject"]["id"] == known
    assert entry["body"]["username"] == typed[:150]
    assert not any(WRONG in str(row.data) for row in Outbox.objects.all())


def test_a_resting_account_does_not_fill_the_journal() -> None:
    user = make_place("own").users["guard"]
    client = Client()
    answers = [attempt(client, user.username, WRONG) for _ in range(12)]
    assert answers[-1] == 429
    assert 0 < len(journaled("account.refused")) <= 5
