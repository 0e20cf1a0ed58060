"""The alarm queue, as a record; guards work it at the desk."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from scif.alarms.models import Alarm
from scif.console.alarm_kinds import alarm_kind_words
from scif.console.views.alarm_words import procedure_of
from scif.people.admin.base import ScopedAdmin, ScopedFilter


@admin.register(Alarm)
class AlarmAdmin(ScopedAdmin[Alarm]):
    view_permission = "alarms.view_alarm"
    list_display = (
        "raised_at",
        "raised_last_at",
        "gravity",
        "message",
        "facility",
        "count",
        "acknowledged_by",
        "closed_at",
    )
    fields = (
        *("gravity", "kind_words", "subject", "message", "facility", "procedure"),
        *("raised_at", "raised_last_at", "count"),
        *("acknowledged_by", "acknowledged_at", "closed_by", "closed_at", "note"),
    )
    readonly_fields = ("kind_words", "procedure")
    list_filter = ("gravity", ("closed_at", admin.EmptyFieldListFilter), ("facility", ScopedFilter))
    search_fields = ("message", "kind", "subject")
    list_select_related = ("facility", "acknowledged_by")
    empty_text = _("No alarm matches.")

    @admin.display(description=_("kind"))
    def kind_words(self, alarm: Alarm) -> str:
        return alarm_kind_words(alarm.kind)

    @admin.display(description=_("what to do"))
    def procedure(self, alarm: Alarm) -> str:
        """What its kind asks for, in the words that a desk reads."""
        asked = procedure_of(alarm)
        return f"{asked.act}. {asked.why}"
