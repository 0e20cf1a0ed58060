"""What laptops' TPMs were asked and what they answered."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from scif.people.admin.base import ScopedAdmin, ScopedFilter
from terminals.models import Attestation


@admin.register(Attestation)
class AttestationAdmin(ScopedAdmin[Attestation]):
    view_permission = "terminals.view_terminal"
    list_display = ("terminal", "asked_at", "outcome", "reason", "decided_at", "image")
    list_filter = (("terminal", ScopedFilter), "outcome", "reason")
    search_fields = ("terminal__asset_tag", "nonce")
    list_select_related = ("terminal", "image")
    exclude = ("quote", "signature")
    readonly_fields = ("quote_hex", "signature_hex")
    empty_text = _("No laptop was asked.")

    @admin.display(description=_("quote"), empty_value="-")
    def quote_hex(self, attestation: Attestation) -> str:
        """As the TPM gave it."""
        return bytes(attestation.quote).hex()

    @admin.display(description=_("signature"), empty_value="-")
    def signature_hex(self, attestation: Attestation) -> str:
        """As the TPM gave it."""
        return bytes(attestation.signature).hex()
