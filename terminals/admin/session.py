"""Sessions, the terms that they stand on, what was asked and what left."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.admin.inline import PartMixin, Rows
from scif.kernel.figures import measured
from scif.people.admin.base import ScopedAdmin, ScopedFilter
from terminals.models import (
    EgressLedger,
    EngagementTerms,
    Session,
    SessionModerator,
    SessionRequest,
)
from terminals.rules.session_endings import ending_words
from terminals.selectors.ledger import budget_bound
from terminals.views.policy_words import policy_drawn
from terminals.views.terms_words import budget_words

VIEW = "terminals.view_terminal"
VIEW_ENGAGEMENT = "access.view_engagement"


class Moderators(PartMixin, Rows[SessionModerator, Session]):
    model = SessionModerator
    fk_name = "session"
    fields = ("moderator", "since", "until")


class EndingFilter(admin.SimpleListFilter):
    """By why a session ended, in words."""

    title = _("because")
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The reasons there are among those one sees."""
        found = model_admin.get_queryset(request).exclude(why="").order_by("why")
        codes = found.values_list("why", flat=True).distinct()
        return [(code, gettext(ending_words(code))) for code in codes]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        """Those that ended so."""
        return queryset.filter(why=self.value()) if self.value() else queryset


@admin.register(Session)
class SessionAdmin(ScopedAdmin[Session]):
    view_permission = VIEW
    list_display = (
        *("person", "terminal", "area", "place", "engagement", "state", "because", "granted_at"),
        *("ended_at", "bytes_up", "bytes_down"),
    )
    list_filter = (("area", ScopedFilter), "state", EndingFilter)
    search_fields = ("person__name", "terminal__asset_tag", "engagement__reference", "grant_id")
    list_select_related = ("person", "terminal", "area", "place", "engagement")
    exclude = ("alarmed",)
    inlines = (Moderators,)
    empty_text = _("No session was granted.")

    @admin.display(description=_("because"), ordering="why")
    def because(self, session: Session) -> str:
        """Why it ended, or is held, as a sentence."""
        return gettext(ending_words(session.why)) if session.why else "-"


@admin.register(SessionRequest)
class SessionRequestAdmin(ScopedAdmin[SessionRequest]):
    view_permission = VIEW
    list_display = ("at", "terminal", "person", "granted", "reasons")
    list_filter = (("terminal", ScopedFilter), "granted")
    search_fields = ("terminal__asset_tag", "person__name")
    list_select_related = ("terminal", "person")
    exclude = ("credential", "pin")
    empty_text = _("Nobody has asked for a session.")

    @admin.display(description=_("because"))
    def reasons(self, request: SessionRequest) -> str:
        """Every reason against it."""
        return "; ".join(each["message"] for each in request.objections) or "-"


@admin.register(EngagementTerms)
class EngagementTermsAdmin(ScopedAdmin[EngagementTerms]):
    view_permission = VIEW_ENGAGEMENT
    list_display = (
        *("engagement", "harness_host", "harness_port", "budget", "rate"),
        *("proposed_at", "in_force_at", "ended_at"),
    )
    list_filter = (("in_force_at", admin.EmptyFieldListFilter),)
    search_fields = ("engagement__reference", "harness_host")
    list_select_related = ("engagement__asset",)
    exclude = ("harness_policy",)
    readonly_fields = ("policy",)
    empty_text = _("No terms were proposed. Propose them on the engagement's page.")

    @admin.display(description=_("own budget"), ordering="egress_bytes")
    def budget(self, terms: EngagementTerms) -> str:
        """In the unit that fits, and what of it counts."""
        return budget_words(terms, budget_bound(terms.engagement))

    @admin.display(description=_("most a second"), ordering="rate_bytes")
    def rate(self, terms: EngagementTerms) -> str:
        """In the unit that fits."""
        return measured(terms.rate_bytes)

    @admin.display(description=_("policy at the harness"))
    def policy(self, terms: EngagementTerms) -> SafeString | str:
        """What the adapter lets through, as tables."""
        return policy_drawn(terms.harness_policy)


@admin.register(EgressLedger)
class EgressLedgerAdmin(ScopedAdmin[EgressLedger]):
    view_permission = VIEW_ENGAGEMENT
    list_display = ("at", "engagement", "asset", "kind", "bytes", "reference")
    list_filter = (("facility", ScopedFilter), "kind")
    search_fields = ("engagement__reference", "reference")
    list_select_related = ("engagement", "asset")
    empty_text = _("Nothing has left.")
