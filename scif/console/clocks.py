"""How a gateway's clock goes, in words."""

from django.utils.translation import gettext as _


def clock_words(offset_ms: int | None) -> str:
    """How a gateway's clock goes, by how far the centre's is ahead of it."""
    if offset_ms is None:
        return _("nobody has compared its clock")
    seconds = abs(offset_ms) / 1000
    if offset_ms > 0:
        return _("clock %(seconds).1f s behind") % {"seconds": seconds}
    return _("clock %(seconds).1f s ahead") % {"seconds": seconds}
