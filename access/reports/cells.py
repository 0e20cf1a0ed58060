"""Cells that several tables of a visit's record share."""

from django.utils.translation import gettext as _

from access.models import Signature
from scif.reporting.kit.shapes import read_signature
from scif.reporting.kit.table import Cell, Drawn


def position_text(position: int) -> str:
    """A journal position as people read it: thousands set apart by a space."""
    return f"{position:,}".replace(",", " ")


def signature_cell(signature: Signature) -> Cell:
    """The strokes, or the name that was typed instead; what cannot be read is said."""
    try:
        drawn = read_signature(signature.strokes)
    except ValueError:
        return _("not readable")
    if isinstance(drawn, str):
        return _("%(name)s (typed)") % {"name": drawn}
    return Drawn(drawn)
