"""Reports: what was asked for, what came of it, and the signed file."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Facility, Level, Record
from scif.reporting.rules.states import ReportState


class ReportKind(models.TextChoices):
    """What a report is about; each kind has a maker (``scif.reporting.makers``)."""

    VISIT = "visit", _("visit record")
    COST = "cost", _("cost of a room")
    ENGAGEMENT = "engagement", _("use of an engagement")
    EGRESS = "egress", _("egress of an engagement")


class ReportStep(models.TextChoices):
    """How far the worker is with a requested report."""

    WAITING = "waiting", _("Waiting for the worker")
    SETTLING = "settling", _("Waiting for the journal's signature")
    DRAWING = "drawing", _("Drawing and signing")


class Report(Record):
    """A report. States: ``scif/reporting/rules/states.py``.

    INVARIANT: a made report has a file, its SHA-256, its verification code and the journal
    checkpoint that it stands on, and none of them changes. ``subject_reference`` is what people
    call its subject; ``marking`` is the highest level that it shows.
    """

    facility_path = "facility"

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=ReportKind)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="reports")
    subject_type = models.CharField(_("subject's type"), max_length=60)
    subject_id = models.UUIDField(_("subject"))
    subject_reference = models.CharField(_("about"), max_length=40)
    paper = models.CharField(_("paper"), max_length=10)
    state = models.CharField(_("state"), max_length=20, default=ReportState.REQUESTED.value)
    step = models.CharField(
        _("step"), max_length=20, choices=ReportStep, default=ReportStep.WAITING
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="reports"
    )
    requested_at = models.DateTimeField(_("requested at"))
    made_at = models.DateTimeField(_("made at"), null=True, blank=True)
    marking = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, related_name="+")
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    code = models.CharField(_("verification code"), max_length=19, blank=True, db_index=True)
    checkpoint = models.TextField(_("checkpoint"), blank=True)
    checkpoint_size = models.BigIntegerField(_("entries at the checkpoint"), null=True, blank=True)
    entries = models.PositiveIntegerField(_("entries proven"), default=0)
    failure = models.CharField(_("why it failed"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "facility", "paper"],
                condition=models.Q(state="requested"),
                name="report_requested_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="made")
                | ~(models.Q(sha256="") | models.Q(code="") | models.Q(made_at=None)),
                name="report_made_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class ReportFile(Record):
    """The signed PDF. In the database, so that web and worker need no common disk and a backup
    holds it; in a table of its own, so that lists do not read it.
    """

    facility_path = "report__facility"

    report = models.OneToOneField(Report, models.PROTECT, related_name="file")
    content = models.BinaryField(_("file"))

    class Meta:
        verbose_name = _("report's file")
        verbose_name_plural = _("reports' files")

    def __str__(self) -> str:
        return str(self.report)
