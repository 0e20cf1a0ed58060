"""Laptops: enrolled by two officers, sealed, given an image, retired."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from scif.facilities.models import Facility, Locker, LockerPurpose
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import FieldRefused, Refused, require
from scif.kernel.text import text_of
from scif.people.access import lock, visible
from terminals.models import BootImage, QuarantineEnd, Seal, Terminal
from terminals.rules.attestation_wording import KEY as KEY_WORDS
from terminals.rules.seals import seal_number
from terminals.rules.states import TerminalAction, TerminalState
from terminals.rules.tpm import Malformed, attestation_key, endorsement_digest
from terminals.selectors.image import boot_image_valid
from terminals.services.quarantine import quarantine_end
from terminals.services.terminal import (
    CHANGE,
    person_of,
    terminal_advance,
    terminal_lock_row,
    terminal_tell,
)

T = TypeVar("T")

# Where a laptop must be for its case, its image or its keeping place to change.
AT_HAND = frozenset(
    {
        TerminalState.REGISTERED,
        TerminalState.IN_STORE,
        TerminalState.RETURNED,
        TerminalState.INSPECTED,
        TerminalState.QUARANTINED,
    }
)


@transaction.atomic
def terminal_enrol(
    *,
    facility_id: UUID,
    asset_tag: str,
    serial: str,
    image_id: UUID,
    attestation_public: bytes,
    endorsement_public: bytes,
    actor: Actor,
) -> Terminal:
    """Register a laptop with the keys of its TPM, read at the laptop itself.

    Both keys are TPM2B_PUBLIC files (``tpm2_createak -u``, ``tpm2_createek -u``). It serves nobody
    until another officer has confirmed it.
    """
    facility = lock(visible(Facility.objects.all(), actor, CHANGE), facility_id)
    image = BootImage.objects.filter(pk=image_id, facility=facility).first()
    if image is None:
        raise Refused("image_missing", "There is no such boot image here.")
    _key_read("attestation_public", attestation_key, attestation_public)
    endorsement = _key_read("endorsement_public", endorsement_digest, endorsement_public).hex()
    tag = text_of(asset_tag, "asset tag", most=30, missing="Give its asset tag.", lines=False)
    number = text_of(serial, "serial", most=60, missing="Give its serial number.", lines=False)
    known = (
        Terminal.objects.filter(facility=facility, asset_tag=tag).exists()
        or (
            Terminal.objects.filter(serial=number)
            | Terminal.objects.filter(endorsement_sha256=endorsement)
            | Terminal.objects.filter(attestation_key=attestation_public)
        ).exists()
    )
    require(not known, "known_already", "A laptop with this tag, number or TPM is on record.")
    terminal = Terminal.objects.create(
        facility=facility,
        state_since=now(),
        asset_tag=tag,
        serial=number,
        image=image,
        attestation_key=attestation_public,
        endorsement_sha256=endorsement,
        enrolled_by_id=person_of(actor),
        enrolled_at=now(),
    )
    terminal_tell(
        terminal=terminal,
        kind="terminal.enrolled",
        actor=actor,
        body={
            "serial": number,
            "image": str(image),
            "endorsement_sha256": endorsement,
            "attestation_key": attestation_public.hex(),
        },
    )
    return terminal


@transaction.atomic
def terminal_confirm(*, terminal_id: UUID, endorsement_sha256: str, actor: Actor) -> Terminal:
    """Confirm what another officer enrolled, with the endorsement key's digest read again.

    The digest is read at the laptop or from the maker's certificate, not copied from the screen.
    """
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=CHANGE)
    person = person_of(actor)
    require(
        person != terminal.enrolled_by_id,
        "same_person",
        "Whoever enrolled a laptop does not confirm it.",
        "Another officer confirms it.",
    )
    require(
        endorsement_sha256.strip().lower() == terminal.endorsement_sha256,
        "other_tpm",
        "This is not the endorsement key that was enrolled.",
        "Compare the laptop's number; retire this record if it is another laptop.",
    )
    require(
        terminal.seals.filter(removed_at=None).exists(),
        "not_sealed",
        "The laptop has no seal.",
        "Put numbered seals on it and record them first.",
    )
    _require_image(terminal.image)
    terminal.confirmed_by_id, terminal.confirmed_at = person, now()
    terminal.save(update_fields=["confirmed_by", "confirmed_at"])
    terminal_advance(
        terminal=terminal, action=TerminalAction.CONFIRM, kind="terminal.confirmed", actor=actor
    )
    return terminal


@transaction.atomic
def terminal_seal(*, terminal_id: UUID, place: str, number: str, reason: str, actor: Actor) -> Seal:
    """Put a numbered seal on a place of the case; one that is there comes off, with a reason."""
    terminal = _at_hand(terminal_id, actor)
    place = text_of(place, "place", most=60, missing="Say where the seal is.", lines=False)
    number = seal_number(
        text_of(number, "number", most=30, missing="Give the seal's number.", lines=False)
    )
    require(
        not Seal.objects.filter(number=number).exists(),
        "seal_used",
        "A seal of this number has been used already.",
    )
    moment = now()
    before = terminal.seals.filter(place=place, removed_at=None).first()
    if before is not None:
        _take_off(before, text_of(reason, "reason", missing="Say why the old seal comes off."),
                  moment, actor)  # fmt: skip
    seal = Seal.objects.create(
        terminal=terminal,
        number=number,
        place=place,
        applied_by_id=person_of(actor),
        applied_at=moment,
    )
    body: dict[str, Any] = {"seal": number, "place": place}
    if before is not None:
        body |= {"taken_off": before.number, "reason": before.removed_why}
    terminal_tell(terminal=terminal, kind="terminal.sealed", actor=actor, body=body)
    return seal


@transaction.atomic
def terminal_image_set(*, terminal_id: UUID, image_id: UUID, actor: Actor) -> Terminal:
    """Say which approved image a laptop is to run from now on; earlier quotes prove nothing."""
    terminal = _at_hand(terminal_id, actor)
    image = BootImage.objects.filter(pk=image_id, facility=terminal.facility_id).first()
    if image is None:
        raise Refused("image_missing", "There is no such boot image here.")
    _require_image(image)
    before, terminal.image = terminal.image, image
    terminal.save(update_fields=["image"])
    terminal_tell(
        terminal=terminal,
        kind="terminal.image_set",
        actor=actor,
        body={"image": str(image), "before": str(before)},
    )
    return terminal


@transaction.atomic
def terminal_locker_set(*, terminal_id: UUID, locker_id: UUID | None, actor: Actor) -> Terminal:
    """Say in which locker a laptop is kept; None: elsewhere, under the officer's key."""
    terminal = _at_hand(terminal_id, actor)
    locker = None
    if locker_id is not None:
        locker = Locker.objects.filter(
            pk=locker_id, bank__facility=terminal.facility_id, purpose=LockerPurpose.TERMINAL
        ).first()
        if locker is None:
            raise Refused(
                "locker_missing",
                "There is no such locker for laptops here.",
                "Set a locker's purpose to laptops first.",
            )
        taken = Terminal.objects.filter(locker=locker).exclude(pk=terminal.pk).exists()
        require(not taken, "locker_taken", "Another laptop is kept in this locker.")
    terminal.locker = locker
    terminal.save(update_fields=["locker"])
    terminal_tell(
        terminal=terminal,
        kind="terminal.locker_set",
        actor=actor,
        body={"locker": str(locker) if locker else None},
    )
    return terminal


