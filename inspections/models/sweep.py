"""The search of a room for devices left behind."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Area, Record
from scif.people.models import Person


class Sweep(Record):
    """A device sweep after a use (scif-domain §6). While one is due, nobody but sweepers enters.

    ``cause`` is the reference of the visit that made it due. States: ``inspections/rules``.
    """

    facility_path = "area__facility"

    area = models.ForeignKey(Area, models.PROTECT, related_name="sweeps")
    state = models.CharField(_("state"), max_length=20, default="due")
    cause = models.CharField(_("cause"), max_length=40)
    due_since = models.DateTimeField(_("due since"))
    sweeper = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="sweeps"
    )
    second = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="sweeps_seconded"
    )
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    items_found = models.JSONField(_("items found"), default=list, blank=True)
    seals = models.JSONField(_("seal numbers"), default=list, blank=True)

    class Meta:
        verbose_name = _("sweep")
        verbose_name_plural = _("sweeps")
        ordering = ["-due_since"]
        constraints = [
            models.UniqueConstraint(
                fields=["area"],
                condition=models.Q(state__in=["due", "in_progress"]),
                name="sweep_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(second=None) | ~models.Q(second=models.F("sweeper")),
                name="sweep_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area}, {self.due_since:%d %b %H:%M}"
