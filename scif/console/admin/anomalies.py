"""Anomalies as officers review them: the words, the plot, what is done meanwhile."""

from django.contrib import admin
from django.contrib.admin import EmptyFieldListFilter
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from scif.console.anomaly_plot import TITLES, anomaly_plot, reading
from scif.people.admin.base import ScopedAdmin, ScopedFilter
from terminals.anomaly.trail import Plot
from terminals.models import Anomaly
from terminals.selectors.anomaly import VIEW


@admin.register(Anomaly)
class AnomalyAdmin(ScopedAdmin[Anomaly]):
    view_permission = VIEW
    list_display = (
        *("raised_at", "kind", "person", "laptop", "engagement", "consequence", "review_by"),
        *("overdue", "verdict"),
    )
    list_filter = (
        ("reviewed_at", EmptyFieldListFilter),
        *("verdict", "kind", "consequence", "overdue"),
        ("session__engagement", ScopedFilter),
    )
    search_fields = (
        *("session__terminal__asset_tag", "person__name", "session__engagement__reference"),
        "reason",
    )
    list_select_related = (
        *("person", "session__terminal", "session__engagement", "session__terminal__facility"),
        "reviewed_by",
    )
    fields = (
        *("seen", "first", "picture", "session", "person", "kind", "raised_at", "grave_at"),
        *("consequence", "review_by", "overdue", "policy_version"),
        *("verdict", "reason", "reviewed_by", "reviewed_at"),
    )
    readonly_fields = ("seen", "first", "picture")
    empty_text = _("No anomaly, or none that matches.")

    @admin.display(description=_("laptop"), ordering="session__terminal__asset_tag")
    def laptop(self, obj: Anomaly) -> str:
        """At which it was seen."""
        return obj.session.terminal.asset_tag

    @admin.display(description=_("engagement"), ordering="session__engagement__reference")
    def engagement(self, obj: Anomaly) -> str:
        """Under which he worked."""
        return obj.session.engagement.reference

    @admin.display(description=_("what was seen"))
    def seen(self, obj: Anomaly) -> str:
        """In words and figures."""
        return obj.words

    @admin.display(description=_("look first"))
    def first(self, obj: Anomaly) -> str:
        """What the reviewer does before he decides."""
        return obj.look

    @admin.display(description=_("plot"))
    def picture(self, obj: Anomaly) -> SafeString:
        """The figure against what was usual when it was raised."""
        plot, hour = Plot.of(obj.plot), str(obj.params["hour"])
        drawn = anomaly_plot(plot, obj.session.terminal.facility.time_zone, hour)
        return format_html(
            '<figure class="finding"><figcaption>{}</figcaption>{}<p class="muted">{}</p></figure>',
            TITLES[plot.figure],
            drawn,
            reading(plot, hour),
        )
