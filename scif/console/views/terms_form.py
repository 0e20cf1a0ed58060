"""The form of an engagement's terms for laptops: begun with what holds, or what the policy says."""

import json
from contextlib import suppress
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from access.rules.facts import PolicyIncomplete
from access.selectors.facts_place import policy_facts
from scif.console.views.officer_forms import RecordForm
from terminals.selectors.terms import terms_in_force

_PROPOSED = {
    "rate_bytes": "terms_rate_bytes",
    "burst_bytes": "terms_burst_bytes",
    "channels": "terms_channels",
}


class HarnessPolicyField(forms.JSONField):
    """The lab's part of a policy as indented JSON; empty where there is none."""

    def __init__(self, **options: Any) -> None:
        attrs = {"rows": 8, "class": "mono", "spellcheck": "false", "autocomplete": "off"}
        super().__init__(widget=forms.Textarea(attrs=attrs), **options)

    def prepare_value(self, value: Any) -> Any:
        """As an officer reads it."""
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


class TermsForm(RecordForm):
    """Where an engagement's sessions lead, and how much may pass."""

    harness_host = forms.CharField(label=_("Harness, host"), max_length=253)
    harness_port = forms.IntegerField(label=_("Harness, port"), min_value=1, max_value=65_535)
    egress_bytes = forms.IntegerField(
        label=_("Own budget, bytes"),
        min_value=1,
        required=False,
        help_text=_("Empty: the policy's share of the weights."),
    )
    rate_bytes = forms.IntegerField(label=_("Most bytes a second"), min_value=1)
    burst_bytes = forms.IntegerField(label=_("Most bytes at once"), min_value=1)
    channels = forms.IntegerField(label=_("Channels at once"), min_value=1, max_value=1_000)
    harness_policy = HarnessPolicyField(
        label=_("Policy at the harness"),
        required=False,
        help_text=_("The lab's part, as JSON. Empty: no adapter stands before its harness."),
    )
    two_persons = forms.BooleanField(label=_("Two people in the room"), required=False)
    moderated = forms.BooleanField(label=_("Moderated by the sponsor"), required=False)
    offsite = forms.BooleanField(label=_("Use at registered places"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in _begun(self.record).items():
            self.fields[name].initial = value


def _begun(engagement: Engagement) -> dict[str, Any]:
    """The terms in force; without any, what the policy of the first room's facility proposes."""
    terms = terms_in_force(engagement.pk)
    if terms is not None:
        return {name: getattr(terms, name) for name in TermsForm.base_fields}
    areas = engagement.areas.select_related("facility__policy").order_by("name")
    area = areas.first()
    if area is None:
        return {}
    policy, found = policy_facts(area.facility), {}
    for name, key in _PROPOSED.items():
        with suppress(PolicyIncomplete):
            found[name] = policy.number(key)
    return found
