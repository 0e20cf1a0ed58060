"""What the journal says of one record."""

from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from scif.console.selectors.history import history_of
from scif.journal.models import Entry
from scif.journal.naming import Names, names_of
from scif.journal.scope import facilities_seen
from scif.people.admin.base import ScopedAdmin

PER_PAGE = 50


def history(request: HttpRequest, label: str, pk: UUID) -> HttpResponse:
    """The entries about a record that the user may see, the newest first."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError) as error:
        raise Http404 from error
    if not admin.site.is_registered(model):
        raise Http404
    model_admin = admin.site.get_model_admin(model)
    if not isinstance(model_admin, ScopedAdmin):
        raise Http404
    record = model_admin.get_object(request, str(pk))
    pages = Paginator(history_of(record, facilities_seen(request)), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    entries = list(page.object_list)
    names = names_of(request, entries)
    context = {
        **admin.site.each_context(request),
        "title": _("Journal of %(what)s") % {"what": record},
        "page": page,
        "rows": [(entry, _who(entry, names)) for entry in entries],
        "opts": model._meta,
        "record": record,
    }
    return TemplateResponse(request, "admin/history.html", context)


def _who(entry: Entry, names: Names) -> str:
    """Who acted: by name where the reader may know it, else as the entry says."""
    named = names.get((entry.actor_kind, entry.actor_reference), "")
    return named or f"{entry.actor_kind} {entry.actor_reference}"
