"""Emergency response: who may be called, what was declared, who came and was debriefed (R20)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.alarms.models import Alarm
from scif.facilities.models import Area, Facility, Record
from scif.people.models import Person


class Responder(Record):
    """A member of a facility's response force: in an emergency his badge opens every door at once.

    It is no right of entry by itself.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="responders")
    person = models.ForeignKey(Person, models.PROTECT, related_name="responder")
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))

    class Meta:
        verbose_name = _("responder")
        verbose_name_plural = _("responders")
        ordering = ["facility", "person"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("valid_from")),
                name="responder_ends_after_start",
                violation_error_message=_("It ends before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.facility}"


class Emergency(Record):
    """An emergency that names its incident. Two people declare it before any door opens by it.

    It lets responders in from ``confirmed_at`` until ``ends_at`` at the latest, or until it is
    ended; it is closed when it has ended and everybody who came was debriefed.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="emergencies")
    reference = models.CharField(_("reference"), max_length=20, unique=True)
    alarm = models.ForeignKey(Alarm, models.PROTECT, null=True, blank=True, related_name="+")
    incident = models.CharField(_("incident"), max_length=200)
    declared_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(_("declared at"))
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at the latest"), null=True, blank=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("emergency")
        verbose_name_plural = _("emergencies")
        ordering = ["-declared_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility"],
                condition=models.Q(ended_at=None),
                name="emergency_once",
                violation_error_message=_("An emergency is open here already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(confirmed_by=models.F("declared_by")),
                name="emergency_declared_by_two",
                violation_error_message=_("Who declared the emergency cannot confirm it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.incident}"


class Response(Record):
    """One responder in one emergency: his basis of entry, and his debrief afterwards."""

    facility_path = "emergency__facility"

    emergency = models.ForeignKey(Emergency, models.PROTECT, related_name="responses")
    person = models.ForeignKey(Person, models.PROTECT, related_name="responses")
    entered_at = models.DateTimeField(_("entered at"), null=True, blank=True)
    areas = models.ManyToManyField(Area, blank=True, related_name="+")
    debriefed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    debriefed_at = models.DateTimeField(_("debriefed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        ordering = ["emergency", "person"]
        constraints = [
            models.UniqueConstraint(fields=["emergency", "person"], name="response_once"),
            models.CheckConstraint(
                condition=~models.Q(debriefed_by=models.F("person")),
                name="response_debriefed",
                violation_error_message=_("Nobody debriefs himself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.emergency.reference}"
