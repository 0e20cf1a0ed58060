"""Tags of the officers' admin: what may be done with a record, ages in words."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from access.models import AccessDecision
from scif.console.ages import age
from scif.console.views.officer_actions import Offer, acts_for
from scif.facilities.models import Portal, Record
from scif.journal.kinds import journal_kind_words
from scif.people.models import Person

register = template.Library()
# A moment as the journal's bodies have it: UTC, six decimals.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


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
def place_in(path: str, url: str) -> str:
    """What ``aria-current`` says of a link: the page itself, one below it, or neither."""
    leads_to = url.partition("?")[0]
    if path == leads_to:
        return "page"
    below = leads_to != reverse("admin:index") and path.startswith(leads_to)
    return "true" if below else ""


@register.filter
def plain(code: str) -> str:
    """A code of the journal as it is read aloud: its parts with spaces between them."""
    return code.replace(".", " ").replace("_", " ")


@register.filter
def journaled(kind: str) -> str:
    """What a kind of journal entry tells, in words."""
    return journal_kind_words(kind)


@register.filter
def told(value: Any) -> str:
    """A value of an entry's body for reading; the entry's own page has it as it was signed."""
    if isinstance(value, Mapping):
        parts = (f"{plain(str(key))}: {told(each)}" for key, each in value.items())
        return str(value.get("name") or "; ".join(parts) or "-")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(map(told, value)) or "-"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return date_format(localtime(datetime.fromisoformat(value)), "j M Y H:i:s")
    return "-" if value in (None, "") else str(value)


@register.filter
def labelled(cells: Sequence[str], headers: Sequence[Mapping[str, Any]]) -> list[SafeString]:
    """The cells of a row of the stock list, each with its column's head in ``data-label``."""
    found = []
    for cell, header in zip(cells, headers, strict=True):
        tag, rest = str(cell)[:3], str(cell)[3:]
        label = capfirst(str(header["text"]))
        found.append(format_html('{} data-label="{}"{}', mark_safe(tag), label, mark_safe(rest)))  # noqa: S308  the stock list's own cell, escaped by it
    return found


@register.filter
def page_of(record: Record) -> str:
    """The address of a record's page."""
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_change"
    return reverse(name, args=[record.pk])


register.filter(age)
