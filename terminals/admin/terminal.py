"""Laptops, the seals on them, the images they boot."""

from hashlib import sha256

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scif.kernel.clock import now
from scif.people.admin.base import ScopedAdmin, ScopedFilter
from terminals.models import BootImage, Heartbeat, Seal, Terminal
from terminals.rules.states import TerminalState
from terminals.selectors.attestation import attestation_fresh
from terminals.selectors.image import boot_image_valid
from terminals.selectors.terminal import custody_of, holder_of, seals_of, stay_of

VIEW = "terminals.view_terminal"


@admin.register(Terminal)
class TerminalAdmin(ScopedAdmin[Terminal]):
    view_permission = VIEW
    list_display = ("asset_tag", "state", "state_since", "where", "image", "facility")
    list_filter = (("facility", ScopedFilter), "state", ("image", ScopedFilter))
    search_fields = ("asset_tag", "serial", "seals__number", "custodies__person__name")
    list_select_related = ("facility", "image", "locker__bank")
    exclude = ("attestation_key",)
    readonly_fields = (
        *("holder", "quarantined", "seal_numbers", "attested", "heard"),
        "attestation_key_shown",
    )
    empty_text = _("No laptop is enrolled. Propose a boot image on the facility's page first.")

    @admin.display(description=_("where"))
    def where(self, terminal: Terminal) -> str:
        """In whose hands, in which locker, or that nobody has put one down."""
        custody = custody_of(terminal)
        if custody is not None and custody.place is not None:
            told = {"name": custody.person, "place": custody.place}
            return gettext("%(name)s at %(place)s") % told
        if custody is not None:
            return str(custody.person)
        if terminal.state == TerminalState.LOST:
            return gettext("nobody knows")
        return str(terminal.locker or gettext("under an officer's key"))

    @admin.display(description=_("in the hands of"))
    def holder(self, terminal: Terminal) -> str:
        """Who has it now."""
        return str(holder_of(terminal) or "-")

    @admin.display(description=_("quarantined because"))
    def quarantined(self, terminal: Terminal) -> str:
        """Why it is in quarantine, and who put it there."""
        stay = stay_of(terminal)
        if stay is None:
            return "-"
        told = {"why": stay.reason, "who": stay.placed_by or gettext("the system")}
        return gettext("%(why)s (%(who)s)") % told

    @admin.display(description=_("seals"))
    def seal_numbers(self, terminal: Terminal) -> str:
        """The numbers on record, each with its place."""
        return "; ".join(map(str, seals_of(terminal))) or "-"

    @admin.display(description=_("attested"))
    def attested(self, terminal: Terminal) -> str:
        """Whether it has proved lately what it runs."""
        fresh = attestation_fresh(terminal, now())
        if fresh is None or fresh.decided_at is None:
            return gettext("Has not proved what it runs")
        return gettext("Since %(time)s") % {"time": f"{localtime(fresh.decided_at):%d %b %H:%M}"}

    @admin.display(description=_("last heard"))
    def heard(self, terminal: Terminal) -> str:
        """When its agent last spoke."""
        last = Heartbeat.objects.filter(terminal=terminal).first()
        return f"{localtime(last.heard_at):%d %b %H:%M:%S}" if last else "-"

    @admin.display(description=_("attestation key"))
    def attestation_key_shown(self, terminal: Terminal) -> SafeString:
        """Its fingerprint, to be compared by eye; the public area as the TPM gives it on demand."""
        key = bytes(terminal.attestation_key)
        digest = sha256(key).hexdigest()
        return format_html(
            '<span class="hash">SHA-256 {}</span><details><summary>{}</summary>'
            '<span class="hash">{}</span></details>',
            " ".join(digest[at : at + 8] for at in range(0, len(digest), 8)),
            gettext("The whole key"),
            key.hex(),
        )


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
