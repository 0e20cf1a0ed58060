"""The navigation of the portal; apps above add their own page to it when they are ready."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Each as the name of its address and its label.
ITEMS: list[tuple[str, Promise | str]] = [
    ("portal:visits", _("Visits")),
    ("portal:slots", _("Find a slot")),
    ("portal:engagements", _("Engagements")),
    ("portal:rooms", _("Rooms")),
    ("portal:me", _("My data")),
]


def portal_nav_add(name: str, label: Promise | str) -> None:
    """Add a page before the last one; a second time changes nothing."""
    if all(name != known for known, _label in ITEMS):
        ITEMS.insert(len(ITEMS) - 1, (name, label))
