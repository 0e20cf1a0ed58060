"""Who and what a page of the journal speaks of, by name, as far as the reader may see them."""

from collections import defaultdict
from collections.abc import Sequence

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest

from scif.journal.models import Entry
from scif.journal.naming import Names
from scif.journal.searching import Meant
from scif.kernel.actor import ActorKind
from scif.people.models import User

MOST = 300  # of one kind: a word that means more than these is no search


def journal_names(request: HttpRequest, entries: Sequence[Entry]) -> Names:
    """Names of actors and subjects. INVARIANT: a record is named only from its own scoped list."""
    asked: dict[str, set[str]] = defaultdict(set)
    users = {e.actor_reference for e in entries if e.actor_kind == ActorKind.USER}
    for entry in entries:
        asked[entry.subject_type].add(entry.subject_id)
    names: dict[tuple[str, str], str] = {}
    accounts = User.objects.select_related("person").filter(pk__in=users)
    for user in accounts:
        names[ActorKind.USER, str(user.pk)] = str(user.person or user.username)
    for label, keys in asked.items():
        for key, name in _subjects(request, label, keys).items():
            names[label, key] = name
    return names


def journal_meant(request: HttpRequest, words: str) -> Meant:
    """Whom and what the words of a search mean. INVARIANT: as far as the reader's own lists say.

    Whoever acted is found by the name that stands beside his acts; a record by what its own list
    is searched by.
    """
    named = Q(person__name__icontains=words) | Q(person=None, username__icontains=words)
    users = User.objects.filter(named)
    subjects: dict[str, list[str]] = {}
    for model in filter(admin.site.is_registered, apps.get_models()):
        model_admin = admin.site.get_model_admin(model)
        searched = model is not Entry and model_admin.search_fields
        if not searched or not model_admin.has_view_permission(request):
            continue
        rows, _twice = model_admin.get_search_results(
            request, model_admin.get_queryset(request), words
        )
        keys = rows.order_by("-pk").values_list("pk", flat=True).distinct()[:MOST]
        if found := [str(key) for key in keys]:
            subjects[model._meta.label_lower] = found
    return Meant([str(pk) for pk in users.values_list("pk", flat=True)[:MOST]], subjects)


def _subjects(request: HttpRequest, label: str, keys: set[str]) -> dict[str, str]:
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return {}
    if not admin.site.is_registered(model):
        return {}
    model_admin = admin.site.get_model_admin(model)
    if not model_admin.has_view_permission(request):
        return {}
    related = model_admin.list_select_related
    rows = model_admin.get_queryset(request)
    if isinstance(related, (list, tuple)):
        rows = rows.select_related(*related)
    try:
        return {str(row.pk): str(row) for row in rows.filter(pk__in=keys)}
    except (ValueError, ValidationError):
        return {}  # a subject that is no row of a table
