"""What laptops' TPMs were asked and what they answered."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scif.people.admin.base import ScopedAdmin, ScopedFilter
from terminals.models import Attestation
from terminals.rules.attestation_wording import PROOF, proof_words


class RefusedFilter(admin.SimpleListFilter):
    """By why a proof was refused, in words."""

    title = _("because")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every reason that there can be."""
        return [(why.value, gettext(words)) for why, words in PROOF.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Attestation]
    ) -> QuerySet[Attestation]:
        """Those that were refused so."""
        return queryset.filter(reason=self.value()) if self.value() else queryset


@admin.register(Attestation)
class AttestationAdmin(ScopedAdmin[Attestation]):
    view_permission = "terminals.view_terminal"
    list_display = ("terminal", "asked_at", "outcome", "because", "decided_at", "image")
    list_filter = (("terminal", ScopedFilter), "outcome", RefusedFilter)
    search_fields = ("terminal__asset_tag", "nonce")
    list_select_related = ("terminal", "image")
    exclude = ("reason", "quote", "signature")
    readonly_fields = ("because", "quote_hex", "signature_hex")
    empty_text = _("No laptop was asked.")

    @admin.display(description=_("because"), ordering="reason")
    def because(self, attestation: Attestation) -> str:
        """Why it is refused, in words."""
        return gettext(proof_words(attestation.reason)) if attestation.reason else "-"

    @admin.display(description=_("quote"), empty_value="-")
    def quote_hex(self, attestation: Attestation) -> str:
        """As the TPM gave it."""
        return bytes(attestation.quote).hex()

    @admin.display(description=_("signature"), empty_value="-")
    def signature_hex(self, attestation: Attestation) -> str:
        """As the TPM gave it."""
        return bytes(attestation.signature).hex()