@transaction.atomic
def terminal_retire(*, terminal_id: UUID, reason: str, actor: Actor) -> Terminal:
    """Take a laptop out of service for good."""
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=CHANGE)
    reason = text_of(reason, "reason", missing="Say why the laptop is retired.")
    require(
        not terminal.custodies.filter(ended_at=None).exists(),
        "in_custody",
        "The laptop is in somebody's hands.",
        "Take it back first.",
    )
    if terminal.state == TerminalState.QUARANTINED:
        quarantine_end(terminal=terminal, how=QuarantineEnd.RETIRED)
    terminal.locker = None
    terminal.save(update_fields=["locker"])
    terminal_advance(
        terminal=terminal,
        action=TerminalAction.RETIRE,
        kind="terminal.retired",
        actor=actor,
        body={"reason": reason},
    )
    return terminal


def _at_hand(terminal_id: UUID, actor: Actor) -> Terminal:
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=CHANGE)
    require(
        TerminalState(terminal.state) in AT_HAND,
        "not_at_hand",
        "The laptop is not at hand.",
        "Take it back first.",
    )
    return terminal


def _key_read(field: str, read: Callable[[bytes], T], blob: bytes) -> T:
    try:
        return read(blob)
    except Malformed as error:
        raise FieldRefused(
            "key_unusable",
            field,
            _("This is not the key of a TPM that can attest: %(why)s.")
            % {"why": _(KEY_WORDS[error.fault])},
            _("Create a restricted ECDSA P-256 key below the endorsement key; send its public."),
        ) from error


def _require_image(image: BootImage) -> None:
    require(
        boot_image_valid(image),
        "image_not_approved",
        "This boot image is not approved.",
        "Two people approve it.",
    )


def _take_off(seal: Seal, reason: str, at: datetime, actor: Actor) -> None:
    seal.removed_by_id, seal.removed_at, seal.removed_why = actor.person_id, at, reason
    seal.save(update_fields=["removed_by", "removed_at", "removed_why"])
