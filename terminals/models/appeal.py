"""Who looks at an engagement's items for the lab, who decides disputes, and how they did."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from scif.facilities.models import Record
from scif.people.models import Person
from terminals.models.airlock import AirlockItem, AirlockVersion


class Part(models.TextChoices):
    """What somebody is named for."""

    LAB = "lab", _("checks for the lab")
    APPEAL = "appeal", _("appeal body")


class AirlockReviewer(Record):
    """A person whom an engagement names for its airlock.

    The sponsor's officer names who checks for the lab beside himself, of his own organisation. For
    the appeal body one side names and the other confirms; its people are of neither. Whoever is
    no longer named is no longer here; what he decided stays.
    """

    facility_path = "engagement__areas__facility"
    own_path = ("engagement__sponsor__officer", "engagement__members__person")

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="airlock_reviewers")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    part = models.CharField(_("part"), max_length=8, choices=Part)
    named_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    named_at = models.DateTimeField(_("named at"))
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reviewer of an airlock")
        verbose_name_plural = _("reviewers of airlocks")
        ordering = ["engagement", "part", "named_at"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "person"], name="airlock_reviewer_once"),
            models.CheckConstraint(
                condition=models.Q(part__in=Part.values), name="airlock_reviewer_part"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None)
                | ~models.Q(confirmed_by=models.F("named_by")),
                name="airlock_reviewer_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_part_display()}, {self.engagement.reference}"


class AppealOutcome(models.TextChoices):
    """How an appeal ended."""

    UPHELD = "upheld", _("upheld: it may be released")
    DISMISSED = "dismissed", _("dismissed: it stays rejected")


class Appeal(Record):
    """The author's appeal against a rejection; one an item.

    ``version`` is what was rejected. INVARIANT: it is decided by two votes that agree, of people
    named for it, none of them author or checker; a decided one never changes.
    """

    facility_path = "item__facility"

    item = models.OneToOneField(AirlockItem, models.PROTECT, related_name="appeal")
    version = models.ForeignKey(AirlockVersion, models.PROTECT, related_name="+")
    lodged_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    lodged_at = models.DateTimeField(_("lodged at"))
    statement = models.CharField(_("statement"), max_length=1_000)
    outcome = models.CharField(_("outcome"), max_length=10, choices=AppealOutcome, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["-lodged_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="", decided_at=None)
                | models.Q(outcome__in=AppealOutcome.values, decided_at__isnull=False),
                name="appeal_decided_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.reference}, {self.lodged_at:%d %b %H:%M}"


class AppealVote(Record):
    """One vote of the appeal body, with its reason. INVARIANT: it never changes or goes."""

    facility_path = "appeal__item__facility"

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="votes")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    upholds = models.BooleanField(_("upholds the appeal"))
    reason = models.CharField(_("reason"), max_length=1_000)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("vote on an appeal")
        verbose_name_plural = _("votes on appeals")
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["appeal", "person"], name="appeal_vote_once"),
        ]

    def __str__(self) -> str:
        return f"{self.appeal}: {self.upholds}"
