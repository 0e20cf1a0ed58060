"""The databases that tests get: the web role, rolled back or of their own."""

import threading
from collections.abc import Callable

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections

Connect = Callable[[str], psycopg.Connection[tuple[object, ...]]]


@pytest.mark.django_db
def test_tests_run_as_the_web_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("scif_web", False)


@pytest.mark.usefixtures("committed_database")
def test_a_commit_is_seen_by_another_thread() -> None:
    get_user_model().objects.create(username="seen")
    counted: list[int] = []

    def count() -> None:
        counted.append(get_user_model().objects.filter(username="seen").count())
        connections.close_all()

    thread = threading.Thread(target=count)
    thread.start()
    thread.join()
    assert counted == [1]


@pytest.mark.usefixtures("committed_database")
def test_the_next_test_starts_with_an_empty_database() -> None:
    assert not get_user_model().objects.exists()


def test_another_role_reads_the_same_database(
    committed_database: str, role_connection: Connect
) -> None:
    row = (
        role_connection("scif_owner").execute("SELECT current_database(), current_user").fetchone()
    )
    assert row == (committed_database, "scif_owner")


@pytest.mark.django_db
def test_a_test_that_rolls_back_leaves_nothing() -> None:
    assert not get_user_model().objects.exists()
    get_user_model().objects.create(username="gone")
