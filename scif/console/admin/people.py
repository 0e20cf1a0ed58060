"""People: organisations, persons with their citizenships, accounts, roles at facilities."""

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from access.services.projection import person_project
from scif.console.selectors.rights import rights_of
from scif.kernel.actor import Actor
from scif.people.access import accounts_of, facilities_with
from scif.people.actors import actor_of
from scif.people.admin.base import ReferenceAdmin, ScopedFilter, TypedAdmin
from scif.people.models import Citizenship, FacilityRole, Organisation, Person, User

VIEW = "people.view_person"
CHANGE = "people.change_person"


@admin.register(Organisation)
class OrganisationAdmin(ReferenceAdmin[Organisation]):
    view_permission = VIEW
    change_permission = CHANGE
    list_display = ("name", "kind", "country")
    list_filter = ("kind",)
    search_fields = ("name",)


@admin.register(Person)
class PersonAdmin(ReferenceAdmin[Person]):
    view_permission = VIEW
    change_permission = CHANGE
    list_display = ("name", "title", "organisation", "email")
    list_filter = ("organisation",)
    search_fields = ("name", "organisation__name", "email")
    list_select_related = ("organisation",)
    readonly_fields = ("rights",)

    def get_fields(self, request: HttpRequest, obj: Person | None = None) -> Any:
        """What is on record of a person, to those whose role reads it."""
        fields = [name for name in super().get_fields(request, obj) if name != "rights"]
        reads = facilities_with(actor_of(request), "access.view_clearance").exists()
        return [*fields, "rights"] if obj is not None and reads else fields

    @admin.display(description=_("on record"))
    def rights(self, person: Person) -> str:
        """Clearances, read-ins, agreements, need to know, roster, coming shifts."""
        rows = format_html_join("", "<li>{}: {}</li>", rights_of(person))
        return format_html('<ul class="rights">{}</ul>', rows) if rows else str(_("Nothing."))


@admin.register(Citizenship)
class CitizenshipAdmin(ReferenceAdmin[Citizenship]):
    view_permission = VIEW
    change_permission = CHANGE
    list_display = ("person", "country")
    list_filter = ("country",)
    search_fields = ("person__name", "country")
    list_select_related = ("person",)

    def saved(self, record: Citizenship, actor: Actor) -> None:
        person_project(person_id=record.person_id)


@admin.register(FacilityRole)
class FacilityRoleAdmin(ReferenceAdmin[FacilityRole]):
    """Roles of others: nobody gives himself one."""

    view_permission = VIEW
    change_permission = CHANGE
    list_display = ("user", "role", "facility", "valid_from", "valid_until")
    list_filter = (("facility", ScopedFilter), "role")
    search_fields = ("user__person__name", "user__username")
    list_select_related = ("user__person", "facility")

    def has_change_permission(self, request: HttpRequest, obj: FacilityRole | None = None) -> bool:
        own = obj is not None and obj.user_id == request.user.pk
        return not own and super().has_change_permission(request, obj)

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "user":
            accounts = self._choices(db_field, request)
            kwargs["queryset"] = accounts.exclude(pk=actor_of(request).user_id or "")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(User)
class UserAdmin(TypedAdmin[User]):
    """Accounts, read-only: no page shows or sets a password but its owner's own."""

    actions = None
    fields = ("username", "person", "is_active", "date_joined", "last_login")
    list_display = ("username", "person", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "person__name")
    list_select_related = ("person",)
    empty_text = _("No account matches.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).filter(pk__in=self._seen(request).values("pk"))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> User:
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise User.DoesNotExist
        return found

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if not request.user.is_authenticated:
            return False
        if obj is not None:
            return self._seen(request).filter(pk=obj.pk).exists()
        return facilities_with(actor_of(request), VIEW).exists()

    def _seen(self, request: HttpRequest) -> QuerySet[User]:
        return accounts_of(actor_of(request), VIEW)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False
