"""Figures as people read them."""

from django import template

register = template.Library()
# A narrow blank at which no line breaks.
_BLANK = "\u202f"


@register.filter
def grouped(count: int) -> str:
    """A count with its thousands set apart: 1 234 567."""
    return f"{count:,}".replace(",", _BLANK)
