"""The form of an engagement's terms for laptops: begun with what holds, or what the policy says."""

from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from access.rules.facts import PolicyIncomplete
from access.selectors.facts_place import policy_facts
from scif.console.forms.harness_policy import HarnessPolicyField
from scif.console.views.officer_forms import RecordForm
from scif.kernel.errors import FieldRefused
from scif.kernel.figures import grouped, measured
from terminals.models import EngagementTerms
from terminals.rules.budget import MOST_BYTES
from terminals.rules.harness_policy import policy_part
from terminals.selectors.ledger import budget_bound
from terminals.selectors.terms import terms_in_force
from terminals.services.terms import own_budget_require

_PROPOSED = {
    "rate_bytes": "terms_rate_bytes",
    "burst_bytes": "terms_burst_bytes",
    "channels": "terms_channels",
}


class BytesField(forms.IntegerField):
    """A number of bytes that somebody can have meant."""

    def __init__(self, **otherwise: Any) -> None:
        super().__init__(min_value=1, **otherwise)

    def clean(self, value: Any) -> int | None:
        """Not more than there can be, in a figure that can be read."""
        found: int | None = super().clean(value)
        if found is not None and found > MOST_BYTES:
            words = gettext("At most %(most)s bytes (%(measured)s).")
            told = {"most": grouped(MOST_BYTES), "measured": measured(MOST_BYTES)}
            raise ValidationError(words % told)
        return found


class TermsForm(RecordForm):
    """Where an engagement's sessions lead, and how much may pass."""

    harness_host = forms.CharField(label=_("Harness, host"), max_length=253)
    harness_port = forms.IntegerField(label=_("Harness, port"), min_value=1, max_value=65_535)
    egress_bytes = BytesField(label=_("Own budget, bytes"), required=False)
    rate_bytes = BytesField(label=_("Most bytes a second"))
    burst_bytes = BytesField(label=_("Most bytes at once"))
    channels = forms.IntegerField(label=_("Channels at once"), min_value=1, max_value=1_000)
    harness_policy = HarnessPolicyField(
        label=_("Policy at the harness"),
        required=False,
        help_text=_("What the adapter before the lab's harness lets through."),
    )
    two_persons = forms.BooleanField(label=_("Two people in the room"), required=False)
    moderated = forms.BooleanField(label=_("Moderated by the sponsor"), required=False)
    offsite = forms.BooleanField(label=_("Use at registered places"), required=False)
    # The terms whose policy the fields began with: others may be in force once it is sent.
    begun = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        holds = terms_in_force(self.record.pk)
        for name, value in _begun(self.record, holds).items():
            self.fields[name].initial = value
        if self.is_bound:
            holds = _terms(self.record, self.data.get("begun", ""))
        self.fields["begun"].initial = holds.pk if holds else None
        policy = self.fields["harness_policy"]
        if isinstance(policy, HarnessPolicyField):
            policy.begin(holds.harness_policy if holds else None, partial(_judge, self.record))
        self.fields["egress_bytes"].help_text = _bound_words(self.record)

    def clean_egress_bytes(self) -> int | None:
        """Not more than counts, in the words of the service."""
        own: int | None = self.cleaned_data["egress_bytes"]
        try:
            own_budget_require(self.record, own)
        except FieldRefused as refused:
            raise ValidationError(f"{refused.message} {refused.remedy}") from refused
        return own

    def clean(self) -> dict[str, Any]:
        """Without what only the form needs. A policy that was never shown does not go unsaid."""
        data = super().clean() or {}
        unseen = self.fields["begun"].initial is None and not self.data.get("harness_policy_pasted")
        if unseen and terms_in_force(self.record.pk) is not None:
            words = _("Terms have come into force since this form was opened. Look at them first.")
            raise ValidationError(words)
        data.pop("begun", None)
        return data


def _judge(engagement: Engagement, part: object) -> None:
    """Raises PolicyError, as the adapter would; None says that there is none."""
    if part is not None:
        policy_part(engagement.reference, engagement.kind, part, engagement.valid_until)


def _bound_words(engagement: Engagement) -> str:
    bound = budget_bound(engagement)
    if bound is None:
        return gettext("What is studied has no weights: this is all that may leave.")
    return gettext("Empty: the policy's share of the weights, %(most)s bytes (%(measured)s).") % {
        "most": grouped(bound.most),
        "measured": measured(bound.most),
    }


def _terms(engagement: Engagement, text: str) -> EngagementTerms | None:
    """The engagement's terms of that identifier; a version never changes."""
    try:
        return EngagementTerms.objects.filter(engagement=engagement, pk=UUID(text)).first()
    except ValueError:
        return None


def _begun(engagement: Engagement, terms: EngagementTerms | None) -> dict[str, Any]:
    """The terms in force; without any, what the policy of the first room's facility proposes."""
    if terms is not None:
        names = set(TermsForm.base_fields) - {"begun", "harness_policy"}
        return {name: getattr(terms, name) for name in names}
    areas = engagement.areas.select_related("facility__policy").order_by("name")
    area = areas.first()
    if area is None:
        return {}
    policy, found = policy_facts(area.facility), {}
    for name, key in _PROPOSED.items():
        with suppress(PolicyIncomplete):
            found[name] = policy.number(key)
    return found
