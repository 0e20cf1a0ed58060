"""Signing (PAdES-style CMS signature, ISO 32000-2, 12.8) with the facility's report key.

No network is asked: no time stamp authority, no revocation service. The time in the signature is
this machine's; the journal checkpoint beside it is the evidence of the order.
"""

import io
import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.embed import EmbeddedFileObject, EmbeddedFileParams, FileSpec, embed_file
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from scif.kernel.keys import KeyMissingError

logger = logging.getLogger(__name__)
KEY_FILE = "report.p12"
CERTIFICATE_FILE = "report.crt"
FIELD = "FacilityReport"


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs: the key file's bytes, the certificate's name, fingerprint and first day."""

    archive: bytes
    name: str
    fingerprint: str
    since: datetime

    @classmethod
    def load(cls, directory: Path) -> "Signatory":
        """Read ``report.p12``; raises :class:`KeyMissingError` if it is absent or not readable."""
        path = directory / KEY_FILE
        try:
            archive = path.read_bytes()
            key, certificate, _ = pkcs12.load_key_and_certificates(archive, None)
        except (OSError, ValueError) as error:
            raise KeyMissingError(f"key file {path} cannot be read: {error}") from error
        if key is None or certificate is None:
            raise KeyMissingError(f"key file {path} holds no key with a certificate")
        names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return cls(
            archive=archive,
            name=str(names[0].value) if names else certificate.subject.rfc4514_string(),
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            since=certificate.not_valid_before_utc,
        )


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF."""

    name: str
    content: bytes
    mime: str
    description: str


def report_sign(
    pdf: bytes,
    *,
    signatory: Signatory,
    attachments: list[Attachment],
    reason: str,
    made_at: datetime,
) -> bytes:
    """Attach the files and sign the whole; any later change breaks the signature (DocMDP 1)."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    for attachment in attachments:
        _attach(writer, attachment, made_at)
    signer = signers.SimpleSigner.load_pkcs12_data(signatory.archive, other_certs=[])
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        reason=reason,
        name=signatory.name,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    signed = signers.PdfSigner(metadata, signer).sign_pdf(writer)
    return bytes(signed.getbuffer())


def report_certificates(directory: Path) -> list[Any]:
    """The certificates of ``report.crt``: the present one, and those of keys that were replaced.

    Raises :class:`KeyMissingError` if it is absent or not readable.
    """
    path = directory / CERTIFICATE_FILE
    try:
        found = list(load_certs_from_pemder_data(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise KeyMissingError(f"certificate file {path} cannot be read: {error}") from error
    if not found:
        raise KeyMissingError(f"certificate file {path} holds no certificate")
    return found


def signature_holds(pdf: bytes, *, trusted: list[Any], at: datetime | None) -> bool:
    """Whether a PDF bears one signature, by a trusted certificate, over the whole file.

    ``at`` is when it was signed: a certificate that expired since has not lied then.
    """
    context = ValidationContext(trust_roots=trusted, allow_fetching=False, moment=at)
    try:
        (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        status = validate_pdf_signature(signature, context)
    except Exception:  # a stranger's file may break its reader in any way
        logger.info("a file that was given as a report cannot be validated", exc_info=True)
        return False
    return bool(status.bottom_line and status.coverage == SignatureCoverageLevel.ENTIRE_FILE)


def _attach(writer: IncrementalPdfFileWriter, attachment: Attachment, made_at: datetime) -> None:
    embedded = EmbeddedFileObject.from_file_data(
        writer,
        data=attachment.content,
        mime_type=attachment.mime,
        params=EmbeddedFileParams(creation_date=made_at, modification_date=made_at),
    )
    embed_file(
        writer,
        FileSpec(
            file_spec_string=attachment.name,
            file_name=attachment.name,
            embedded_data=embedded,
            description=attachment.description,
            af_relationship=pdf_name("/Supplement"),
        ),
    )
