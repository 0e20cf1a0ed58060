"""What every admin page shares: rows and permissions come from the one access function."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Field, ForeignKey, ManyToManyField, Model, QuerySet, TextField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Record
from scif.facilities.selectors.reference import edition_of
from scif.facilities.services.reference import reference_save
from scif.kernel.actor import Actor
from scif.kernel.text import fault_of
from scif.people.access import accounts_of, facility_of_act, lock, visible
from scif.people.actors import actor_of, holds, holds_on
from scif.people.models import User

if TYPE_CHECKING:
    from django.forms import ModelForm

    TypedAdmin = admin.ModelAdmin
else:

    class TypedAdmin(admin.ModelAdmin):
        """Django's class can be subscripted by the type checker only."""

        def __class_getitem__(cls, item: Any) -> Any:
            return cls


M = TypeVar("M", bound=Record)
MOST_TEXT = 10_000


def _fit(value: object, *, lines: bool) -> None:
    """The form's own check of a text, in the words of the service."""
    fault = fault_of(str(value), most=MOST_TEXT, lines=lines)
    if fault:
        raise ValidationError(fault)


class ScopedFilter(admin.RelatedFieldListFilter):
    """A list's filter by a related record; offers only what the user may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        related = field.remote_field.model
        if not issubclass(related, Record):
            return list(super().field_choices(field, request, model_admin))
        rows = visible(
            related._default_manager.all(), actor_of(request), model_admin.view_permission
        )
        return [(str(row.pk), str(row)) for row in rows]


class ScopedAdmin(TypedAdmin[M]):
    """Read-only list and detail of one model, scoped to the facilities of the user's roles.

    INVARIANT: nothing that the journal follows is changed here; changes are pages that call
    services. ``view_permission`` and ``change_permission`` are permissions of
    ``scif/people/rules/roles.py``. ``empty_text`` says why a list may be empty.
    """

    view_permission: ClassVar[str] = ""
    change_permission: ClassVar[str] = ""
    empty_text: ClassVar[str | Promise] = _("Nothing on record, or nothing that matches.")
    actions = None
    list_per_page = 50

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list under the name of what it holds."""
        title = str(self.opts.verbose_name_plural)
        named = {"title": title[:1].upper() + title[1:]}
        return super().changelist_view(request, {**named, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return visible(super().get_queryset(request), actor_of(request), self.view_permission)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> M:
        """The record; one that is absent or of another facility is a 404, alike in every byte."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise self.model.DoesNotExist
        return found

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self._held(request, self.view_permission, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The history of a record is what the journal says of it."""
        found = self.get_object(request, object_id)
        return redirect(reverse("admin:history", args=[found._meta.label_lower, found.pk]))

    # The journal is the record of changes; Django's own log would be a second, weaker one.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def _held(self, request: HttpRequest, permission: str, obj: M | None = None) -> bool:
        if not request.user.is_authenticated or not permission:
            return False
        if obj is not None and obj.pk and not obj._state.adding:
            return holds_on(request, obj, permission)
        return holds(request, permission)


class ReferenceForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's class has no item at run time
    """An officer's edit; it says what the record said when the page was opened.

    INVARIANT: nobody saves over a change that he has not seen.
    """

    edition = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edition_now = ""
        if not self.instance._state.adding:
            # Before the form lets the instance say what was typed.
            self.edition_now = edition_of(self.instance, self._meta.fields or ())
            self.initial["edition"] = self.edition_now

    def _post_clean(self) -> None:
        """What nobody changed stays as it is: a page shows a moment without its microseconds."""
        super()._post_clean()  # type: ignore[misc]  # Django's own step, which its types leave out
        for name in self.initial.keys() - set(self.changed_data):
            if isinstance(self.initial[name], datetime):
                setattr(self.instance, name, self.initial[name])

    def clean(self) -> dict[str, Any] | None:
        """Refuse an edit of what has changed since."""
        cleaned = super().clean()
        if self.data.get(self.add_prefix("edition"), "") != self.edition_now:
            raise ValidationError(
                _(
                    "Somebody has changed this since you opened it; nothing of yours is saved. "
                    "Open it anew, see what it says now, and change that."
                )
            )
        return cleaned


def changed_by(form: Any) -> tuple[list[str], dict[str, Sequence[Record]]]:
    """What an edit sets: the fields of the record, and its relations to many."""
    meta = form.instance._meta
    many = [f.name for f in meta.many_to_many if f.name in form.changed_data]
    columns = {f.name for f in meta.concrete_fields}
    related: dict[str, Sequence[Record]] = {name: list(form.cleaned_data[name]) for name in many}
    return [name for name in form.changed_data if name in columns], related


class ReferenceAdmin(ScopedAdmin[M]):
    """Reference data that an officer edits; every save is a journaled service."""

    form = ReferenceForm

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> M:
        """The record; locked where it is about to be changed, so that two edits are one by one."""
        found = super().get_object(request, object_id, from_field)
        return lock(self.get_queryset(request), found.pk) if request.method == "POST" else found

    def get_fields(self, request: HttpRequest, obj: M | None = None) -> Any:
        """All that can be edited; what the form itself asks only where there is an edit."""
        names = super().get_fields(request, obj)
        if obj is not None and self.has_change_permission(request, obj):
            return names
        asked = self.form.declared_fields
        return [name for name in names if name not in asked]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._held(request, self.change_permission)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self._held(request, self.change_permission, obj)

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        """A text that the service would refuse is refused beside its field."""
        found = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(found, forms.CharField):
            found.validators.append(partial(_fit, lines=isinstance(db_field, TextField)))
        return found

    def _choices(self, db_field: "Field[Any, Any]", request: HttpRequest) -> QuerySet[Any]:
        """INVARIANT: a record can be tied only to records that the user may change."""
        related = db_field.related_model
        if not isinstance(related, type) or not issubclass(related, Model):
            raise TypeError("a relation without a model")
        rows = related._default_manager.all()
        if issubclass(related, Record):
            return visible(rows, actor_of(request), self.change_permission)
        if issubclass(related, User):
            return accounts_of(actor_of(request), self.change_permission)
        return rows

    def save_model(self, request: HttpRequest, obj: M, form: "ModelForm[M]", change: bool) -> None:
        columns, related = changed_by(form)
        actor = actor_of(request)
        facility = self.facility_of(obj, actor)
        reference_save(record=obj, changed=columns, related=related, actor=actor, facility=facility)
        self.saved(obj, actor)

    def facility_of(self, record: M, actor: Actor) -> UUID | None:
        """Whose journal tells of the change; None: that of the facility where the record lies."""
        path = record.person_path
        if not path:
            return None
        person_id = record.pk if path == "pk" else getattr(record, f"{path}_id")
        return facility_of_act(actor, self.change_permission, person_id)

    def saved(self, record: M, actor: Actor) -> None:
        """Pass a change on to who must know, in its transaction; most records concern nobody."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Relations were saved, and journaled, with the record."""
