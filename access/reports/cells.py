"""Cells that several tables of a visit's record share."""

from django.utils.translation import gettext as _

from access.reports.facts import Fact, SignatureFact
from access.reports.record import VisitRecord
from access.reports.times import DASH
from access.reports.told import Named, Told
from scif.kernel.actor import ActorKind
from scif.kernel.figures import grouped
from scif.reporting.kit.shapes import read_signature
from scif.reporting.kit.table import Cell, Drawn


def position_text(position: int) -> str:
    """A journal position as people read it: thousands set apart, on one line."""
    return grouped(position)


def entry_cell(fact: Fact) -> str:
    """The position of the entry that tells a line."""
    return position_text(fact.told.position) if fact.told else DASH


def named_text(person: Named | None, absent: str = DASH) -> str:
    """A person's or a thing's name as it was journaled."""
    return (person.name or person.key) if person else absent


def erased_text(entry: Told, record: VisitRecord) -> str:
    """What stands in place of a text that was erased: when, and by which entry."""
    if entry.purge is None:
        return _("text erased, no entry tells by whom")
    return _("text erased on %(day)s, entry %(entry)s") % {
        "day": record.times.day(entry.purge.at),
        "entry": position_text(entry.purge.position),
    }


def told_text(fact: Fact, record: VisitRecord, text: str) -> str:
    """A text of a line, or that it was erased."""
    return text or (erased_text(fact.gone[0], record) if fact.gone else DASH)


def actor_text(entry: Told, record: VisitRecord) -> str:
    """Who acted: the name as journaled and the actor's reference; a gateway's or process's code."""
    if entry.by_person:
        reference = _("user %(reference)s") % {"reference": entry.actor_reference[:8]}
        name = entry.who.name if entry.who else ""
        if entry.erased:
            name = _("name erased")
        # No sign touches the name: beside one that is read from right to left it would turn about.
        return f"{name} ({reference})" if name else reference
    if entry.actor_kind == ActorKind.GATEWAY.value:
        return _("gateway %(code)s") % {"code": entry.actor_reference}
    return _("system, %(process)s") % {"process": entry.actor_reference}


def by_text(fact: Fact, record: VisitRecord, by: Named | None) -> str:
    """Who recorded a line: the person's name, or what acted in his place."""
    if by is not None:
        return named_text(by)
    return actor_text(fact.told, record) if fact.told else DASH


def signature_cell(signature: SignatureFact, record: VisitRecord) -> Cell:
    """The strokes, or the name that was typed instead; what is not the signed one is said."""
    if signature.gone:
        return erased_text(signature.gone[0], record)
    strokes = record.strokes.get(signature.digest)
    if strokes is None:
        return _("strokes are not those of the entry")
    try:
        drawn = read_signature(strokes)
    except ValueError:
        return _("not readable")
    if isinstance(drawn, str):
        return _("%(name)s (typed)") % {"name": drawn}
    return Drawn(drawn)
