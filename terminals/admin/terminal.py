"""Laptops, the seals on them, the images they boot."""

from django.contrib import admin
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scif.kernel.clock import now
from scif.people.admin.base import ScopedAdmin, ScopedFilter
from terminals.models import BootImage, Heartbeat, Seal, Terminal
from terminals.selectors.attestation import attestation_fresh
from terminals.selectors.image import boot_image_valid
from terminals.selectors.terminal import holder_of, seals_of

VIEW = "terminals.view_terminal"


@admin.register(Terminal)
class TerminalAdmin(ScopedAdmin[Terminal]):
    view_permission = VIEW
    list_display = ("asset_tag", "state", "state_since", "facility", "image", "locker", "holder")
    list_filter = (("facility", ScopedFilter), "state", ("image", ScopedFilter))
    search_fields = ("asset_tag", "serial", "seals__number", "custodies__person__name")
    list_select_related = ("facility", "image", "locker__bank")
    exclude = ("attestation_key",)
    readonly_fields = ("holder", "seal_numbers", "attested", "heard", "attestation_key_hex")
    empty_text = _("No laptop is enrolled. Propose a boot image on the facility's page first.")

    @admin.display(description=_("in the hands of"), empty_value="-")
    def holder(self, terminal: Terminal) -> str | None:
        """Who has it now."""
        person = holder_of(terminal)
        return str(person) if person else None

    @admin.display(description=_("seals"), empty_value="-")
    def seal_numbers(self, terminal: Terminal) -> str | None:
        """The numbers on record, each with its place."""
        return "; ".join(map(str, seals_of(terminal))) or None

    @admin.display(description=_("attested"))
    def attested(self, terminal: Terminal) -> str:
        """Whether a quote holds now."""
        fresh = attestation_fresh(terminal, now())
        if fresh is None or fresh.decided_at is None:
            return gettext("No quote holds")
        return gettext("Since %(time)s") % {"time": f"{localtime(fresh.decided_at):%d %b %H:%M}"}

    @admin.display(description=_("last heard"), empty_value="-")
    def heard(self, terminal: Terminal) -> str | None:
        """When its agent last spoke."""
        last = Heartbeat.objects.filter(terminal=terminal).first()
        return f"{localtime(last.heard_at):%d %b %H:%M:%S}" if last else None

    @admin.display(description=_("attestation key"))
    def attestation_key_hex(self, terminal: Terminal) -> str:
        """The public area as the TPM gives it."""
        return bytes(terminal.attestation_key).hex()


@admin.register(BootImage)
class BootImageAdmin(ScopedAdmin[BootImage]):
    view_permission = VIEW
    list_display = (
        *("name", "version", "state", "facility", "first_approver", "second_approver"),
        "withdrawn_at",
    )
    list_filter = (("facility", ScopedFilter), "state")
    search_fields = ("name", "version", "image_sha256")
    list_select_related = ("facility", "first_approver", "second_approver")
    exclude = ("signature",)
    readonly_fields = ("signed",)
    empty_text = _("No boot image is on record.")

    @admin.display(description=_("signature"))
    def signed(self, image: BootImage) -> str:
        """Whether it says what two people approved."""
        return gettext("Valid") if boot_image_valid(image) else gettext("None that is valid")


@admin.register(Seal)
class SealAdmin(ScopedAdmin[Seal]):
    view_permission = VIEW
    list_display = ("number", "place", "terminal", "applied_at", "removed_at", "removed_why")
    list_filter = (("terminal", ScopedFilter), ("removed_at", admin.EmptyFieldListFilter))
    search_fields = ("number", "terminal__asset_tag")
    list_select_related = ("terminal",)
    empty_text = _("No seal is on record.")
