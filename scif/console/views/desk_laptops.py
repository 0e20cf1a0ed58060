"""Laptops at the desk: issued, taken back, inspected, put away, stopped."""

from collections.abc import Callable
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from access.selectors import desk
from scif.console.alarm_kinds import alarm_kind_words
from scif.console.forms.laptops import HandOverForm, InspectForm, IssueForm, StopForm, stops_of
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_locks import lock_facts
from scif.console.views.desk_room import CONFLICT, UNPROCESSABLE
from scif.console.views.desk_sessions_past import just_now
from scif.console.views.desk_words import clock, order_facts
from scif.console.views.laptop_words import check_words, chip_of, proof_words, stay_words
from scif.kernel.errors import Refused
from terminals.models import Terminal, TerminalCustody
from terminals.rules.states import TerminalState
from terminals.selectors.lock import lock_of
from terminals.selectors.place import places_to_equip
from terminals.selectors.terminal import custody_of, terminals_of, visits_to_equip
from terminals.services.attestation import attestation_ask
from terminals.services.custody import terminal_issue, terminal_return
from terminals.services.inspection import terminal_inspect, terminal_store
from terminals.services.lock import terminal_lock
from terminals.services.locker import terminal_locker_open
from terminals.services.loss import terminal_report_lost
from terminals.services.quarantine import terminal_quarantine
from terminals.services.terminal import ISSUE


class LaptopsPage(DeskView):
    """The laptops of the facility: where each is, and who has it."""

    station = "laptops"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = [self._row(terminal) for terminal in terminals_of(self.facility, self.actor)]
        return self.page("desk/laptops.html", {"rows": rows, "sessions_url": self.to("sessions")})

    def _row(self, terminal: Terminal) -> Context:
        custody = custody_of(terminal)
        if custody is not None and custody.place is not None:
            where = _("%(name)s at %(place)s, back by %(time)s") % {
                "name": custody.person,
                "place": custody.place,
                "time": f"{timezone.localtime(custody.due_at):%-d %b %H:%M}",
            }
        elif custody is not None:
            where = _("%(name)s, since %(time)s") % {
                "name": custody.person,
                "time": clock(custody.issued_at),
            }
        else:
            where = str(terminal.locker) if terminal.locker else ""
        return {
            "terminal": terminal,
            "where": where,
            "chip": chip_of(terminal),
            "url": self.to("laptop", terminal.pk),
        }


