"""A laptop goes out of the house: for whom, for which registered place, until when."""

from collections.abc import Iterable
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from scif.console.forms.laptops import OutsideForm
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_room import CONFLICT, UNPROCESSABLE
from scif.console.views.laptop_words import chip_of
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from terminals.models import Terminal
from terminals.selectors.outside_issue import Against, Candidate, candidates_outside, loan_until
from terminals.selectors.terminal import terminals_of
from terminals.services.custody_outside import IssueRefused, terminal_issue_outside

# Whoever has it reads the officer's words at the desk too, as on a visit's page.
OFFICER = "access.suspend_visit"


class LaptopOutsidePage(DeskView):
    """The form of one laptop that is issued for a registered place."""

    station = "laptops"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        terminal = self._terminal(pk)
        found = candidates_outside(self.facility, terminal.pk, now())
        return self._show(terminal, self._form(found), found)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        terminal = self._terminal(pk)
        found = candidates_outside(self.facility, terminal.pk, now())
        form = self._form(found)
        if not form.is_valid():
            return self._show(terminal, form, found, status=UNPROCESSABLE)
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
        except IssueRefused as refusal:
            return self._show(terminal, form, found, reasons=refusal.reasons, status=CONFLICT)
        except Refused as refusal:
            return self._show(terminal, form, found, refusal=refusal, status=CONFLICT)
        return redirect(self.to("laptop", pk))

    def _terminal(self, pk: UUID) -> Terminal:
        return terminals_of(self.facility, self.actor).get(pk=pk)

    def _form(self, found: Iterable[Candidate]) -> OutsideForm:
        """Offers those who can; who cannot any more is refused with the reasons, on record."""
        able = [_choice(each) for each in found if not each.against]
        others = [_choice(each) for each in found if each.against]
        data = self.request.POST if self.request.method == "POST" else None
        return OutsideForm(data, able=able, others=others, longest=loan_until(self.facility, now()))

    def _show(
        self,
        terminal: Terminal,
        form: Form,
        found: Iterable[Candidate],
        *,
        reasons: Iterable[Against] = (),
        refusal: Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        context: Context = {
            "terminal": terminal,
            "chip": chip_of(terminal),
            "form": form,
            "refusal": refusal,
            "reasons": self._words(reasons),
            "cannot": [
                {
                    "person": each.person,
                    "place": each.place,
                    "engagement": each.place.engagement.reference,
                    "reasons": self._words(each.against),
                }
                for each in found
                if each.against
            ],
            "stop_url": self.to("laptop_stop", terminal.pk),
            "back": self.to("laptop", terminal.pk),
        }
        return self.page("desk/laptop_outside.html", context, status)

    def _words(self, reasons: Iterable[Against]) -> list[dict[str, str]]:
        """Why not and what mends it, each sentence once; a guard reads his own words."""
        officer = self.may(OFFICER)
        told: dict[str, str] = {}
        for each in reasons:
            mend = each.remedy
            if each.guard and not officer:
                mend = _("Can mend it: %(who)s") % {"who": each.who}
            told.setdefault(each.message if officer else each.guard or each.message, mend)
        return [{"what": what, "mend": mend} for what, mend in told.items()]


def _choice(each: Candidate) -> tuple[str, str]:
    words = f"{each.person}, {each.place} ({each.place.engagement.reference})"
    return f"{each.place.pk} {each.person.pk}", words
