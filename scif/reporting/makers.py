"""How an app above makes its kind of report: it registers a maker when it starts."""

from collections.abc import Callable
from dataclasses import dataclass

from scif.facilities.models import Level
from scif.reporting.kit.sign import Signatory
from scif.reporting.models import Report, ReportKind


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


Maker = Callable[[Report, Signatory], Made]
_makers: dict[str, Maker] = {}


def maker_register(kind: ReportKind, maker: Maker) -> None:
    """Register the maker of a kind; called from ``AppConfig.ready``."""
    _makers[kind.value] = maker


def maker_of(kind: str) -> Maker:
    """The maker of a kind; KeyError if no app makes it."""
    return _makers[kind]
