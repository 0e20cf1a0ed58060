"""The granting authority's decision that an interim clearance reaches compartments (R36)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access.models import Eligibility, EligibilityStatus
from access.services import clearance
from access.services.grant import grant_ask
from scif.console.views.officer_act import Act
from scif.console.views.officer_forms import AskForm
from scif.kernel.actor import Actor


class AcceptanceForm(AskForm):
    """The decision as the authority's letter states it."""

    acceptance = forms.CharField(
        label=_("Decision"), max_length=80, help_text=_("Its reference: number and date.")
    )
    accepted_by = forms.CharField(label=_("Granting authority"), max_length=120)
    accepted_on = forms.DateField(
        label=_("Decided on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    field_order = ("acceptance", "accepted_by", "accepted_on", "at", "reason")


def _accept(record: Eligibility, data: Mapping[str, Any], actor: Actor) -> object:
    given = {name: data[name] for name in clearance.ACCEPTANCE}
    return grant_ask(
        service=clearance.eligibility_accept,
        given={"eligibility_id": record.pk, **given},
        reason=data["reason"],
        at=data.get("at"),
        actor=actor,
    )


CLEARANCE_ACTS: Sequence[Act] = (
    Act(
        "clearance-accept",
        Eligibility,
        clearance.CHANGE,
        _("Accept it for compartments…"),
        _(
            "While it is interim it reaches compartments only by a decision of the granting "
            "authority, which lies before you. Another officer confirms it; doors learn of it then."
        ),
        _accept,
        lambda record: record.status == EligibilityStatus.INTERIM and record.accepted_on is None,
        AcceptanceForm,
        danger=False,
    ),
    Act(
        "clearance-accept-end",
        Eligibility,
        clearance.CHANGE,
        _("End its acceptance for compartments…"),
        _("The interim clearance reaches no compartment any more. Doors learn of it at once."),
        lambda record, data, actor: clearance.eligibility_accept_end(
            eligibility_id=record.pk, reason=data["reason"], actor=actor
        ),
        lambda record: (
            record.status == EligibilityStatus.INTERIM and record.accepted_on is not None
        ),
    ),
)
