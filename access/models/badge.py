"""Badges and PINs: what a person presents at a door."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models.visit import Visit
from scif.facilities.models import Facility, Record
from scif.people.models import Person


class BadgeKind(models.TextChoices):
    """Whose badge it is; the kind is printed on its face."""

    VISITOR = "visitor", _("visitor")
    STAFF = "staff", _("staff")
    GUARD = "guard", _("guard")


class Badge(Record):
    """A card. States: ``access/rules/states.py`` (credential).

    ``number_sha256`` is the hex digest of the random number that the gateway wrote onto it; the
    number itself is known to the card and, while it reads, to a gateway, never to the centre.
    ``found_at`` and ``found_where`` tell of the last time that it was lost and found.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="badges")
    code = models.CharField(_("printed number"), max_length=20)
    kind = models.CharField(_("kind"), max_length=10, choices=BadgeKind)
    state = models.CharField(_("state"), max_length=20, default="blank")
    uid = models.CharField(_("chip"), max_length=20, blank=True)
    number_sha256 = models.CharField(max_length=64, blank=True)
    found_at = models.DateTimeField(_("last found at"), null=True, blank=True)
    found_where = models.CharField(_("where it was found"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("badge")
        verbose_name_plural = _("badges")
        ordering = ["facility", "code"]
        constraints = [
            models.UniqueConstraint(fields=["facility", "code"], name="badge_code_once"),
            models.UniqueConstraint(
                fields=["number_sha256"],
                condition=~models.Q(number_sha256=""),
                name="badge_number_once",
                violation_error_message=_("Another badge has this number."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class BadgeAssignment(Record):
    """A badge in somebody's hand, from issue to return."""

    facility_path = "badge__facility"

    badge = models.ForeignKey(Badge, models.PROTECT, related_name="assignments")
    person = models.ForeignKey(Person, models.PROTECT, related_name="badges")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="badges")
    issued_at = models.DateTimeField(_("issued at"))
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True)

    class Meta:
        verbose_name = _("badge assignment")
        verbose_name_plural = _("badge assignments")
        ordering = ["-issued_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["badge"],
                condition=models.Q(returned_at=None),
                name="badge_held_once",
                violation_error_message=_("Somebody holds this badge already."),
            ),
            models.UniqueConstraint(
                fields=["visit"],
                condition=models.Q(returned_at=None),
                name="visit_badge_once",
                violation_error_message=_("A badge is issued for this visit already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.badge}: {self.person}"


class Pin(Record):
    """A person's PIN at a facility, as a keyed HMAC whose key lies outside the database (R24).

    ``duress_verifier`` is that of a second PIN, for whoever asked for one: it opens alike and calls
    for help.
    """

    facility_path = "facility"

    person = models.ForeignKey(Person, models.PROTECT, related_name="pins")
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="pins")
    verifier = models.CharField(max_length=64)
    duress_verifier = models.CharField(max_length=64, blank=True)
    set_at = models.DateTimeField(_("set at"))
    set_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("set by")
    )

    class Meta:
        verbose_name = _("PIN")
        verbose_name_plural = _("PINs")
        constraints = [
            models.UniqueConstraint(fields=["person", "facility"], name="pin_once"),
            models.CheckConstraint(
                condition=~models.Q(duress_verifier=models.F("verifier")), name="pins_differ"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)
