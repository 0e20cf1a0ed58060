"""The mandate: who may study what, where, until when, on whose word."""

from typing import Protocol
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from access.rules.states import EngagementState
from scif.facilities.models import Area, Compartment, Level, Record
from scif.people.models import Organisation, Person


class Sponsor(Record):
    """An organisation that opens its material to auditors and answers for it."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="sponsor")
    officer = models.ForeignKey(Person, models.PROTECT, related_name="sponsored")

    class Meta:
        verbose_name = _("sponsor")
        verbose_name_plural = _("sponsors")

    def __str__(self) -> str:
        return str(self.organisation)


class ModelAsset(Record):
    """A model or document collection under study. ``weight_bytes`` bounds what may ever leave."""

    sponsor = models.ForeignKey(Sponsor, models.PROTECT, related_name="assets")
    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    weight_bytes = models.PositiveBigIntegerField(_("bytes of weights"), default=0)
    security_level = models.PositiveSmallIntegerField(_("RAND security level, 1 to 5"), default=1)

    class Meta:
        verbose_name = _("model asset")
        verbose_name_plural = _("model assets")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(security_level__range=(1, 5)),
                name="asset_security_level",
                violation_error_message=_("The security level is a number from 1 to 5."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccessKind(models.TextChoices):
    """How deep an audit looks (arXiv 2401.14446)."""

    BLACK_BOX = "black_box", _("black-box")
    GREY_BOX = "grey_box", _("grey-box")
    WHITE_BOX = "white_box", _("white-box")
    OUTSIDE_THE_BOX = "outside_the_box", _("outside-the-box")
    DOCUMENTS = "documents", _("documents")


class Engagement(Record):
    """A mandate. Its label is that of the material shown; states in ``access/rules/states.py``."""

    facility_path = "areas__facility"
    own_path = ("members__person", "sponsor__officer")

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    title = models.CharField(_("title"), max_length=160)
    sponsor = models.ForeignKey(Sponsor, models.PROTECT, related_name="engagements")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="engagements")
    kind = models.CharField(_("access kind"), max_length=20, choices=AccessKind)
    asset = models.ForeignKey(ModelAsset, models.PROTECT, related_name="engagements")
    level = models.ForeignKey(Level, models.PROTECT, related_name="+")
    compartments = models.ManyToManyField(Compartment, blank=True, related_name="+")
    areas = models.ManyToManyField(Area, related_name="engagements")
    state = models.CharField(_("state"), max_length=20, default="draft")
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))
    lab_approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    facility_approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("engagement")
        verbose_name_plural = _("engagements")
        ordering = ["reference"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("valid_from")),
                name="engagement_ends_after_start",
                violation_error_message=_("The engagement ends before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}, {self.title}"

    @property
    def waits(self) -> str:
        """The approvals that a proposed one lacks."""
        open_now = self.state == EngagementState.PROPOSED
        return approval_words(self, self) if open_now else ""


class Approvals(Protocol):
    """What lab and facility approve, each by a person of its own."""

    lab_approved_by_id: UUID | None
    facility_approved_by_id: UUID | None


def approval_words(given: Approvals, what: object) -> str:
    """What such a record still waits for; empty where both have approved."""
    lab, facility = given.lab_approved_by_id, given.facility_approved_by_id
    if lab and facility:
        return ""
    if facility:
        words = _now("Waits for the lab's approval: %(what)s. Until then nothing changes.")
    elif lab:
        words = _now("Waits for the facility's approval: %(what)s. Until then nothing changes.")
    else:
        words = _now("Waits for the lab and the facility: %(what)s. Until then nothing changes.")
    return words % {"what": what}


class EngagementMember(Record):
    """A person whom the mandate names; nobody else can be booked under it."""

    facility_path = "engagement__areas__facility"
    own_path = "person"

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    lead = models.BooleanField(_("lead"), default=False)

    class Meta:
        verbose_name = _("member of an engagement")
        verbose_name_plural = _("members of engagements")
        constraints = [
            models.UniqueConstraint(fields=["engagement", "person"], name="member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.engagement.reference}"
