"""What the pages of places and roles share: what weakens or lets in waits for another officer."""

from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from access.services.edit import edit_weakens, record_edit
from hardware.models import Rewiring
from scif.console.views.officer_told import waits_told
from scif.facilities.models import Record
from scif.facilities.rules.weakening import NEW_ONES
from scif.people.actors import actor_of
from scif.people.admin.base import ReferenceAdmin, ReferenceForm, changed_by

if TYPE_CHECKING:
    from django.forms import ModelForm

M = TypeVar("M", bound=Record)


class PlaceForm(ReferenceForm):
    """An edit of a place, with the reason that another officer will read."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed where the edit weakens something: another officer confirms it then."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and "reason" in self.fields:
            self.fields["reason"].help_text = _("Another officer reads it, and confirms.")

    def _post_clean(self) -> None:
        """Ask for the reason beside what needs it; the service asks for it anyhow."""
        super()._post_clean()
        if self.errors:
            return
        if self.instance._state.adding:
            if (
                self.instance._meta.model_name in NEW_ONES
                and not self.cleaned_data["reason"].strip()
            ):
                self.add_error("reason", _("Say why; another officer will read it."))
            return
        weaker = edit_weakens(self.instance, changed_by(self)[1])
        if weaker and not self.cleaned_data["reason"].strip():
            names = ", ".join(str(self.fields[name].label) for name in weaker)
            words = _("This weakens: %(fields)s. Say why; another officer will read it.")
            self.add_error("reason", words % {"fields": names})


class PlaceAdmin(ReferenceAdmin[M]):
    """A place that officers edit; ``access/services/edit.py`` does it or asks for it."""

    form = PlaceForm

    def get_fields(self, request: HttpRequest, obj: M | None = None) -> Any:
        """With the reason for a new record too, where that waits for another officer."""
        names = super().get_fields(request, obj)
        asks = obj is None and self.opts.model_name in NEW_ONES
        return [*names, "reason"] if asks else names

    def save_model(self, request: HttpRequest, obj: M, form: "ModelForm[M]", change: bool) -> None:
        changed, related = changed_by(form)
        done = record_edit(
            record=obj,
            changed=changed,
            related=related,
            reason=form.cleaned_data.get("reason", ""),
            actor=actor_of(request),
        )
        # For the answer, which is made after this and is given the record alone.
        request.__dict__["waits"] = done if isinstance(done, Rewiring) else None

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Lead to the request where a new record waits; there is no such record yet."""
        return self._answer(request) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Lead to the request where the edit waits; nothing was changed then."""
        return self._answer(request) or super().response_change(request, obj)

    def _answer(self, request: HttpRequest) -> HttpResponse | None:
        waits = request.__dict__.get("waits")
        if waits is None:
            return None
        messages.warning(request, waits_told(waits))
        return redirect(reverse("admin:hardware_rewiring_change", args=[waits.pk]))
