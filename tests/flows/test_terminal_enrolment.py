"""Laptops and images: enrolled and approved by two, sealed, retired; keys that never change."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction

from scif.journal.models import Outbox
from scif.kernel.errors import Refused
from terminals.models import BootImage, Seal, Terminal
from terminals.selectors.image import boot_image_valid
from terminals.services.enrolment import (
    terminal_confirm,
    terminal_enrol,
    terminal_image_set,
    terminal_locker_set,
    terminal_retire,
    terminal_seal,
)
from terminals.services.image import boot_image_approve, boot_image_propose, boot_image_withdraw
from tests.flows.desk_world import make_world
from tests.flows.terminal_world import DIGESTS, SEALS, Store, ticking
from tests.quotes import Tpm

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def store() -> Store:
    return Store(make_world())


def told() -> list[str]:
    return [entry.fields["kind"] for entry in Outbox.objects.order_by("pk")]


def test_an_image_is_approved_by_two_and_signed(store: Store) -> None:
    image = store.image(approved=False)
    assert boot_image_approve(image_id=image.pk, actor=store.first).state == "proposed"
    with pytest.raises(Refused, match="approved it already"):
        boot_image_approve(image_id=image.pk, actor=store.first)
    image = boot_image_approve(image_id=image.pk, actor=store.second)
    assert (image.state, boot_image_valid(image)) == ("approved", True)
    assert told()[-3:] == [
        "boot_image.proposed",
        "boot_image.first_approved",
        "boot_image.approved",
    ]


def test_an_approved_image_stays_as_it_was_approved(store: Store) -> None:
    image = store.image()
    for field in ("pcr11", "image_sha256"):
        with pytest.raises(DatabaseError, match="is decided"), transaction.atomic():
            BootImage.objects.filter(pk=image.pk).update(**{field: "cd" * 32})


def test_an_image_that_somebody_writes_as_approved_measures_nothing(store: Store) -> None:
    """Past the services, as the web's role could: the signature is missing."""
    image = store.image(approved=False)
    BootImage.objects.filter(pk=image.pk).update(
        first_approver=store.first.person_id,
        second_approver=store.second.person_id,
        state="approved",
    )
    image.refresh_from_db()
    assert not boot_image_valid(image)


def test_one_person_is_not_two_in_the_database_either(store: Store) -> None:
    image = store.image(approved=False)
    with pytest.raises(DatabaseError, match="boot_image_two_approvers"), transaction.atomic():
        BootImage.objects.filter(pk=image.pk).update(
            first_approver=store.first.person_id, second_approver=store.first.person_id
        )
    with pytest.raises(DatabaseError, match="boot_image_approved_by_two"), transaction.atomic():
        BootImage.objects.filter(pk=image.pk).update(state="approved")


def test_a_withdrawn_image_attests_nothing(store: Store) -> None:
    terminal = store.stored()
    assert store.attested(terminal).outcome == "accepted"
    boot_image_withdraw(image_id=terminal.image_id, reason="A hole", actor=store.first)
    with pytest.raises(Refused, match="not approved"):
        store.attested(terminal)


@pytest.mark.parametrize(
    "pcrs", [{0: "00" * 32}, DIGESTS | {7: "xy"}, DIGESTS | {11: "zz" * 32}, DIGESTS | {9: ""}]
)
def test_an_image_needs_its_three_values(store: Store, pcrs: dict[int, str]) -> None:
    with pytest.raises(Refused):
        boot_image_propose(
            facility_id=store.world.facility.pk,
            name="Kiosk",
            version="1",
            image_sha256="ab" * 32,
            pcrs=pcrs,
            actor=store.first,
        )


def test_a_laptop_serves_once_another_officer_has_confirmed_it(store: Store) -> None:
    terminal = store.registered()
    with pytest.raises(Refused, match="does not confirm"):
        terminal_confirm(
            terminal_id=terminal.pk,
            endorsement_sha256=terminal.endorsement_sha256,
            actor=store.first,
        )
    with pytest.raises(Refused, match="not the endorsement key"):
        terminal_confirm(terminal_id=terminal.pk, endorsement_sha256="00" * 32, actor=store.second)
    with pytest.raises(Refused, match="is registered"):
        store.issued(terminal)
    terminal = terminal_confirm(
        terminal_id=terminal.pk,
        endorsement_sha256=terminal.endorsement_sha256.upper(),
        actor=store.second,
    )
    assert terminal.state == "in_store"
    assert "terminal.confirmed" in told()


