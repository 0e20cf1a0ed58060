"""What every admin page shares: rows and permissions come from the one access function."""

from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from scif.facilities.models import Record
from scif.facilities.services.reference import reference_save
from scif.people.access import facilities_with, visible
from scif.people.actors import actor_of

M = TypeVar("M", bound=Record)


class ScopedAdmin(admin.ModelAdmin[M], Generic[M]):
    """Read-only list and detail of one model, scoped to the facilities of the user's roles.

    INVARIANT: nothing that the journal follows is changed here; changes are pages that call
    services. ``view_permission`` and ``change_permission`` are permissions of
    ``scif/people/rules/roles.py``.
    """

    view_permission: ClassVar[str] = ""
    change_permission: ClassVar[str] = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return visible(super().get_queryset(request), actor_of(request), self.view_permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self._held(request, self.view_permission)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def _held(self, request: HttpRequest, permission: str) -> bool:
        if not request.user.is_authenticated or not permission:
            return False
        return facilities_with(actor_of(request), permission).exists()


class ReferenceAdmin(ScopedAdmin[M]):
    """Reference data that an officer edits; every save is a journaled service."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._held(request, self.change_permission)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self._held(request, self.change_permission)

    def save_model(self, request: HttpRequest, obj: M, form: ModelForm[M], change: bool) -> None:
        reference_save(record=obj, changed=form.changed_data, actor=actor_of(request))
