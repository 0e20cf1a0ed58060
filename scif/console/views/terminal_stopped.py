"""What stands against an officer's act on a laptop beside its state, before he begins it.

The services refuse the same; here it is said where the act would be offered.
"""

from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from access.services.orders import policy_number
from scif.facilities.models import Facility
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from terminals.models import BootImage, Terminal
from terminals.rules.states import ImageState
from terminals.selectors.anomaly import anomalies_at
from terminals.selectors.attestation import attestation_fresh
from terminals.selectors.image import boot_image_valid
from terminals.selectors.lock import lock_of
from terminals.selectors.terminal import custody_of, seals_of, stay_of


def no_image(record: Facility) -> str:
    """Nothing is enrolled but with the image that it is to run."""
    images = BootImage.objects.filter(facility=record).exclude(state=ImageState.WITHDRAWN)
    return "" if images.exists() else _("Propose a boot image first.")


def no_approved_image(record: Terminal) -> str:
    """It is given none but an approved one."""
    images = BootImage.objects.filter(facility=record.facility_id, state=ImageState.APPROVED)
    return "" if images.exists() else _("No boot image is approved here.")


def image_unapproved(record: Terminal) -> str:
    """Nothing is measured against an image that two people have not approved."""
    if boot_image_valid(record.image):
        return ""
    return _("Its boot image is not approved: two people approve it, or it is given another one.")


def not_ready(record: Terminal) -> str:
    """It is confirmed with seals on it and an approved image."""
    if not seals_of(record).exists():
        return _("It has no seal: put numbered seals on it and record them first.")
    return image_unapproved(record)


def in_hands(record: Terminal) -> str:
    """Whoever has it hands it back first."""
    custody = custody_of(record)
    return _("%(name)s has it: take it back first.") % {"name": custody.person} if custody else ""


def not_proved(record: Terminal) -> str:
    """Its release is asked for once it has been handed back and has proved what it runs."""
    stay, proof = stay_of(record), attestation_fresh(record, now())
    if proof is None or proof.decided_at is None or (stay and proof.decided_at < stay.placed_at):
        told = _("It has not proved what it runs since it was quarantined: have it do so first.")
        return in_hands(record) or image_unapproved(record) or told
    return in_hands(record)


def request_lapsed(record: Terminal) -> str:
    """A request for the release is answered soon, or made anew."""
    stay = stay_of(record)
    try:
        waits = timedelta(minutes=policy_number(record.facility, "terminal_release_minutes"))
    except Refused:
        waits = timedelta()  # a policy that says nothing gives no time
    if stay is None or stay.asked_at is None or now() < stay.asked_at + waits:
        return ""
    return _("The request is too old: read the seals and ask for the release anew.")


def unreviewed(record: Terminal) -> dict[str, object]:
    """Lifting the lock alone does not help him whose anomaly waits: his sign-in is refused."""
    if not anomalies_at(record).exists():
        return {}
    return {
        "warned": [
            _(
                "Nobody has reviewed the anomaly yet. Until an officer has, a sign-in here is "
                "refused or held, also with the lock lifted: review it first."
            )
        ]
    }


def locked_by(record: Terminal) -> UUID | None:
    """Who does not lift the lock."""
    locked = lock_of(record)
    return locked.requested_by_id if locked else None


def release_asked_by(record: Terminal) -> UUID | None:
    """Who does not release it."""
    stay = stay_of(record)
    return stay.asked_by_id if stay else None
