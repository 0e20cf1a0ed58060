"""What officers are told of what waits for another one."""

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from hardware.models import Rewiring
from hardware.rules.rewiring import RewiringState
from scif.facilities.models import Record


def waits_told(record: Record) -> SafeString:
    """What a record waits for; the name of the list where it is confirmed leads there."""
    words = conditional_escape(record.waits)
    if not isinstance(record, Rewiring):
        return words
    name = str(record._meta.verbose_name_plural)
    address = reverse("admin:hardware_rewiring_changelist")
    link = format_html(
        '<a href="{}?state__exact={}">{}</a>', address, RewiringState.REQUESTED.value, name
    )
    # Both parts are escaped by now.
    return mark_safe(words.replace(conditional_escape(name), link))  # noqa: S308
