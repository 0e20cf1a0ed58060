"""Names beside the pseudonyms of the journal, looked up when somebody reads and stored nowhere.

People and records stand above the journal and answer; until they do, the pseudonyms stand alone.
"""

from collections.abc import Callable, Mapping, Sequence

from django.http import HttpRequest

from scif.journal.models import Entry

# From what the header names, ("user", reference) or (type, identifier) of a subject, to its name.
Names = Mapping[tuple[str, str], str]
Namer = Callable[[HttpRequest, Sequence[Entry]], Names]
_namers: list[Namer] = []


def namer_set(namer: Namer) -> None:
    """Say who knows names; called once, from ``AppConfig.ready``."""
    _namers[:] = [namer]


def names_of(request: HttpRequest, entries: Sequence[Entry]) -> Names:
    """The names, of those that this request may see, of who acted and what was acted on."""
    return _namers[0](request, entries) if _namers else {}
