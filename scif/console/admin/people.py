"""People: organisations, persons with their citizenships, accounts, roles at facilities."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from scif.console.admin.places import PlaceAdmin
from scif.console.selectors.rewiring import rewirings_about
from scif.console.selectors.rights import rights_of
from scif.people.access import accounts_of
from scif.people.actors import actor_of, holds
from scif.people.admin.base import ReferenceAdmin, ScopedAdmin, ScopedFilter, TypedAdmin
from scif.people.models import Citizenship, FacilityRole, Organisation, Person, User
from scif.people.rules.people_file import countries_fault
from scif.people.services.person import person_enter

VIEW = "people.view_person"
CHANGE = "people.change_person"


@admin.register(Organisation)
class OrganisationAdmin(ReferenceAdmin[Organisation]):
    view_permission = VIEW
    change_permission = CHANGE
    list_display = ("name", "kind", "country")
    list_filter = ("kind",)
    search_fields = ("name",)


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's class has no item at run time
    """A new person with the citizenships that caveats look at."""

    citizenships = forms.CharField(
        label=_("Citizenships"),
        max_length=60,
        help_text=_("All of them, as two-letter codes with blanks between, such as PT BR."),
    )

    class Meta:
        model = Person
        fields = ("name", "title", "organisation", "email")

    def clean_citizenships(self) -> list[str]:
        """The codes."""
        text = self.cleaned_data["citizenships"].upper()
        fault = countries_fault(text)
        if fault:
            raise ValidationError(fault)
        return list(text.split())


@admin.register(Person)
class PersonAdmin(ReferenceAdmin[Person]):
    view_permission = VIEW
    change_permission = CHANGE
    list_display = ("name", "title", "organisation", "email")
    list_filter = ("organisation",)
    search_fields = ("name", "organisation__name", "email")
    list_select_related = ("organisation",)

    def get_fields(self, request: HttpRequest, obj: Person | None = None) -> Any:
        fields = ("name", "title", "organisation", "email")
        if obj is None:
            return (*fields, "citizenships")
        return (*fields, "edition") if self.has_change_permission(request, obj) else fields

    def get_form(
        self, request: HttpRequest, obj: Person | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = PersonForm
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            codes = form.cleaned_data["citizenships"]
            person_enter(person=obj, citizenships=codes, actor=actor_of(request))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The person's page: who it is, then what is on record of him, each with its acts."""
        # Only to be read: what a change locks, it locks in its own transaction.
        person = ScopedAdmin.get_object(self, request, object_id)
        sections = rights_of(person, actor_of(request))
        held = {
            "title": str(person),
            "subtitle": None,
            "sections": sections,
            "asked": rewirings_about(person, actor_of(request)),
            "waits": any(section.waits for section in sections),
            "placed": {name for section in sections for name in section.grants},
        }
        return super().change_view(request, object_id, form_url, {**held, **(extra_context or {})})


@admin.register(Citizenship)
class CitizenshipAdmin(ScopedAdmin[Citizenship]):
    """Citizenships, read-only: two officers add and remove them, on the person's page."""

    view_permission = VIEW
    list_display = ("person", "country")
    list_filter = ("country",)
    search_fields = ("person__name", "country")
    list_select_related = ("person",)


@admin.register(FacilityRole)
class FacilityRoleAdmin(PlaceAdmin[FacilityRole]):
    """Roles of others: nobody gives himself one, nor anybody one alone."""

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

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list under the name of what it holds."""
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

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
        return holds(request, VIEW)

    def _seen(self, request: HttpRequest) -> QuerySet[User]:
        return accounts_of(actor_of(request), VIEW)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False
