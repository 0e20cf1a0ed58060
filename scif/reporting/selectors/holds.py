"""What of a report holds: the journal's own word about its making, the file, the signatures."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from django.conf import settings

from scif.journal import verifier
from scif.journal.models import Checkpoint, Entry, Outbox, Signer
from scif.journal.selectors.bundle import NotSigned, bundle
from scif.kernel.keys import KeyMissingError
from scif.reporting.kit.sign import report_certificates, signature_holds
from scif.reporting.models import Report, ReportFile
from scif.reporting.rules.states import ReportState

# What the entry of the making says, and the field of the record that must say the same.
_SAID = {
    "reference": "reference",
    "about": "subject_reference",
    "sha256": "sha256",
    "code": "code",
    "checkpoint_size": "checkpoint_size",
    "entries": "entries",
}


class Told(StrEnum):
    """What the journal says of the record: the same, something else, nothing any more or yet."""

    AGREES = "agrees"
    DIFFERS = "differs"
    ERASED = "erased"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Making:
    """The journal's entry of a report's making, proven to a signed checkpoint."""

    position: int
    at: datetime
    facility: str | None
    body: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of the file that was signed; empty where the text is erased."""
        return str(self.body.get("sha256", ""))


@dataclass(frozen=True, slots=True)
class Holds:
    """What of a report holds now. None: it was not checked, or there is nothing to check it with.

    ``signature`` and ``journal`` speak of the checkpoint, ``told`` of the record against the
    journal, ``file`` of the stored file against the journal's digest, ``signed`` of the PDF's own
    signature, ``same_file`` of a file that somebody holds.
    """

    signature: bool
    journal: bool
    told: Told
    making: Making | None
    file: bool | None
    signed: bool | None
    same_file: bool | None = None

    @property
    def all(self) -> bool:
        """Whether everything that was checked holds, and nothing but a file at hand was not."""
        checks = (self.signature, self.journal, self.told is Told.AGREES, self.file, self.signed)
        return all(checks) and self.same_file is not False

    @property
    def altered(self) -> bool:
        """Whether somebody changed the record or the stored file past the system."""
        return self.told is Told.DIFFERS or self.file is False


def report_holds(report: Report, *, held: bytes | None = None) -> Holds:
    """Check a made report.

    INVARIANT: the digest is the journal's, proven to a signed checkpoint, never the record's, which
    whoever has the web role's password may write.
    """
    keys = [verifier.read_key(vkey) for vkey in Signer.objects.values_list("vkey", flat=True)]
    told, making, sound = report_told(report)
    file = ReportFile.objects.filter(report=report).first()
    content = bytes(file.content) if file else b""
    digest = making.digest if making else ""
    return Holds(
        signature=verifier.signed_by(report.checkpoint, keys),
        journal=sound and _stands(report.checkpoint),
        told=told,
        making=making,
        file=sha256(content).hexdigest() == digest if digest else None,
        signed=_signed(content if held is None else held, making.at if making else None),
        same_file=sha256(held).hexdigest() == digest if digest and held is not None else None,
    )


def report_told(report: Report) -> tuple[Told, Making | None, bool]:
    """What the journal says of a report's making, that entry, and whether the journal holds there.

    The first entry counts: whoever can write the record can have another one journaled behind it,
    which then is a difference.
    """
    made = Entry.objects.filter(
        kind="report.made", subject_type=report._meta.label_lower, subject_id=str(report.pk)
    )
    positions = list(made.order_by("position").values_list("position", flat=True)[:2])
    if not positions:
        waits = Outbox.objects.filter(header__contains=str(report.pk)).exists()
        return (Told.WAITS if waits else Told.DIFFERS), None, True
    try:
        lines = bundle(positions[:1]).data.decode().splitlines()
    except NotSigned:
        return Told.WAITS, None, True
    except verifier.Fault:
        return Told.DIFFERS, None, False
    row = json.loads(lines[1])
    header, body = json.loads(row["header"]), json.loads(row["body"] or "{}")
    at = datetime.fromisoformat(header["occurred_at"])
    making = Making(row["position"], at, header["facility"], body)
    if len(positions) > 1 or header["facility"] != str(report.facility_id):
        return Told.DIFFERS, making, True
    if not making.digest:
        return Told.ERASED, making, True
    # An entry of before may say less; the digest it always says.
    said = [(body[word], getattr(report, field)) for word, field in _SAID.items() if word in body]
    same = all(journal == record for journal, record in said)
    agrees = same and report.state == ReportState.MADE
    return (Told.AGREES if agrees else Told.DIFFERS), making, True


def _stands(checkpoint: str) -> bool:
    """Whether the journal here has the checkpoint's root at its size."""
    try:
        head = verifier.read_head(checkpoint)
    except verifier.Fault:
        return False
    stored = Checkpoint.objects.filter(size=head.size).first()
    return stored is not None and bytes(stored.root) == head.root


def _signed(content: bytes, at: datetime | None) -> bool | None:
    """Whether the PDF bears a signature of this installation; None without its certificate."""
    try:
        trusted = report_certificates(settings.KEY_DIR)
    except KeyMissingError:
        return None
    return signature_holds(content, trusted=trusted, at=at)
