"""Accounts are opened by whoever runs the installation; their owners alone set the passwords."""

import json
from typing import Any

import pytest
from django.contrib.auth.hashers import is_password_usable
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from scif.people.models import Person, User
from scif.people.services.account import (
    account_close,
    account_create,
    account_link,
    password_set,
)
from tests.factories import Place, make_place
from tests.logins import signed_in

pytestmark = pytest.mark.django_db
OPERATOR = Actor.system("operator")
CHOSEN = "sieben Winter am Kanal"
OTHER = "achtzehn Lampen im Hof"
CHANGE = "/account/password/"
SERVES_NOT = "This link does not serve"


@pytest.fixture
def place() -> Place:
    return make_place("own")


@pytest.fixture
def newcomer(place: Place) -> Person:
    """Somebody without an account."""
    return Person.objects.create(name="Nils Holm", organisation=place.world.lead.organisation)


@pytest.fixture
def opened(newcomer: Person) -> User:
    return account_create(username="n.holm", person=newcomer, actor=OPERATOR)


def told(kind: str) -> list[dict[str, Any]]:
    rows = [(json.loads(row.header), row.data) for row in Outbox.objects.order_by("id")]
    return [{**header, "body": body} for header, body in rows if header["kind"] == kind]


def link(user: User) -> str:
    return account_link(user=user, actor=OPERATOR)


def open_link(client: Client, path: str) -> Any:
    return client.get(path, follow=True)


def set_by(client: Client, path: str, password: str = CHOSEN, again: str | None = None) -> Any:
    """Open a link and set a password on its page."""
    page = open_link(client, path)
    address = page.redirect_chain[-1][0] if page.redirect_chain else path
    return client.post(
        address, {"new_password1": password, "new_password2": again or password}, follow=True
    )


def enters(username: str, password: str, client: Client | None = None) -> bool:
    answer = (client or Client()).post("/login/", {"username": username, "password": password})
    return answer.status_code == 302


def command(capsys: pytest.CaptureFixture[str], name: str, *words: str) -> str:
    call_command(name, *words)
    return capsys.readouterr().out


def test_an_opened_account_serves_nobody_before_its_owner_set_a_password(opened: User) -> None:
    assert not is_password_usable(opened.password)
    assert not enters("n.holm", "")
    done = set_by(Client(), link(opened))
    assert "Your password is set" in done.content.decode()
    assert enters("n.holm", CHOSEN)


def test_a_link_serves_once(opened: User) -> None:
    path = link(opened)
    set_by(Client(), path)
    again = set_by(Client(), path, OTHER)
    assert SERVES_NOT in again.content.decode()
    assert "ask whoever runs the installation" in again.content.decode()
    assert not enters("n.holm", OTHER)


def test_a_link_that_is_opened_twice_at_a_time_serves_once(opened: User) -> None:
    path = link(opened)
    first, second = Client(), Client()
    ways = [open_link(client, path).redirect_chain[-1][0] for client in (first, second)]
    form = {"new_password1": CHOSEN, "new_password2": CHOSEN}
    assert first.post(ways[0], form).status_code == 302
    assert SERVES_NOT in second.post(ways[1], form).content.decode()


def test_a_password_is_not_set_over_one_that_is_newer(opened: User) -> None:
    checked = User.objects.get(pk=opened.pk)
    password_set(user=opened, password=CHOSEN, actor=OPERATOR)
    with pytest.raises(Refused) as refused:
        password_set(user=checked, password=OTHER, actor=OPERATOR)
    assert refused.value.code == "changed_meanwhile"
    assert enters("n.holm", CHOSEN)


def test_a_link_serves_only_for_its_own_account(opened: User, place: Place) -> None:
    token = link(opened).rstrip("/").rsplit("/", 1)[1]
    other = urlsafe_base64_encode(force_bytes(place.users["officer"].pk))
    assert SERVES_NOT in open_link(Client(), f"/account/{other}/{token}/").content.decode()


def test_a_link_ends_with_its_time(opened: User, settings: Any) -> None:
    path = link(opened)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert SERVES_NOT in open_link(Client(), path).content.decode()


def test_the_links_page_does_not_show_the_token(opened: User) -> None:
    path = link(opened)
    page = open_link(Client(), path)
    token = path.rstrip("/").rsplit("/", 1)[1]
    assert token not in page.redirect_chain[-1][0]
    assert token not in page.content.decode()
    assert "Of the account n.holm." in page.content.decode()


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("short", "short", "at least 12 characters"),
        ("password1234", "password1234", "commonly used"),
        (CHOSEN, OTHER, "match"),
        ("x" * 5000, "x" * 5000, "at most 4096"),
    ],
)
def test_a_password_that_does_not_serve_is_refused_beside_its_field(
    opened: User, password: str, again: str, words: str
) -> None:
    page = set_by(Client(), link(opened), password, again)
    assert words in page.content.decode()
    assert not told("account.password_set")


