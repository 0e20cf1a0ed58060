"""Standing orders of two people: a door held open, a door's alarm shunted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hardware.models.wire import Command
from hardware.rules.standing import OPEN, StandingState
from scif.facilities.models import Portal, Record
from scif.people.models import Person


class StandingVerb(models.TextChoices):
    """What of a door stands otherwise for a while; the words are the gateway's verbs."""

    HOLD = "door_hold", _("Hold open")
    SHUNT = "door_shunt", _("Shunt the alarm")


class StandingStatus(models.TextChoices):
    """The states of ``hardware.rules.standing`` in words."""

    REQUESTED = StandingState.REQUESTED.value, _("Waits for a second person")
    ORDERED = StandingState.ORDERED.value, _("Ordered")
    STANDING = StandingState.STANDING.value, _("Stands")
    ENDED = StandingState.ENDED.value, _("Ended")
    LAPSED = StandingState.LAPSED.value, _("Lapsed")
    FAILED = StandingState.FAILED.value, _("Not carried out")


class StandingOrder(Record):
    """A request of one person, confirmed by another, to hold or shunt a door for some minutes.

    INVARIANT: who confirmed it is not who requested it, and a door has one open order a verb.
    """

    facility_path = "portal__zone__area__facility"

    portal = models.ForeignKey(Portal, models.PROTECT, related_name="standing_orders")
    verb = models.CharField(_("what"), max_length=12, choices=StandingVerb)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(
        _("state"), max_length=10, choices=StandingStatus, default=StandingStatus.REQUESTED
    )
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(_("requested at"))
    lapses_at = models.DateTimeField(_("lapses at"))
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    command = models.OneToOneField(
        Command, models.PROTECT, null=True, blank=True, related_name="standing_order"
    )
    until = models.DateTimeField(_("until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_why = models.CharField(_("ended because"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("standing order")
        verbose_name_plural = _("standing orders")
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["portal", "verb"],
                condition=models.Q(state__in=[state.value for state in sorted(OPEN)]),
                name="standing_order_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None)
                | ~models.Q(confirmed_by=models.F("requested_by")),
                name="standing_order_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.portal}"
