"""What the adapters before the labs' harnesses are told."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from scif.people.admin.base import ScopedAdmin
from terminals.models import HarnessPolicy
from terminals.rules.harness_policy import amounts
from terminals.views.policy_words import policy_drawn, spent_words

VIEW_ENGAGEMENT = "access.view_engagement"


@admin.register(HarnessPolicy)
class HarnessPolicyAdmin(ScopedAdmin[HarnessPolicy]):
    view_permission = VIEW_ENGAGEMENT
    list_display = (
        *("engagement", "host", "version", "made_at", "confirmed_at", "replaced_at"),
        *("used", "heard_at"),
    )
    list_filter = (
        ("confirmed_at", admin.EmptyFieldListFilter),
        ("replaced_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("engagement__reference", "host")
    list_select_related = ("engagement",)
    exclude = ("alarmed", "document", "spent")
    readonly_fields = ("used", "policy")
    empty_text = _("No harness is told anything: no terms name a policy for one.")

    @admin.display(description=_("spent"))
    def used(self, policy: HarnessPolicy) -> str:
        """How much of each cap, as the adapter last told."""
        return spent_words(amounts(policy.spent))

    @admin.display(description=_("policy"))
    def policy(self, policy: HarnessPolicy) -> SafeString | str:
        """What the adapter lets through, as tables."""
        return policy_drawn(policy.document)
