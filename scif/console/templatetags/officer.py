"""Tags of the officers' admin: what may be done with a record, ages in words."""

from datetime import timedelta
from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.translation import gettext as _

from access.models import AccessDecision
from scif.console.views.officer_actions import Offer, acts_for
from scif.facilities.models import Portal, Record
from scif.people.models import Person

register = template.Library()


@register.simple_tag(takes_context=True)
def record_acts(context: Context, record: Any) -> list[Offer]:
    """The acts that this user's roles allow on a record in its present state."""
    return acts_for(record, context["request"]) if record is not None else []


@register.simple_tag
def why_url(record: Any) -> str:
    """Where to ask why of a person, a door, or whoever was read at one; empty for all others."""
    if isinstance(record, AccessDecision) and record.person_id and record.direction == "in":
        return reverse("admin:why_answer", args=[record.person_id, record.portal_id])
    names = {Person: "person", Portal: "portal"}
    name = names.get(type(record))
    return f"{reverse('admin:why')}?{name}={record.pk}" if name else ""


@register.filter
def page_of(record: Record) -> str:
    """The address of a record's page."""
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_change"
    return reverse(name, args=[record.pk])


@register.filter
def age(span: timedelta) -> str:
    """A span in its largest unit: 4 s, 12 min, 3 h, 5 days."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return _("%(count)d s") % {"count": seconds}
    if seconds < 3600:
        return _("%(count)d min") % {"count": seconds // 60}
    if seconds < 2 * 86400:
        return _("%(count)d h") % {"count": seconds // 3600}
    return _("%(count)d days") % {"count": seconds // 86400}
