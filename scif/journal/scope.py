"""Whose journal entries may a request see? People and roles stand above the journal and answer.

INVARIANT: until the composition of the installation has answered, nobody sees anything.
"""

from collections.abc import Callable, Collection
from uuid import UUID

from django.http import HttpRequest

Scope = Callable[[HttpRequest], Collection[UUID]]

VIEW_PERMISSION = "journal.view_entry"
_scopes: list[Scope] = []


def scope_set(scope: Scope) -> None:
    """Say which facilities' entries a request may see; called once, from ``AppConfig.ready``."""
    _scopes[:] = [scope]


def facilities_seen(request: HttpRequest) -> Collection[UUID]:
    """The facilities whose entries this request may see; none unless somebody says so."""
    return _scopes[0](request) if _scopes and request.user.is_authenticated else ()
