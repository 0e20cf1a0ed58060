"""The navigation of the portal; apps above add their own page to it when they are ready."""

from collections.abc import Callable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scif.kernel.actor import Actor


def _everybody(_actor: Actor) -> bool:
    return True


class NavItem(NamedTuple):
    """A page by the name of its address, its label, and to whom it is offered."""

    name: str
    label: Promise | str
    offered: Callable[[Actor], bool] = _everybody


ITEMS: list[NavItem] = [
    NavItem("portal:visits", _("Visits")),
    NavItem("portal:slots", _("Find a slot")),
    NavItem("portal:engagements", _("Engagements")),
    NavItem("portal:rooms", _("Rooms")),
    NavItem("portal:me", _("My data")),
]


def portal_nav_add(
    name: str, label: Promise | str, offered: Callable[[Actor], bool] = _everybody
) -> None:
    """Add a page before the last one; a second time changes nothing."""
    if all(name != item.name for item in ITEMS):
        ITEMS.insert(len(ITEMS) - 1, NavItem(name, label, offered))