def test_a_closed_account_ends_with_its_sessions_and_links(opened: User) -> None:
    path = link(opened)
    client = Client()
    set_by(Client(), link(opened))
    assert enters("n.holm", CHOSEN, client)
    path = link(User.objects.get(pk=opened.pk))
    assert client.get("/portal/").status_code == 200
    account_close(user=opened, actor=OPERATOR)
    assert client.get("/portal/").status_code == 302
    assert SERVES_NOT in open_link(Client(), path).content.decode()
    assert not enters("n.holm", CHOSEN)
    for act in (account_link, account_close):
        with pytest.raises(Refused) as refused:
            act(user=opened, actor=OPERATOR)
        assert refused.value.code == "account_closed"


def test_a_person_has_one_account(opened: User, newcomer: Person) -> None:
    with pytest.raises(ValidationError):
        account_create(username="another", person=newcomer, actor=OPERATOR)


def test_whoever_is_signed_in_changes_the_password_and_ends_other_sessions(place: Place) -> None:
    guard = place.users["guard"]
    here, elsewhere = signed_in(guard), signed_in(guard)
    form = {"old_password": "a long password", "new_password1": OTHER, "new_password2": OTHER}
    wrong = here.post(CHANGE, form | {"old_password": "another long one"})
    assert wrong.status_code == 200
    assert here.post(CHANGE, form).status_code == 302
    assert here.get(CHANGE).status_code == 200
    assert elsewhere.get(CHANGE).status_code == 302
    assert enters(guard.username, OTHER)
    (entry,) = told("account.password_set")
    assert entry["actor"]["ref"] == entry["subject"]["id"] == str(guard.pk)
    assert entry["facility"] == str(place.world.facility.pk), "its officers read of it"


def test_a_link_ends_the_sessions_of_its_account(place: Place) -> None:
    guard = place.users["guard"]
    client = signed_in(guard)
    set_by(Client(), link(guard))
    assert client.get(CHANGE).status_code == 302


@pytest.mark.parametrize("role", ["officer", "guard", "auditor"])
def test_each_screen_leads_to_the_page(place: Place, role: str) -> None:
    code = place.world.facility.code
    page = {"officer": "/admin/", "guard": f"/desk/{code}/shift/", "auditor": "/portal/me/"}[role]
    assert f'href="{CHANGE}"' in signed_in(place.users[role]).get(page).content.decode()


def test_the_journal_tells_of_each_act_and_holds_no_secret(opened: User) -> None:
    path = link(opened)
    set_by(Client(), path)
    account_close(user=opened, actor=OPERATOR)
    kinds = ("created", "linked", "password_set", "closed")
    for kind in kinds:
        (entry,) = told(f"account.{kind}")
        assert entry["subject"]["id"] == str(opened.pk)
        assert entry["body"] == {"username": "n.holm"}
    token = path.rstrip("/").rsplit("/", 1)[1]
    kept = "".join(f"{row.header!r}{row.data}" for row in Outbox.objects.all())
    assert CHOSEN not in kept
    assert token not in kept


def test_no_log_holds_the_password(opened: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        set_by(Client(), link(opened))
    assert CHOSEN not in caplog.text


def test_the_commands_open_link_and_close(
    newcomer: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    said = command(capsys, "account_open", "n.holm", "Nils Holm")
    assert "72 hours" in said
    set_by(Client(), said.split()[1])
    assert enters("n.holm", CHOSEN)
    set_by(Client(), command(capsys, "account_link", "n.holm").split()[1], OTHER)
    assert enters("n.holm", OTHER)
    command(capsys, "account_close", "n.holm")
    assert not enters("n.holm", OTHER)
    (entry,) = told("account.closed")
    assert entry["actor"]["ref"].startswith("manage.py account_close, ")
    assert not User.objects.get(username="n.holm").facility_roles.exists()


def test_a_person_is_named_by_the_identifier_too(
    newcomer: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    Person.objects.create(name="Nils Holm", organisation=newcomer.organisation)
    with pytest.raises(CommandError, match="Several people"):
        call_command("account_open", "n.holm", "Nils Holm")
    command(capsys, "account_open", "n.holm", str(newcomer.pk))
    assert User.objects.get(username="n.holm").person == newcomer


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("account_open", "x.y", "Nobody Known"), "Nobody is called Nobody Known."),
        (("account_open", "x.y", "The guard own"), "already exists"),
        (("account_open", "guard.own", "Nils Holm"), "already exists"),
        (("account_open", "not a name", "Nils Holm"), "valid username"),
        (("account_link", "nobody"), "No account is called nobody."),
        (("account_close", "nobody"), "No account is called nobody."),
    ],
)
def test_a_command_refuses_in_one_line_and_does_nothing(
    place: Place, newcomer: Person, words: tuple[str, ...], says: str
) -> None:
    before = User.objects.count(), Outbox.objects.count()
    with pytest.raises(CommandError) as refused:
        call_command(*words)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert (User.objects.count(), Outbox.objects.count()) == before
