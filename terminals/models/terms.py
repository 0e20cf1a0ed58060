"""What lab and facility agreed on for the laptops of an engagement."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from access.models.engagement import approval_words
from scif.facilities.models import Record
from scif.people.models import Person
from terminals.models.constraints import approved_by_another
from terminals.rules.harness_host import is_one_host


class EngagementTerms(Record):
    """One version of an engagement's terms for sessions: where they lead and how much may pass.

    ``egress_bytes`` is the engagement's own budget, both ways and exports together, where the
    mandate gives less than the policy's share of the weights; for a collection without weights it
    is the budget. ``harness_policy`` is the lab's part of what the adapter before its harness lets
    through (``terminals/rules/harness_policy.py``); without one there is no adapter that the centre
    tells anything. ``moderated``: nobody but the sponsor's people works without one of them at a
    laptop beside him. ``offsite``: laptops may be used at registered places. INVARIANT: a version
    never changes; it is in force from the second of two approvals, the lab's and the facility's,
    neither by whoever proposed it, until the next one is.
    """

    facility_path = "engagement__areas__facility"
    own_path = "engagement__sponsor__officer"

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="terms")
    harness_host = models.CharField(_("harness, host"), max_length=253)
    harness_port = models.PositiveIntegerField(
        _("harness, port"), validators=[MinValueValidator(1), MaxValueValidator(65_535)]
    )
    egress_bytes = models.PositiveBigIntegerField(_("own budget, bytes"), null=True, blank=True)
    rate_bytes = models.PositiveBigIntegerField(
        _("most bytes a second"), validators=[MinValueValidator(1)]
    )
    burst_bytes = models.PositiveBigIntegerField(
        _("most bytes at once"), validators=[MinValueValidator(1)]
    )
    channels = models.PositiveSmallIntegerField(
        _("channels at once"), validators=[MinValueValidator(1), MaxValueValidator(1_000)]
    )
    harness_policy = models.JSONField(_("policy at the harness"), null=True, blank=True)
    two_persons = models.BooleanField(_("two people in the room"), default=False)
    moderated = models.BooleanField(_("moderated by the sponsor"), default=False)
    offsite = models.BooleanField(_("use at registered places"), default=False)
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed at"))
    lab_approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    facility_approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    in_force_at = models.DateTimeField(_("in force from"), null=True, blank=True)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("terms of an engagement")
        verbose_name_plural = _("terms of engagements")
        ordering = ["engagement", "-proposed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement"],
                condition=models.Q(in_force_at__isnull=False, ended_at=None),
                name="terms_in_force_once",
                violation_error_message=_("Terms are in force for this engagement already."),
            ),
            models.UniqueConstraint(
                fields=["engagement"],
                condition=models.Q(in_force_at=None, ended_at=None),
                name="terms_proposed_once",
                violation_error_message=_("Terms are proposed for this engagement already."),
            ),
            models.CheckConstraint(
                condition=models.Q(in_force_at=None)
                | (
                    models.Q(lab_approved_by__isnull=False, facility_approved_by__isnull=False)
                    & ~models.Q(lab_approved_by=models.F("facility_approved_by"))
                ),
                name="terms_approved_by_two",
                violation_error_message=_(
                    "Terms are in force once the lab and the facility have approved them."
                ),
            ),
            approved_by_another(
                "lab_approved_by", "proposed_by", "terms_approved_by_another_for_lab"
            ),
            approved_by_another(
                "facility_approved_by", "proposed_by", "terms_approved_by_another_for_facility"
            ),
            models.CheckConstraint(
                condition=models.Q(harness_port__range=(1, 65_535)),
                name="terms_port",
                violation_error_message=_("A port is a number from 1 to 65535."),
            ),
        ]

    def clean(self) -> None:
        """The bastion leads there, and nowhere else: it must be one host."""
        if not is_one_host(self.harness_host):
            words = _("This is neither a host's name nor the address of one host.")
            raise ValidationError({"harness_host": words})

    def __str__(self) -> str:
        return f"{self.engagement.reference}, {self.harness_host}:{self.harness_port}"

    @property
    def waits(self) -> str:
        """The approvals that proposed ones lack."""
        return approval_words(self, self) if self.ended_at is None else ""
