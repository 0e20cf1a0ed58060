"""Laptops' sessions now: who, where, how long, how many bytes, what was warned of."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_locks import lock_facts
from scif.console.views.desk_sessions_past import just_now
from scif.kernel.clock import now
from terminals.models import Session, TerminalLock
from terminals.rules.session_states import SessionState
from terminals.rules.session_wording import WORDINGS
from terminals.selectors.control import control_works
from terminals.selectors.ledger import budgets_of
from terminals.selectors.session import Share, sessions_open
from terminals.selectors.session_shown import warned_words

SHAPES = {
    SessionState.REQUESTED: "wait",
    SessionState.LIVE: "ok",
    SessionState.PAUSED: "warn",
    SessionState.CUTTING: "stop",
}


class SessionsPage(DeskView):
    """The sessions of the facility that are not over, and the locks that are not lifted."""

    station = "laptops"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = [self._row(session) for session in sessions_open(self.facility, self.actor)]
        locks = TerminalLock.objects.filter(terminal__facility=self.facility, ended_at=None)
        context = {
            "rows": rows,
            "locks": [
                lock_facts(each) for each in locks.select_related("terminal__facility__policy")
            ],
            "works": control_works(),
            "lately": just_now(self.facility, self.actor),
            "laptops_url": self.to("laptops"),
        }
        return self.page("desk/sessions.html", context)

    def _row(self, session: Session) -> Context:
        budgets = budgets_of(session.engagement, self.facility.pk)
        left = max(0, int((session.ends_at - now()).total_seconds()) // 60)
        wording = WORDINGS.get(session.why)
        return {
            "session": session,
            "chip": {
                "shape": SHAPES[SessionState(session.state)],
                "words": session.get_state_display(),
            },
            "minutes": left,
            "warned": warned_words(session),
            "share": Share(_("Budget"), budgets.spent, budgets.of_engagement)
            if session.place is None
            else Share(_("Budget outside"), budgets.spent_offsite, budgets.of_offsite),
            "guard": _(wording.guard) if wording else "",
            "lock_url": self.to("laptop_stop", session.terminal_id),
        }
