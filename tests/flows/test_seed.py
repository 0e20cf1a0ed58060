"""The demonstration's world is made by the services that everybody uses, and made once."""

import pytest
from django.core.management import call_command

from hardware.models import SnapshotDelta
from scif.facilities.models import Facility
from scif.people.models import Person

pytestmark = pytest.mark.django_db


def test_the_seed_makes_two_facilities_and_some_forty_people() -> None:
    call_command("seed_demo")
    assert Facility.objects.count() == 2
    assert Person.objects.count() >= 40
    assert {d.gateway for d in SnapshotDelta.objects.all()} == {"b7", "ml"}


def test_a_second_seed_changes_nothing() -> None:
    call_command("seed_demo")
    before = Person.objects.count()
    call_command("seed_demo")
    assert Person.objects.count() == before
