"""A request about monitored inputs in words: which input means what now, and what it will mean."""

from django.utils.translation import gettext as _

from hardware.models import Rewiring, RewiringKind
from hardware.services.rewiring import Meaning, meanings


def rewiring_lines(order: Rewiring) -> list[str]:
    """What changes, a line for each meaning that goes or comes."""
    if order.kind == RewiringKind.PANEL_END:
        words = _("%(area)s has no alarm panel any more: its doors open without asking for one.")
        return [words % {"area": order.area}]
    before, after = meanings(order.before), meanings(order.after)
    return [
        *(_("Goes: %(input)s") % {"input": _words(each)} for each in sorted(before - after)),
        *(_("Comes: %(input)s") % {"input": _words(each)} for each in sorted(after - before)),
    ]


def _words(each: Meaning) -> str:
    words = _("input %(number)d at address %(address)d of %(bus)s is %(fact)s") % each._asdict()
    if each.of:
        words = _("%(input)s of %(of)s") % {"input": words, "of": each.of}
    if not each.active:
        words = _("%(input)s while not active") % {"input": words}
    if each.rests_closed:
        words = _("%(input)s, normally closed") % {"input": words}
    return words
