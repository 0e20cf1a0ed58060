"""How an app above makes its kind of report: it names a maker when it starts.

By its dotted path: what draws and signs paper takes half a second and 26 megabytes to load, which
a gateway, a sequencer and a sign-in at a laptop never need.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.module_loading import import_string

from scif.facilities.models import Level
from scif.kernel.actor import Actor
from scif.reporting.models import Report, ReportKind

if TYPE_CHECKING:
    from scif.reporting.kit.sign import Signatory


@dataclass(frozen=True, slots=True)
class Made:
    """A drawn report, not signed yet, and what it stands on.

    ``bundle`` is the journal bundle to attach, ``code`` its verification code, ``checkpoint`` the
    signed note and ``entries`` the number of entries that it proves.
    """

    pdf: bytes
    bundle: bytes
    code: str
    checkpoint: str
    checkpoint_size: int
    entries: int
    marking: Level | None


Maker = Callable[[Report, "Signatory"], Made]
# The subjects of a kind whose reports an actor may have without a role at their facility.
Own = Callable[[Actor], QuerySet[Any]]
_makers: dict[str, str] = {}
_own: dict[str, Own] = {}


def maker_register(kind: ReportKind, maker: str, own: Own | None = None) -> None:
    """Name the :data:`Maker` of a kind by its path; called from ``AppConfig.ready``."""
    _makers[kind.value] = maker
    if own is not None:
        _own[kind.value] = own


def subjects_own(actor: Actor) -> Mapping[str, QuerySet[Any]]:
    """By kind of report, the subjects that are the actor's own."""
    return {kind: own(actor) for kind, own in _own.items()}


def maker_of(kind: str) -> Maker:
    """The maker of a kind; KeyError if no app makes it."""
    maker: Maker = import_string(_makers[kind])
    return maker
