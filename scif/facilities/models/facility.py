"""Facilities and their areas, zones and portals."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models.base import Record
from scif.facilities.models.policy import PolicyProfile
from scif.facilities.models.scheme import Caveat, Compartment, Level


class AreaKind(models.TextChoices):
    """Kinds of accredited space (ICD 705 technical specifications; AI side: lab practice)."""

    OPEN_STORAGE = "open_storage", _("open storage")
    CLOSED_STORAGE = "closed_storage", _("closed storage")
    CONTINUOUS_OPERATION = "continuous_operation", _("continuous operation")
    SWA = "swa", _("secure working area")
    TSWA = "tswa", _("temporary secure working area")
    T_SCIF = "t_scif", _("temporary SCIF")
    CA = "ca", _("compartmented area")
    READING_ROOM = "reading_room", _("reading room")
    RED_ZONE = "red_zone", _("red zone")
    WEIGHT_ENCLAVE = "weight_enclave", _("weight enclave")


class OfflineRule(models.TextChoices):
    """What an area's doors do when they have not heard the centre for longer than the policy's age.

    The words of the rule book's own (access/rules/facts/place.py).
    """

    DENY = "deny", _("deny: nobody enters")
    ENFORCE = "enforce", _("enforce: decide in full by what was last told")
    ALLOW_AND_FLAG = (
        "allow_and_flag",
        _("allow and flag: the same, and a person looks at it"),
    )


class AntiPassback(models.TextChoices):
    """What becomes of somebody who is counted inside and shows the badge outside once more."""

    HARD = "hard", _("hard: refused")
    SOFT = "soft", _("soft: admitted and flagged")
    TIMED = "timed", _("timed: refused for some minutes, then admitted and flagged")


class Facility(Record):
    """A building or part of one under one security management.

    Times on screens are in ``time_zone``; ``marking`` is the highest level that its screens show.
    """

    facility_path = "pk"

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=40, default="UTC")
    sid = models.BooleanField(_("security in depth"), default=False)
    policy = models.ForeignKey(PolicyProfile, models.PROTECT, related_name="facilities")
    marking = models.ForeignKey(Level, models.PROTECT, related_name="+")
    next_post = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("next post"),
        help_text=_("Its desk is told of a duress code here, which this desk never is."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=10,
        default="USD",
        help_text=_("As its costs are written: a code or a sign. Nothing is converted."),
    )
    floor_plan = models.JSONField(_("floor-plan geometry"), default=dict, blank=True)

    class Meta:
        verbose_name = _("facility")
        verbose_name_plural = _("facilities")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Area(Record):
    """An accredited space with a label, or an unclassified one without (a lobby).

    ``hours`` are the opening hours by weekday, ``{"mon": ["08:00", "18:00"], …}``, local time.
    ``swept_after_use`` closes the area after each use until a sweep passes. ``two_person``: nobody
    may be alone inside (R45). ``temporary_since`` is the first day of use of a temporary working
    area, whose hours and months are limited (R5).
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="areas")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    code = models.SlugField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=30, choices=AreaKind)
    temporary_since = models.DateField(
        _("temporary since"),
        null=True,
        blank=True,
        help_text=_(
            "The first day of use of a temporary secure working area: without it nobody books the "
            "area. The policy profile says for how long and how many hours a month it is used."
        ),
    )
    level = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, related_name="areas")
    compartments = models.ManyToManyField(Compartment, blank=True, related_name="areas")
    caveats = models.ManyToManyField(Caveat, blank=True, related_name="areas")
    capacity = models.PositiveSmallIntegerField(_("capacity"), validators=[MinValueValidator(1)])
    hours = models.JSONField(_("opening hours"), default=dict, blank=True)
    bookable = models.BooleanField(_("bookable"), default=True)
    swept_after_use = models.BooleanField(_("swept after each use"), default=True)
    two_person = models.BooleanField(_("two-person rule"), default=False)
    offline_rule = models.CharField(
        _("when its doors are cut off"),
        max_length=20,
        choices=OfflineRule,
        default=OfflineRule.DENY,
        help_text=_("Once what they were last told is older than the policy's limit."),
    )

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["facility", "name"]
        constraints = [
            models.UniqueConstraint(fields=["facility", "code"], name="area_code_once"),
            models.CheckConstraint(
                condition=models.Q(capacity__gte=1),
                name="area_has_places",
                violation_error_message=_("An area has room for one person at least."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility.name} / {self.name}"

    def clean(self) -> None:
        """INVARIANT: no area lies in itself: what holds of one holds of all that lies in it."""
        above, known = self.parent, {self.pk}
        while above is not None:
            if above.pk in known:
                words = _("%(area)s would lie in itself. Choose an area that does not lie in it.")
                raise ValidationError({"parent": words % {"area": self.name}})
            known.add(above.pk)
            above = above.parent


class Zone(Record):
    """The space whose occupants are counted; written only by the gateway that owns its portals.

    An empty ``anti_passback``, and no minutes for the timed kind, leave it to the policy profile.
    ``first_person_in``: nobody enters before somebody who may open the zone is inside. ``minimum``
    is how many must remain as long as anybody does; zero asks for nothing.
    """

    facility_path = "area__facility"

    area = models.ForeignKey(Area, models.PROTECT, related_name="zones")
    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    anti_passback = models.CharField(
        _("anti-passback"),
        max_length=10,
        choices=AntiPassback,
        blank=True,
        help_text=_(
            "What becomes of a badge shown to enter while its holder is counted inside. Hard: "
            "refused until the desk forgives it. Timed: refused for the minutes below. Soft: let "
            "in, and told. Leaving is never refused. Empty: as the policy profile says."
        ),
    )
    anti_passback_minutes = models.PositiveSmallIntegerField(
        _("anti-passback, minutes"),
        null=True,
        blank=True,
        help_text=_(
            "For the timed kind: how long after an entry the same badge is refused. Empty: as the "
            "policy profile says (anti_passback_minutes)."
        ),
    )
    first_person_in = models.BooleanField(
        _("first person in"),
        default=False,
        help_text=_(
            "While nobody is inside, only somebody who may open the zone is let in; the others "
            "wait. Who may open it, the policy profile says (first_person_bases)."
        ),
    )
    minimum = models.PositiveSmallIntegerField(
        _("least number of people inside"),
        default=0,
        help_text=_(
            "An alarm is raised when somebody leaves and fewer than these remain, unless nobody "
            "does. Nobody is kept from leaving, and nobody from entering. 0 asks for nothing; the "
            "two-person rule of the area holds beside it."
        ),
    )

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Portal(Record):
    """A door with what decides about it: it leads into ``zone``.

    ``pulse_tenths`` (tenths of a second) is how long the device holds the strike; the contact must
    be shut again after ``held_seconds``. Of the portals that carry the same ``interlock`` only one
    lets people in at a time (mantrap); all of them belong to one gateway.
    INVARIANT: leaving is never refused (rule R29).
    """

    facility_path = "zone__area__facility"

    zone = models.ForeignKey(Zone, models.PROTECT, related_name="portals")
    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    pulse_tenths = models.PositiveSmallIntegerField(_("strike pulse, tenths of a second"))
    held_seconds = models.PositiveSmallIntegerField(_("held-open limit, seconds"))
    has_contact = models.BooleanField(_("has a door contact"), default=True)
    pin_required = models.BooleanField(_("badge and PIN"), default=True)
    interlock = models.SlugField(
        _("interlock group"),
        max_length=30,
        blank=True,
        help_text=_(
            "A word of your own, the same at each door of the group: while one of them is not "
            "known to be shut, nobody enters by another. Leaving stays free. A group of one door "
            "does nothing; the policy profile adds nothing."
        ),
    )

    class Meta:
        verbose_name = _("portal")
        verbose_name_plural = _("portals")
        ordering = ["code"]

        constraints = [
            models.CheckConstraint(
                condition=models.Q(pulse_tenths__gte=1, held_seconds__gte=1),
                name="portal_opens",
                violation_error_message=_(
                    "A strike is held for a tenth of a second at least, and a door may stand open "
                    "for a second."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}, {self.name}"


class LockerBank(Record):
    """A bank of lockers behind one board, outside the area that its visitors enter."""

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="locker_banks")
    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    columns = models.PositiveSmallIntegerField(_("columns"))

    class Meta:
        verbose_name = _("locker bank")
        verbose_name_plural = _("locker banks")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class LockerPurpose(models.TextChoices):
    """What a locker is for: a visitor is never given one that keeps a laptop."""

    BELONGINGS = "belongings", _("visitors' belongings")
    TERMINAL = "terminal", _("a laptop")


class Locker(Record):
    """One locker; ``lock`` is the board's lock number, from zero."""

    facility_path = "bank__facility"

    bank = models.ForeignKey(LockerBank, models.PROTECT, related_name="lockers")
    number = models.CharField(_("number on the door"), max_length=10)
    lock = models.PositiveSmallIntegerField(_("lock on the board"))
    purpose = models.CharField(
        _("for"), max_length=10, choices=LockerPurpose, default=LockerPurpose.BELONGINGS
    )
    in_service = models.BooleanField(_("in service"), default=True)

    class Meta:
        verbose_name = _("locker")
        verbose_name_plural = _("lockers")
        ordering = ["bank", "lock"]
        constraints = [
            models.UniqueConstraint(fields=["bank", "number"], name="locker_number_once"),
            models.UniqueConstraint(fields=["bank", "lock"], name="locker_lock_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bank.code}-{self.number}"
