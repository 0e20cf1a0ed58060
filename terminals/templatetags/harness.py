"""Terms, and what a harness lets through, in words."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from terminals.models import EngagementTerms
from terminals.selectors.ledger import budget_bound
from terminals.views.policy_words import operation_words, policy_drawn
from terminals.views.terms_words import budget_words

register = template.Library()


@register.filter
def operation(name: str) -> SafeString:
    """An operation in words; its name at the harness as a hint."""
    return format_html('<span title="{}">{}</span>', name, operation_words(name))


@register.filter
def own_budget(terms: EngagementTerms) -> str:
    """An engagement's own budget, and what of it counts."""
    return budget_words(terms, budget_bound(terms.engagement))


@register.filter
def drawn(part: Mapping[str, Any]) -> SafeString | str:
    """The lab's part of a policy as tables."""
    return policy_drawn(part)
