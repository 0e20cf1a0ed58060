"""The airlock: what leaves a room, what comes to its harness, and who looked at it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from scif.facilities.models import Facility, Record
from scif.people.models import Person
from terminals.models.image import SHA256


class Direction(models.TextChoices):
    """Which way an item goes: out of the room, or in to the harness."""

    EXPORT = "export", _("export")
    INTAKE = "intake", _("intake")


class Kind(models.TextChoices):
    """What the bytes are, told from the bytes; a name says nothing."""

    TEXT = "text", _("text")
    IMAGE = "image", _("image")
    DOCUMENT = "document", _("document (PDF)")
    ARCHIVE = "archive", _("archive, not opened")
    PROGRAM = "program", _("program")
    OTHER = "other", _("other bytes")


class Side(models.TextChoices):
    """For whom a checker checks."""

    LAB = "lab", _("lab")
    FACILITY = "facility", _("facility")


class Verdict(models.TextChoices):
    """What a checker says of a sealed version."""

    APPROVE = "approve", _("approved")
    CHANGES = "changes", _("changes asked")
    REJECT = "reject", _("rejected")


class Ground(models.TextChoices):
    """The closed list of security grounds: nothing is sent back for another (docs/airlock.md).

    That a finding embarrasses, is wrong, or is commercially unwelcome is none of them.
    """

    WEIGHTS = "weights", _("weights, or what they could be rebuilt from")
    INTERNALS = "internals", _("how the model is built or trained, beyond what is public")
    UPLIFT = "uplift", _("knowledge that helps to do grave harm")
    WEAKNESS = "weakness", _("an open weakness of the lab's or the facility's security")
    CLASSIFIED = "classified", _("marked or compartmented matter")
    PERSONAL = "personal", _("data about people who are no part of the audit")
    HIDDEN = "hidden", _("content that is hidden or cannot be judged")
    MALICIOUS = "malicious", _("code that does harm or more than it says")


class AirlockItem(Record):
    """One thing that is to leave (an export) or to come in (an intake).

    States: ``terminals/rules/airlock_states.py``. INVARIANT: a trigger releases nothing that two
    people other than its author did not approve byte for byte, one of them of the lab, or the
    appeal body in their place, and no export whose bytes the ledger does not hold.
    """

    facility_path = "facility"
    own_path = (
        "engagement__members__person",
        "engagement__sponsor__officer",
        "engagement__airlock_reviewers__person",
    )

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    direction = models.CharField(_("way"), max_length=8, choices=Direction)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="airlock_items")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="airlock_items")
    author = models.ForeignKey(Person, models.PROTECT, related_name="airlock_items")
    title = models.CharField(_("title"), max_length=120)
    state = models.CharField(_("state"), max_length=10, default="draft")
    state_since = models.DateTimeField(_("since"))
    version = models.ForeignKey(
        "AirlockVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    due_at = models.DateTimeField(_("answer due"), null=True, blank=True)
    overdue = models.BooleanField(_("answer overdue"), default=False)
    released_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("airlock item")
        verbose_name_plural = _("airlock items")
        ordering = ["-state_since"]
        indexes = [
            models.Index(fields=["engagement", "state"], name="airlock_of_engagement"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(direction__in=Direction.values), name="airlock_direction"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("draft", "withdrawn"))
                | models.Q(version__isnull=False),
                name="airlock_sealed_with_a_version",
            ),
            models.CheckConstraint(
                condition=models.Q(released_by=None) | ~models.Q(released_by=models.F("author")),
                name="airlock_released_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}, {self.title}"


class AirlockVersion(Record):
    """The bytes of an item at one time, by their hash; sealed, they are what is checked.

    ``name`` is what the file was called, for people to read; no path is made of it. INVARIANT: a
    version never changes but for its sealing. Approvals are of a version, so other bytes have none.
    """

    facility_path = "item__facility"

    item = models.ForeignKey(AirlockItem, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    name = models.CharField(_("name of the file"), max_length=120)
    sha256 = models.CharField(_("SHA-256"), max_length=64, validators=[SHA256])
    bytes = models.PositiveBigIntegerField(_("bytes"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    context = models.TextField(_("stated context"), max_length=2_000, blank=True)
    made_at = models.DateTimeField(_("made at"))
    sealed_at = models.DateTimeField(_("sealed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("version of an airlock item")
        verbose_name_plural = _("versions of airlock items")
        ordering = ["item", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="airlock_version_once"),
            models.CheckConstraint(
                condition=models.Q(bytes__gt=0), name="airlock_version_of_something"
            ),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="airlock_version_hash"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=Kind.values), name="airlock_version_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(sealed_at=None) | ~models.Q(context=""),
                name="airlock_sealed_with_context",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.reference}, {self.number}"


class AirlockCheck(Record):
    """What one person says of one sealed version. INVARIANT: it never changes or goes.

    ``inspection`` of an intake says what it was searched with and what that found. A verdict other
    than approval names a ground of the closed list, and says where in the item.
    """

    facility_path = "version__item__facility"

    version = models.ForeignKey(AirlockVersion, models.PROTECT, related_name="checks")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    side = models.CharField(_("for"), max_length=8, choices=Side)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict)
    ground = models.CharField(_("ground"), max_length=12, choices=Ground, blank=True)
    reason = models.CharField(_("reason"), max_length=1_000, blank=True)
    inspection = models.CharField(_("inspection"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("check in the airlock")
        verbose_name_plural = _("checks in the airlock")
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["version", "person"], name="airlock_check_once"),
            models.CheckConstraint(
                condition=models.Q(side__in=Side.values, verdict__in=Verdict.values),
                name="airlock_check_words",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="approve", ground="")
                | (
                    models.Q(verdict__in=("changes", "reject"), ground__in=Ground.values)
                    & ~models.Q(reason="")
                ),
                name="airlock_check_on_a_ground",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_verdict_display()}"
