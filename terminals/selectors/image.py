"""Is a boot image what two people approved?"""

from cryptography.exceptions import InvalidSignature
from django.conf import settings

from scif.kernel.keys import KeyStore
from terminals.models import BootImage
from terminals.rules.manifest import manifest
from terminals.rules.states import ImageState

CONTROL = "control.pub"


def boot_image_manifest(image: BootImage) -> bytes:
    """The bytes that are signed for an approved image."""
    return manifest(
        name=image.name,
        version=image.version,
        image_sha256=image.image_sha256,
        pcrs=image.pcrs,
        approvers=(str(image.first_approver_id), str(image.second_approver_id)),
    )


def boot_image_valid(image: BootImage) -> bool:
    """Whether an image is approved, and still says what two people approved."""
    if image.state != ImageState.APPROVED:
        return False
    # The public half: whoever only asks need not be able to sign.
    public = KeyStore(settings.KEY_DIR).verifier(CONTROL)
    try:
        public.verify(bytes(image.signature), boot_image_manifest(image))
    except InvalidSignature:
        return False
    return True
