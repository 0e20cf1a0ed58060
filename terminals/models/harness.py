"""What the adapters before the labs' harnesses are told, and whether they have it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from scif.facilities.models import Record
from terminals.models.terms import EngagementTerms


class HarnessPolicy(Record):
    """One version of an engagement's policy, for the adapter at one host.

    ``document`` is what the adapter is given (docs/harness-adapter.md); without ``terms`` it stops
    everything. ``confirmed_at``: the adapter has it, durably. ``spent`` are queries, tokens and
    bits of the engagement, as an adapter told them last at ``heard_at``. INVARIANT: a document
    never changes; of an engagement's at one host only the newest one is not replaced.
    """

    facility_path = "engagement__areas__facility"
    own_path = "engagement__sponsor__officer"

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="harness_policies")
    terms = models.ForeignKey(
        EngagementTerms, models.PROTECT, null=True, blank=True, related_name="harness_policies"
    )
    host = models.CharField(_("harness, host"), max_length=253)
    version = models.PositiveIntegerField(_("version"))
    document = models.JSONField(_("policy"))
    made_at = models.DateTimeField(_("made at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    replaced_at = models.DateTimeField(_("replaced at"), null=True, blank=True)
    spent = models.JSONField(_("spent"), default=dict, blank=True)
    heard_at = models.DateTimeField(_("heard at"), null=True, blank=True)
    alarmed = models.BooleanField(_("alarm raised"), default=False)

    class Meta:
        verbose_name = _("policy at a harness")
        verbose_name_plural = _("policies at harnesses")
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "version"], name="harness_policy_version_once"
            ),
            models.UniqueConstraint(
                fields=["engagement", "host"],
                condition=models.Q(replaced_at=None),
                name="harness_policy_newest_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engagement.reference}, {self.host}, {self.version}"
