"""Boot images: proposed, approved by two people, withdrawn."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from hardware.services.snapshot import control_signer
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import lock, visible
from scif.people.naming import named
from terminals.events import TerminalChanged
from terminals.models import BootImage
from terminals.rules.quote import PCRS
from terminals.rules.states import IMAGE, ImageAction, ImageState
from terminals.selectors.image import boot_image_manifest
from terminals.services.terminal import CHANGE, person_of

APPROVE = "terminals.approve_image"


@transaction.atomic
def boot_image_propose(
    *,
    facility_id: UUID,
    name: str,
    version: str,
    image_sha256: str,
    pcrs: Mapping[int, str],
    actor: Actor,
) -> BootImage:
    """Record an image and the PCR values, in hex, that a laptop has once it runs it."""
    facility = lock(visible(Facility.objects.all(), actor, CHANGE), facility_id)
    require(set(pcrs) == set(PCRS), "pcrs_missing", "Give the values of PCR 0, 7 and 11.")
    image = BootImage(
        facility=facility,
        name=text_of(name, "name", most=60, missing="Name the image.", lines=False),
        version=text_of(version, "version", most=30, missing="Give its version.", lines=False),
        image_sha256=_hex(image_sha256),
        pcr0=_hex(pcrs[0]),
        pcr7=_hex(pcrs[7]),
        pcr11=_hex(pcrs[11]),
        proposed_by_id=person_of(actor),
        proposed_at=now(),
    )
    require(
        not BootImage.objects.filter(
            facility=facility, name=image.name, version=image.version
        ).exists(),
        "version_taken",
        "This version is on record already.",
        "Another image is another version.",
    )
    try:
        image.full_clean()
    except ValidationError as error:
        raise Refused("digest_wrong", "A digest is 64 hexadecimal digits.") from error
    image.save(force_insert=True)
    _tell(image, "boot_image.proposed", actor)
    return image


@transaction.atomic
def boot_image_approve(*, image_id: UUID, actor: Actor) -> BootImage:
    """Approve an image; with the second person's approval it is signed and in force.

    Nobody approves twice. Who proposed it may be one of the two: two pairs of eyes look at it.
    """
    image = lock(visible(BootImage.objects.all(), actor, APPROVE), image_id)
    person = person_of(actor)
    require(image.first_approver_id != person, "same_person", "You have approved it already.",
            "Another person approves it.")  # fmt: skip
    if image.state == ImageState.PROPOSED and image.first_approver_id is None:
        image.first_approver_id, image.first_at = person, now()
        image.save(update_fields=["first_approver", "first_at"])
        _tell(image, "boot_image.first_approved", actor)
        return image
    image.state = IMAGE.next(ImageState(image.state), ImageAction.APPROVE)
    image.second_approver_id, image.second_at = person, now()
    image.signature = control_signer(settings.KEY_DIR).sign(boot_image_manifest(image))
    image.save(update_fields=["state", "second_approver", "second_at", "signature"])
    _tell(image, "boot_image.approved", actor)
    return image


@transaction.atomic
def boot_image_withdraw(*, image_id: UUID, reason: str, actor: Actor) -> BootImage:
    """Withdraw an image: no laptop that runs it is attested any more, from this moment."""
    image = lock(visible(BootImage.objects.all(), actor, APPROVE), image_id)
    reason = text_of(reason, "reason", missing="Say why the image is withdrawn.")
    image.state = IMAGE.next(ImageState(image.state), ImageAction.WITHDRAW)
    image.withdrawn_by_id, image.withdrawn_at = person_of(actor), now()
    image.withdrawn_why = reason
    image.save(update_fields=["state", "withdrawn_by", "withdrawn_at", "withdrawn_why"])
    _tell(image, "boot_image.withdrawn", actor, reason=reason)
    for terminal_id in image.terminals.values_list("pk", flat=True):
        publish(TerminalChanged(terminal_id))
    return image


def _hex(digest: str) -> str:
    return digest.strip().lower().removeprefix("0x")


def _tell(image: BootImage, kind: str, actor: Actor, **body: Any) -> None:
    append(
        kind=kind,
        actor=actor,
        subject=image,
        facility=image.facility_id,
        body={
            "image": str(image),
            "image_sha256": image.image_sha256,
            "pcrs": {str(number): value for number, value in image.pcrs.items()},
            **body,
            **named(actor),
        },
    )
