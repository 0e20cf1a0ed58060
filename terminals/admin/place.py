"""Registered places."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.views.portal.engagements import week_lines
from scif.people.admin.base import ScopedAdmin, ScopedFilter
from terminals.models import RegisteredPlace


@admin.register(RegisteredPlace)
class RegisteredPlaceAdmin(ScopedAdmin[RegisteredPlace]):
    view_permission = "access.view_engagement"
    list_display = ("name", "mandate", "state", "network", "level", "term", "approved_by")
    list_filter = (("facility", ScopedFilter), "state", "ceiling")
    search_fields = ("name", "address", "network", "engagement__reference")
    list_select_related = ("engagement", "facility", "lab_approved_by", "facility_approved_by")
    exclude = ("hours",)
    readonly_fields = ("week",)
    empty_text = _("No place is registered, or none matches. Register one on an engagement's page.")

    @admin.display(description=_("engagement"), ordering="engagement__reference")
    def mandate(self, place: RegisteredPlace) -> str:
        """Whose it is, by its reference."""
        return place.engagement.reference

    @admin.display(description=_("level up to"), ordering="ceiling")
    def level(self, place: RegisteredPlace) -> int:
        """The highest security level that is studied there."""
        return place.ceiling

    @admin.display(description=_("term"), ordering="valid_from")
    def term(self, place: RegisteredPlace) -> str:
        """From when to when, by the facility's days."""
        zone = ZoneInfo(place.facility.time_zone)
        first, last = (each.astimezone(zone) for each in (place.valid_from, place.valid_until))
        days = (first, last - timedelta(microseconds=1))
        return _span(*(f"{day:%-d %b %Y}" for day in days))

    @admin.display(description=_("approved by"))
    def approved_by(self, place: RegisteredPlace) -> str:
        """For lab and facility, as far as they have."""
        given = (place.lab_approved_by, place.facility_approved_by)
        return ", ".join(str(each) for each in given if each) or "-"

    @admin.display(description=_("hours"))
    def week(self, place: RegisteredPlace) -> SafeString:
        """The week as a table; days that are not listed are closed."""
        rows = format_html_join(
            "",
            '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>',
            ((_days(each), each["from"], each["to"]) for each in week_lines(place.hours)),
        )
        return format_html(
            '<table class="hours"><caption class="vh">{}</caption><thead><tr>'
            '<th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th>'
            "</tr></thead><tbody>{}</tbody></table>"
            '<p class="muted">{}</p>',
            *(gettext("Hours"), gettext("Day"), gettext("From"), gettext("To"), rows),
            gettext("In the time of %(zone)s; other days are closed.")
            % {"zone": place.facility.time_zone},
        )


def _days(line: dict[str, object]) -> str:
    first, last = str(line["day"]), line.get("until")
    return _span(first, str(last)) if last else first


def _span(first: str, last: str) -> str:
    return gettext("%(first)s to %(last)s") % {"first": first, "last": last}