class LaptopPage(DeskView):
    """One laptop and what is done with it next."""

    station = "laptops"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._show(self._terminal(pk))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        terminal = self._terminal(pk)
        acts: dict[str, Callable[[Terminal], Form | None]] = {
            "ask": self._ask,
            "locker_open": self._open,
            "issue": self._issue,
            "return": self._return,
            "inspect": self._inspect,
            "store": self._store,
        }
        act = acts.get(request.POST.get("act", ""))
        if act is None:
            raise Http404
        try:
            invalid = act(terminal)
        except Refused as refusal:
            return self._show(self._terminal(pk), refusal=refusal, status=CONFLICT)
        if invalid is not None:
            return self._show(terminal, form=invalid, status=UNPROCESSABLE)
        return redirect(self.to("laptop", pk))

    def _terminal(self, pk: UUID) -> Terminal:
        return terminals_of(self.facility, self.actor).get(pk=pk)

    def _ask(self, terminal: Terminal) -> None:
        attestation_ask(terminal_id=terminal.pk, actor=self.actor)

    def _open(self, terminal: Terminal) -> None:
        terminal_locker_open(terminal_id=terminal.pk, actor=self.actor)

    def _store(self, terminal: Terminal) -> None:
        terminal_store(terminal_id=terminal.pk, actor=self.actor)

    def _issue(self, terminal: Terminal) -> Form | None:
        form = IssueForm(self.request.POST, visits=self._visits())
        if not form.is_valid():
            return form
        terminal_issue(
            visit_id=UUID(form.cleaned_data["visit"]),
            terminal_id=terminal.pk,
            seals=form.cleaned_data["seals"],
            strokes=form.cleaned_data["signature"],
            actor=self.actor,
        )
        return None

    def _return(self, terminal: Terminal) -> Form | None:
        form = HandOverForm(self.request.POST)
        if not form.is_valid():
            return form
        terminal_return(
            terminal_id=terminal.pk,
            seals=form.cleaned_data["seals"],
            strokes=form.cleaned_data["signature"],
            actor=self.actor,
        )
        return None

    def _inspect(self, terminal: Terminal) -> Form | None:
        form = InspectForm(self.request.POST)
        if not form.is_valid():
            return form
        terminal_inspect(
            terminal_id=terminal.pk,
            answers=form.answers(),
            seals=form.cleaned_data["seals"],
            remarks=form.cleaned_data["remarks"],
            actor=self.actor,
        )
        return None

    def _visits(self) -> list[tuple[str, str]]:
        visits = visits_to_equip(self.facility, self.actor)
        return [(str(v.pk), f"{v.person}, {v.booking.area.name}") for v in visits]

    def _show(
        self,
        terminal: Terminal,
        *,
        form: Form | None = None,
        refusal: Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        custody, locked = custody_of(terminal), lock_of(terminal)
        step = _step(terminal, custody)
        context: Context = {
            "terminal": terminal,
            "chip": chip_of(terminal),
            "custody": custody,
            "locked": lock_facts(locked) if locked else None,
            "step": step,
            "form": form or self._form(step),
            "refusal": refusal,
            "proof": proof_words(terminal),
            "stay": stay_words(terminal),
            "alarms": self._alarms(terminal),
            "lately": just_now(self.facility, self.actor, terminal) if custody else [],
            "locker_facts": self._locker(terminal) if step in {"issue", "store"} else [],
            "self_check": check_words(terminal) if step == "inspect" else None,
            "stop_url": self.to("laptop_stop", terminal.pk)
            if stops_of(TerminalState(terminal.state))
            else "",
            "outside_url": self._outside(terminal, step),
            "stopped": "" if self.may(ISSUE) else _("A guard on duty does this"),
        }
        return self.page("desk/laptop.html", context, status)

    def _form(self, step: str) -> Form | None:
        """The form of the step, with what was typed when a refusal shows it again."""
        data = self.request.POST if self.request.method == "POST" else None
        match step:
            case "issue":
                return IssueForm(data, visits=self._visits())
            case "return":
                return HandOverForm(data)
            case "inspect":
                return InspectForm(data)
        return None

    def _outside(self, terminal: Terminal, step: str) -> str:
        """The way to issue it for a registered place, where there is one."""
        if step != "issue" or not places_to_equip(self.facility).exists():
            return ""
        return self.to("laptop_outside", terminal.pk)

    def _alarms(self, terminal: Terminal) -> list[Context]:
        """What is open about it, by the alarm's page."""
        about = [alarm for alarm in self.alarms() if alarm.subject == terminal.asset_tag]
        return [
            {"url": self.to("alarm", alarm.pk), "words": alarm_kind_words(alarm.kind)}
            for alarm in about
        ]

    def _locker(self, terminal: Terminal) -> list[Context]:
        """How far the order to open its locker has come since the laptop's last step."""
        if terminal.locker is None:
            return []
        order = desk.order_last(self.facility, "locker_open", lock=terminal.locker.lock)
        if order is not None and order.issued_at < terminal.state_since:
            order = None
        return order_facts(order, _("Opened"), None)


def _step(terminal: Terminal, custody: TerminalCustody | None) -> str:
    """What is done next at the desk; empty where that is an officer's."""
    if custody is not None:
        return "return"
    steps = {
        TerminalState.IN_STORE: "issue",
        TerminalState.RETURNED: "inspect",
        TerminalState.INSPECTED: "store",
    }
    return steps.get(TerminalState(terminal.state), "")


class LaptopStopPage(DeskView):
    """The second step of a dangerous act: what it does, and why."""

    station = "laptops"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._show(pk)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        terminal = terminals_of(self.facility, self.actor).get(pk=pk)
        form = StopForm(request.POST, state=TerminalState(terminal.state))
        if not form.is_valid():
            return self._show(pk, form, status=UNPROCESSABLE)
        reason = form.cleaned_data["reason"]
        try:
            match form.cleaned_data["what"]:
                case "lock":
                    terminal_lock(terminal_id=terminal.pk, reason=reason, actor=self.actor)
                case "quarantine":
                    terminal_quarantine(terminal_id=terminal.pk, reason=reason, actor=self.actor)
                case "lost":
                    terminal_report_lost(
                        terminal_id=terminal.pk,
                        last_seen_at=None,
                        last_seen_where="",
                        circumstances=reason,
                        actor=self.actor,
                    )
        except Refused as refusal:
            return self._show(pk, form, refusal, CONFLICT)
        return redirect(self.to("laptop", pk))

    def _show(
        self,
        pk: UUID,
        form: Form | None = None,
        refusal: Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        terminal = terminals_of(self.facility, self.actor).get(pk=pk)
        context: Context = {
            "terminal": terminal,
            "form": form or StopForm(state=TerminalState(terminal.state)),
            "refusal": refusal,
            "back": self.to("laptop", pk),
        }
        return self.page("desk/laptop_stop.html", context, status)
