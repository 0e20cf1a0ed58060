"""How long ago, in words."""

from datetime import timedelta

from django.utils.translation import gettext as _


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
