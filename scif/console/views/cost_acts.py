"""What an officer does with a cost scenario beside changing its figures."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from access.models import CostScenario
from access.selectors.cost import CHANGE
from access.services import cost
from scif.console.forms.cost import CopyForm
from scif.console.views.officer_act import Act
from scif.console.views.officer_forms import NothingForm


def _listed(record: CostScenario) -> bool:
    return record.retired_at is None


COST_ACTS: Sequence[Act] = (
    Act(
        "cost-copy",
        CostScenario,
        CHANGE,
        _("Copy the scenario…"),
        _("The copy has the same figures with their sources; this one stays as it is."),
        lambda record, data, actor: cost.cost_scenario_copy(
            scenario_id=record.pk, name=data["name"], actor=actor
        ),
        _listed,
        CopyForm,
        danger=False,
        adds=True,
    ),
    Act(
        "cost-retire",
        CostScenario,
        CHANGE,
        _("Take the scenario off the list…"),
        _("It is compared no more and cannot be put back; it stays on record."),
        lambda record, data, actor: cost.cost_scenario_retire(scenario_id=record.pk, actor=actor),
        _listed,
        NothingForm,
    ),
)
