"""What officers are told of what waits for another one."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hardware.models import Rewiring
from hardware.rules.rewiring import RewiringState
from scif.facilities.models import Record


def waits_told(record: Record) -> SafeString:
    """What a record waits for; the name of the list where it is confirmed leads there."""
    words, name = record.waits, str(record._meta.verbose_name_plural)
    if not isinstance(record, Rewiring) or name not in words:
        return format_html("{}", words)
    # What it is about stands before the list, and may be named like it.
    before, name, after = words.rpartition(name)
    address = reverse("admin:hardware_rewiring_changelist")
    state = RewiringState.REQUESTED.value
    link = format_html('<a href="{}?state__exact={}">{}</a>', address, state, name)
    return format_html("{}{}{}", before, link, after)
