"""Tags of the officers' admin: what may be done with a record, ages in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from access.models import AccessDecision
from scif.console.ages import age
from scif.console.views.officer_actions import Offer, acts_for
from scif.facilities.models import Portal, Record
from scif.journal.kinds import journal_kind_words
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
def plain(code: str) -> str:
    """A code of the journal as it is read aloud: its parts with spaces between them."""
    return code.replace(".", " ").replace("_", " ")


@register.filter
def journaled(kind: str) -> str:
    """What a kind of journal entry tells, in words."""
    return journal_kind_words(kind)


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
