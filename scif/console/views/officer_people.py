"""People from a file: upload it, look at what each line would do, then enter them all at once."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from scif.people.access import facilities_with
from scif.people.actors import actor_of
from scif.people.models import Person
from scif.people.rules.people_file import COLUMNS, FileFault, text_of_file
from scif.people.selectors.people_file import Row, RowState, people_preview
from scif.people.services.person import CHANGE, people_import

CONFLICT, INVALID = 409, 422


class UploadForm(forms.Form):
    """A file of people."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        help_text=gettext_lazy("CSV in UTF-8; the columns are %(columns)s.")
        % {"columns": ", ".join(COLUMNS)},
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> str:
        """The file's text, or why it has none."""
        file, most = self.cleaned_data["file"], settings.PEOPLE_FILE_MOST_BYTES
        try:
            # One byte more than is allowed tells that it is too large; the rest is not read.
            return text_of_file(file.read(most + 1), most_bytes=most)
        except FileFault as fault:
            raise forms.ValidationError(str(fault)) from fault


class ConfirmForm(forms.Form):
    """What was looked at, as it was, and how many of it were new."""

    text = forms.CharField(widget=forms.HiddenInput, strip=False)
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


def people_file(request: HttpRequest) -> HttpResponse:
    """Ask for a file; show what it holds; enter its people when that is confirmed."""
    actor = actor_of(request)
    if not facilities_with(actor, CHANGE).exists():
        raise Http404
    if request.method == "POST" and "text" in request.POST:
        return _confirm(request, actor)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            text = form.cleaned_data["file"]
            try:
                rows = people_preview(text, actor, CHANGE)
            except FileFault as fault:
                form.add_error("file", str(fault))
            else:
                return _page(request, UploadForm(), rows=rows, text=text)
    return _page(request, form, status=INVALID if form.errors else 200)


def _confirm(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _page(request, UploadForm(), status=INVALID)
    text = form.cleaned_data["text"]
    try:
        people = people_import(text=text, expected=form.cleaned_data["expected"], actor=actor)
    except Refused as refusal:
        try:
            rows = people_preview(text, actor, CHANGE)
        except FileFault:
            rows = []
        return _page(request, UploadForm(), rows=rows, text=text, refused=refusal, status=CONFLICT)
    count = len(people)
    words = ngettext("%(count)d person entered.", "%(count)d people entered.", count)
    messages.success(request, words % {"count": count})
    return redirect("admin:people_person_changelist")


def _page(
    request: HttpRequest,
    form: UploadForm,
    *,
    rows: list[Row] | None = None,
    text: str = "",
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = rows or []
    counts = {state: sum(row.state is state for row in rows) for state in RowState}
    new, faulty = counts[RowState.NEW], counts[RowState.FAULTY]
    stopped = ""
    if faulty:
        stopped = _("Mend the faulty lines first: all are entered, or nobody.")
    elif not new:
        stopped = _("Nobody in the file is new.")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Import people"),
        "opts": Person._meta,
        "form": form,
        "rows": rows,
        "columns": COLUMNS,
        "counts": {state.value: count for state, count in counts.items()},
        "confirm": ConfirmForm(initial={"text": text, "expected": new}) if rows else None,
        "button": ngettext("Import %(count)d person", "Import %(count)d people", new)
        % {"count": new},
        "stopped": stopped,
        "refused": refused,
        "most": settings.PEOPLE_FILE_MOST_ROWS,
        "back": reverse("admin:people_person_changelist"),
    }
    return TemplateResponse(request, "admin/people_import.html", context, status=status)
