"""What the words of a search mean in the journal: kinds by their words, and what others know.

An entry's header names its actor and its subject by identifiers alone. People and records stand
above the journal and say whom and what the words mean; until they do, codes alone are found.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import Q
from django.http import HttpRequest

from scif.journal.kinds import JOURNAL_KINDS, REFERENCE, journal_kind_words

LEAST = 3  # letters: of less there would be a name in everything


@dataclass(frozen=True)
class Meant:
    """Actors by their references, and subjects by the type and the identifiers of each."""

    actors: Collection[str] = ()
    subjects: Mapping[str, Collection[str]] = field(default_factory=dict)


Finder = Callable[[HttpRequest, str], Meant]
_finders: list[Finder] = []


def finder_set(finder: Finder) -> None:
    """Say who knows what words mean; called once, from ``AppConfig.ready``."""
    _finders[:] = [finder]


def entries_meant(request: HttpRequest, words: str) -> Q:
    """The entries that the words of a search mean, as far as the one who asks may know it."""
    words = words.strip()
    if len(words) < LEAST:
        return Q(pk__in=())
    found = Q(kind__in=_kinds(words))
    for finder in _finders:
        meant = finder(request, words)
        if meant.actors:
            found |= Q(actor_kind="user", actor_reference__in=list(meant.actors))
        for subject_type, keys in meant.subjects.items():
            found |= Q(subject_type=subject_type, subject_id__in=list(keys))
    return found


def _kinds(words: str) -> list[str]:
    """The kinds whose words, as the list shows them, hold these."""
    said = words.casefold()
    nouns = {model._meta.model_name for model in apps.get_models()}
    known = {*JOURNAL_KINDS, *(f"{noun}.{verb}" for noun in nouns for verb in REFERENCE)}
    return sorted(kind for kind in known if said in journal_kind_words(kind).casefold())
