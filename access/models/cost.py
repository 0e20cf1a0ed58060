"""What a room costs: named sets of figures, kept beside each other to be compared."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.rules.cost import ScenarioKind
from scif.facilities.models import Facility, Record

KIND_WORDS = {
    ScenarioKind.OWN_ROOM: _("own room"),
    ScenarioKind.SHARED: _("shared room"),
    ScenarioKind.ROUND_THE_CLOCK: _("round the clock"),
    ScenarioKind.TEMPORARY: _("temporary room"),
    ScenarioKind.LAPTOP_ONLY: _("laptop only"),
}


class CostScenario(Record):
    """A way to house audits at a facility, with its figures. Off the list, it stays on record.

    ``inputs`` maps each key of ``access/rules/cost/inputs.py`` to its value (a decimal as text),
    its source and its day. ``version`` counts the changes, so that nobody overwrites another's.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="cost_scenarios")
    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(
        _("kind"), max_length=20, choices=[(kind.value, KIND_WORDS[kind]) for kind in ScenarioKind]
    )
    inputs = models.JSONField(_("figures"))
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"))
    changed_at = models.DateTimeField(_("changed at"))
    retired_at = models.DateTimeField(_("taken off the list at"), null=True, blank=True)

    class Meta:
        verbose_name = _("cost scenario")
        verbose_name_plural = _("cost scenarios")
        ordering = ["facility", "created_at", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "name"],
                condition=models.Q(retired_at=None),
                name="cost_scenario_name_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in ScenarioKind]),
                name="cost_scenario_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(version__gte=1), name="cost_scenario_version_counts"
            ),
        ]

    def __str__(self) -> str:
        return self.name
