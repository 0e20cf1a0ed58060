"""Figures as people read them."""

from django import template

from scif.kernel.figures import grouped, measured

register = template.Library()
register.filter("grouped", grouped)
register.filter("measured", measured)
