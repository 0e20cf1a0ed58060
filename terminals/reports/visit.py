"""The laptop's link in a visit's record, from the journal's entries alone."""

from collections.abc import Sequence

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.reports.laptop import LaptopUse
from access.reports.told import Told, of_kind

ISSUED, RETURNED, ENDED = "terminal.issued", "terminal.returned", "session.ended"


class VisitLaptop:
    """The laptop of a visit: issued, its sessions and their bytes, returned."""

    kinds = (
        ISSUED,
        RETURNED,
        "session.requested",
        "session.granted",
        "session.connected",
        "session.disconnected",
        "session.paused",
        "session.resumed",
        "session.warned",
        "session.cut",
        ENDED,
    )

    def used(self, entries: Sequence[Told]) -> LaptopUse | None:
        """One that is not back, or that came back with other seals, is not as it should be."""
        issued = of_kind(entries, ISSUED)
        if not issued:
            return None
        returned, ended = of_kind(entries, RETURNED), of_kind(entries, ENDED)
        count = sum(
            int(each.data.get(way, 0)) for each in ended for way in ("bytes_up", "bytes_down")
        )
        words = ngettext(
            "%(count)d session, %(bytes)s", "%(count)d sessions, %(bytes)s", len(ended)
        ) % {"count": len(ended), "bytes": filesizeformat(count)}
        if len(returned) < len(issued):
            return LaptopUse(issued[0].at, _("%(words)s, not returned") % {"words": words}, "wait")
        whole = all(each.data.get("intact") is True for each in returned)
        return LaptopUse(issued[0].at, words, "ok" if whole else "stop")