def test_a_laptop_without_seals_or_with_an_open_image_is_not_confirmed(store: Store) -> None:
    terminal = store.registered(image=store.image("draft", approved=False))
    with pytest.raises(Refused, match="not approved"):
        terminal_confirm(
            terminal_id=terminal.pk,
            endorsement_sha256=terminal.endorsement_sha256,
            actor=store.second,
        )
    Seal.objects.filter(terminal=terminal).update(removed_at=terminal.enrolled_at)
    with pytest.raises(Refused, match="no seal"):
        terminal_confirm(
            terminal_id=terminal.pk,
            endorsement_sha256=terminal.endorsement_sha256,
            actor=store.second,
        )


def test_a_key_that_can_lie_and_a_tpm_that_is_known_are_not_enrolled(store: Store) -> None:
    store.registered()
    image = store.image()

    def enrol(tpm: Tpm, tag: str = "LT-02") -> Terminal:
        return terminal_enrol(
            facility_id=store.world.facility.pk,
            asset_tag=tag,
            serial=f"SN-{tag}",
            image_id=image.pk,
            attestation_public=tpm.public,
            endorsement_public=tpm.endorsement_public,
            actor=store.first,
        )

    with pytest.raises(Refused, match="would sign more than"):
        enrol(replace(Tpm(), attributes=0x00040072))
    with pytest.raises(Refused, match="on record"):
        enrol(Tpm(endorsement_area=b"endorsement of LT-01"))
    with pytest.raises(Refused, match="on record"):
        enrol(Tpm(), "LT-01")


@pytest.mark.parametrize(
    "written",
    [
        {"attestation_key": b"another"},
        {"endorsement_sha256": "00" * 32},
        {"serial": "another"},
        {"confirmed_by": None},
    ],
)
def test_the_keys_of_a_laptop_never_change(store: Store, written: dict[str, object]) -> None:
    terminal = store.stored()
    with pytest.raises(DatabaseError), transaction.atomic():
        Terminal.objects.filter(pk=terminal.pk).update(**written)


def test_a_seal_is_replaced_with_a_reason_and_its_number_used_once(store: Store) -> None:
    terminal = store.stored()
    with pytest.raises(Refused, match="comes off"):
        terminal_seal(
            terminal_id=terminal.pk, place="lid", number="S-9", reason="", actor=store.first
        )
    terminal_seal(
        terminal_id=terminal.pk, place="lid", number="s- 9", reason="Torn", actor=store.first
    )
    assert {seal.number for seal in terminal.seals.filter(removed_at=None)} == {
        "S-9",
        f"{SEALS[1]}-LT-01",
    }
    with pytest.raises(Refused, match="used already"):
        terminal_seal(
            terminal_id=terminal.pk, place="side", number="S-9", reason="", actor=store.first
        )


def test_an_officer_acts_on_laptops_at_hand_only(store: Store) -> None:
    terminal = store.issued(store.stored())
    for act in (
        lambda: terminal_seal(
            terminal_id=terminal.pk, place="x", number="9", reason="", actor=store.first
        ),
        lambda: terminal_image_set(
            terminal_id=terminal.pk, image_id=terminal.image_id, actor=store.first
        ),
        lambda: terminal_locker_set(terminal_id=terminal.pk, locker_id=None, actor=store.first),
    ):
        with pytest.raises(Refused, match="not at hand"):
            act()
    with pytest.raises(Refused, match="somebody's hands"):
        terminal_retire(terminal_id=terminal.pk, reason="Old", actor=store.first)


def test_a_retired_laptop_does_nothing_any_more(store: Store) -> None:
    terminal = store.stored()
    terminal = terminal_retire(terminal_id=terminal.pk, reason="Old", actor=store.first)
    assert terminal.state == "retired"
    with pytest.raises(Refused, match="out of service"):
        store.attested(terminal)
    with pytest.raises(Refused, match="is retired"):
        terminal_retire(terminal_id=terminal.pk, reason="Again", actor=store.first)


def test_another_facilitys_laptop_is_not_there(store: Store) -> None:
    terminal = store.stored()
    with pytest.raises(Terminal.DoesNotExist):
        terminal_retire(terminal_id=terminal.pk, reason="Old", actor=store.world.stranger)
