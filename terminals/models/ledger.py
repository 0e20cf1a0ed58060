"""The bytes that left, of every engagement and model: only ever more."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models import Engagement, ModelAsset
from scif.facilities.models import Facility, Record
from terminals.models.place import RegisteredPlace
from terminals.models.session import Session


class EgressKind(models.TextChoices):
    """What bytes are of.

    UNACCOUNTED: let through or promised by the bastion, and in no session's count. OVERRUN: had
    passed when the budget became smaller.
    """

    SESSION = "session", _("session")
    EXPORT = "export", _("export")
    UNACCOUNTED = "unaccounted", _("unaccounted for")
    OVERRUN = "overrun", _("overrun")


class EgressLedger(Record):
    """Bytes debited from the budgets of an engagement and of its model, both ways together.

    ``reference`` names what they are of: a session or an export, by its identifier; ``place`` is
    the registered place that they left at, whose budget is smaller. INVARIANT: a row never changes
    or goes, and but for OVERRUN, which says so, a trigger takes none that would pass the
    engagement's, the place's or the model's budget (docs/egress.md).
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="egress")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="egress")
    asset = models.ForeignKey(ModelAsset, models.PROTECT, related_name="egress")
    kind = models.CharField(_("kind"), max_length=12, choices=EgressKind)
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="egress"
    )
    place = models.ForeignKey(
        RegisteredPlace, models.PROTECT, null=True, blank=True, related_name="egress"
    )
    reference = models.CharField(_("reference"), max_length=60)
    bytes = models.PositiveBigIntegerField(_("bytes"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("egress")
        verbose_name_plural = _("egress")
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["engagement", "kind"], name="egress_of_engagement"),
            models.Index(fields=["asset"], name="egress_of_asset"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(bytes__gt=0), name="egress_of_something"),
            models.CheckConstraint(
                condition=~models.Q(kind="session") | models.Q(session__isnull=False),
                name="egress_of_a_session",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engagement.reference}: {self.bytes}"
