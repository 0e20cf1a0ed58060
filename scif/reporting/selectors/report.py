"""Reports that an actor may see, and what a verification code proves."""

from dataclasses import dataclass
from hashlib import sha256

from django.db.models import QuerySet

from scif.journal import verifier
from scif.journal.models import Checkpoint, Signer
from scif.kernel.actor import Actor
from scif.people.access import visible
from scif.reporting.models import Report
from scif.reporting.permissions import MAKE_REPORT
from scif.reporting.rules.code import code_read
from scif.reporting.rules.states import ReportState


def reports_visible(actor: Actor) -> QuerySet[Report]:
    """The reports of the facilities where the actor may make reports."""
    reports = Report.objects.select_related("facility", "marking", "requested_by__person")
    return visible(reports, actor, MAKE_REPORT)


def reports_waiting() -> list[Report]:
    """What was asked for and not made yet, the oldest first."""
    return list(Report.objects.filter(state=ReportState.REQUESTED).order_by("requested_at"))


def reports_by_code(typed: str) -> list[Report]:
    """The made reports that bear a code, as a person typed it; empty for anything else."""
    code = code_read(typed)
    if code is None:
        return []
    made = Report.objects.filter(state=ReportState.MADE, code=code)
    return list(made.select_related("facility"))


@dataclass(frozen=True, slots=True)
class Holds:
    """What of a report holds now: its file, its checkpoint's signature, the journal under it.

    ``same_file``: whether a file that somebody holds is this one, byte for byte; None without one.
    """

    file: bool
    signature: bool
    journal: bool
    same_file: bool | None = None

    @property
    def all(self) -> bool:
        """Whether everything that was checked holds."""
        return self.file and self.signature and self.journal and self.same_file is not False


def report_holds(report: Report, *, held: bytes | None = None) -> Holds:
    """Check a made report: stored file against its hash, checkpoint against keys and journal."""
    keys = [verifier.read_key(vkey) for vkey in Signer.objects.values_list("vkey", flat=True)]
    head = verifier.read_head(report.checkpoint)
    stored = Checkpoint.objects.filter(size=head.size).first()
    return Holds(
        file=sha256(bytes(report.file.content)).hexdigest() == report.sha256,
        signature=verifier.signed_by(report.checkpoint, keys),
        journal=stored is not None and bytes(stored.root) == head.root,
        same_file=None if held is None else sha256(held).hexdigest() == report.sha256,
    )
