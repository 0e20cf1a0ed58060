"""The journal in the admin: to search and to read, nothing else."""

import json
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from scif.journal.kinds import journal_kind_words
from scif.journal.models import Entry
from scif.journal.naming import names_of
from scif.journal.scope import facilities_seen
from scif.journal.searching import entries_meant

# At run time Django's ModelAdmin takes no type argument.
if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Entry]
else:
    _Admin = admin.ModelAdmin

_RECENT = 5000


class NamedEntries(ChangeList):
    """A page of entries, with the names that its reader may see."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        entries = list(self.result_list)
        names = names_of(request, entries)
        for entry in entries:
            entry.names = names
        self.result_list = entries


class KindFilter(admin.SimpleListFilter):
    """By kind; offers the kinds of recent entries, since all kinds would mean reading them all."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: _Admin) -> list[tuple[str, str]]:
        recent = model_admin.get_queryset(request).order_by("-position")[:_RECENT]
        kinds = set(recent.values_list("kind", flat=True))
        return sorted(
            ((kind, journal_kind_words(kind)) for kind in kinds), key=lambda each: each[1]
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(_Admin):
    """Entries of the facilities where the user may read the journal.

    INVARIANT: read-only for everybody; the database refuses a change as well.
    """

    list_display = (
        "position",
        "occurred_at",
        "told",
        "who",
        "what",
    )
    list_filter = (KindFilter, "occurred_at")
    search_fields: ClassVar = [
        "kind__startswith",
        "subject_id__exact",
        "actor_reference__exact",
        "subject_type__exact",
    ]
    search_help_text = _(
        "A name, a reference (VB…, a badge, an alarm's words), or words of a kind; also the "
        "beginning of a kind's code, or a whole identifier"
    )
    ordering = ("-position",)
    list_per_page = 50
    show_full_result_count = False
    actions = None
    fields = (
        "position",
        "told",
        "occurred_at",
        "recorded_at",
        "actor_kind",
        "actor_reference",
        "subject_type",
        "subject_id",
        "facility_id",
        "source",
        "details",
        "hash",
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list under the name of what it holds."""
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NamedEntries

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        seen = facilities_seen(request)
        return super().get_queryset(request).select_related("body").filter(facility_id__in=seen)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        """By the codes that were signed, and by what the words mean to the reader."""
        by_code, twice = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return by_code, twice
        return by_code | queryset.filter(entries_meant(request, search_term)), twice

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(facilities_seen(request))

    def has_view_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return bool(facilities_seen(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Entry | None = None) -> Any:
        return self.fields

    @admin.display(description=_("kind"), ordering="kind")
    def told(self, entry: Entry) -> str:
        """What it tells, in words; the code below is what was signed and what a search finds."""
        return _with_code(journal_kind_words(entry.kind), entry.kind)

    @admin.display(description=_("actor"), ordering="actor_reference")
    def who(self, entry: Entry) -> str:
        """Who acted: his name where the reader may know it, and the reference that is hashed."""
        return _named(entry, entry.actor_kind, entry.actor_reference)

    @admin.display(description=_("subject"), ordering="subject_id")
    def what(self, entry: Entry) -> str:
        """What it is about: of what sort, its name in the same way, and its identifier."""
        name = entry.names.get((entry.subject_type, entry.subject_id), "")
        sort = _sort(entry.subject_type)
        return _with_code(f"{sort}: {name}" if name else sort, entry.subject_id)

    @admin.display(description=_("source"))
    def source(self, entry: Entry) -> str:
        """The gateway's own numbering, for an event from the edge."""
        source = entry.fields.get("source")
        return _readable(source) if source else "-"

    @admin.display(description=_("details"))
    def details(self, entry: Entry) -> str:
        """The body, or that it was erased."""
        return str(_("Erased")) if entry.body.erased else _readable(entry.body.data)

    @admin.display(description=_("hash"))
    def hash(self, entry: Entry) -> str:
        """The leaf's hash, as proofs and bundles quote it."""
        return bytes(entry.leaf_hash).hex()


def _sort(subject_type: str) -> str:
    """What sort of thing, in words where it is a record, else by its code."""
    try:
        return str(capfirst(apps.get_model(subject_type)._meta.verbose_name))
    except (LookupError, ValueError):
        return subject_type


def _named(entry: Entry, kind: str, reference: str) -> str:
    name = entry.names.get((kind, reference), "")
    return _with_code(name, reference) if name else reference


def _with_code(words: str, code: str) -> str:
    return format_html('{}<br><small class="ref">{}</small>', words, code)


def _readable(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
