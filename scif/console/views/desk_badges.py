"""Badges that lie at the desk: a lost one is handed in, a returned one is erased."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from access.selectors import desk
from access.services.badge import ISSUE, badge_erase_request
from access.services.badge_found import badge_find
from scif.console.forms.badges import FoundForm
from scif.console.views.desk_frame import DeskView
from scif.console.views.desk_room import CONFLICT, UNPROCESSABLE
from scif.kernel.errors import Refused


class BadgesPage(DeskView):
    """What lies in the drawer and is of no use yet, and what is missing from it."""

    station = "exit"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(self._form())

    def post(self, request: HttpRequest) -> HttpResponse:
        """A found badge is handed in, or a returned one is laid on the reader."""
        form = self._form(request) if "found" in request.POST else self._form()
        try:
            if "found" in request.POST:
                if not form.is_valid():
                    return self._show(form, status=UNPROCESSABLE)
                badge_find(
                    badge_id=form.cleaned_data["badge"].pk,
                    where=form.cleaned_data["where"],
                    actor=self.actor,
                )
            else:
                badge_erase_request(badge_id=UUID(request.POST.get("erase", "")), actor=self.actor)
        except ValueError as error:
            raise Http404 from error
        except Refused as refusal:
            return self._show(form, refusal, CONFLICT)
        return redirect(self.to("badges"))

    def _form(self, request: HttpRequest | None = None) -> FoundForm:
        lost = desk.badges_lost(self.facility, self.actor)
        return FoundForm(request.POST if request else None, lost=lost)

    def _show(
        self, form: FoundForm, refusal: Refused | None = None, status: int = 200
    ) -> HttpResponse:
        context = {
            "form": form,
            "refusal": refusal,
            "lost": desk.badges_lost(self.facility, self.actor).exists(),
            "returned": desk.badges_returned(self.facility, self.actor),
            "stopped": "" if self.may(ISSUE) else _("Guards and officers do this"),
        }
        return self.page("desk/badges.html", context, status)
