"""A laptop goes out of the house: for whom, for which registered place, until when."""

from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from scif.console.forms.laptops import OutsideForm
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_laptops import chip_of
from scif.console.views.desk_room import CONFLICT, UNPROCESSABLE
from scif.kernel.errors import Refused
from terminals.selectors.place import holders_of, places_to_equip
from terminals.selectors.terminal import terminals_of
from terminals.services.custody_outside import terminal_issue_outside


class LaptopOutsidePage(DeskView):
    """The form of one laptop that is issued for a registered place."""

    station = "laptops"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._show(pk, self._form())

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        terminal = terminals_of(self.facility, self.actor).get(pk=pk)
        form = self._form()
        if not form.is_valid():
            return self._show(pk, form, status=UNPROCESSABLE)
        place_id, person_id = form.cleaned_data["who"]
        try:
            terminal_issue_outside(
                place_id=place_id,
                person_id=person_id,
                terminal_id=terminal.pk,
                due_at=form.cleaned_data["due_at"],
                seals=form.cleaned_data["seals"],
                strokes=form.cleaned_data["signature"],
                actor=self.actor,
            )
        except Refused as refusal:
            return self._show(pk, form, refusal, CONFLICT)
        return redirect(self.to("laptop", pk))

    def _form(self) -> OutsideForm:
        choices = [
            (f"{place.pk} {person.pk}", f"{person}, {place} ({place.engagement.reference})")
            for place in places_to_equip(self.facility)
            for person in holders_of(place)
        ]
        data = self.request.POST if self.request.method == "POST" else None
        return OutsideForm(data, choices=choices)

    def _show(
        self, pk: UUID, form: Form, refusal: Refused | None = None, status: int = 200
    ) -> HttpResponse:
        terminal = terminals_of(self.facility, self.actor).get(pk=pk)
        context: Context = {
            "terminal": terminal,
            "chip": chip_of(terminal),
            "form": form,
            "refusal": refusal,
            "back": self.to("laptop", pk),
        }
        return self.page("desk/laptop_outside.html", context, status)
