"""What two people approve of a boot image, as the bytes that are signed."""

from collections.abc import Mapping

from scif.kernel.canonical import canonical_json

# No other thing that this key signs begins so.
CONTEXT = b"scif boot image v1\n"


def manifest(
    *,
    name: str,
    version: str,
    image_sha256: str,
    pcrs: Mapping[int, str],
    approvers: tuple[str, str],
) -> bytes:
    """The image's identity, its PCR values in hex, its two approvers; in canonical form."""
    return CONTEXT + canonical_json(
        {
            "name": name,
            "version": version,
            "image_sha256": image_sha256,
            "pcrs": {str(number): value for number, value in pcrs.items()},
            "approvers": list(approvers),
        }
    )
