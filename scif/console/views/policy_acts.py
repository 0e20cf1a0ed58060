"""What an officer does with a policy profile besides publishing its next version."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from access.selectors.policy import CHANGE
from access.services.policy_draft import policy_copy
from scif.console.views.officer_act import Act
from scif.console.views.officer_forms import ReasonForm
from scif.facilities.models import PolicyProfile


class CopyForm(ReasonForm):
    """The new profile's own code and title."""

    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("Decisions are recorded under it for good, for example site-b/1."),
    )
    title = forms.CharField(label=_("Title"), max_length=120)
    field_order = ("code", "title", "reason")


POLICY_ACTS: Sequence[Act] = (
    Act(
        "policy-copy",
        PolicyProfile,
        CHANGE,
        _("Copy as a new profile…"),
        _(
            "The copy has every value of this version and is a draft. It is in force nowhere until "
            "it is published and a facility is given it."
        ),
        lambda record, data, actor: policy_copy(profile_id=record.pk, actor=actor, **data),
        form=CopyForm,
        danger=False,
        adds=True,
    ),
)
