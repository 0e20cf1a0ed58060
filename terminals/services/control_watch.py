"""A control process that works no more while sessions are open: one alarm, until one works."""

from django.db import transaction
from django.utils.translation import gettext as _

from scif.alarms.models import Alarm, Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from terminals.models import Session
from terminals.rules.session_states import OPEN_STATES
from terminals.selectors.control import control_works

SILENT = "control_silent"
SUBJECT = "sessions"


@transaction.atomic
def control_watch(*, actor: Actor) -> None:
    """Tell each facility with sessions on record as open that nobody watches them. Idempotent."""
    told = Alarm.objects.filter(kind=SILENT, closed_at=None)
    if control_works():
        for alarm in told.select_related("facility"):
            alarm_clear(
                facility=alarm.facility,
                kind=SILENT,
                subject=SUBJECT,
                note=_("a control process works"),
                actor=actor,
            )
        return
    watched = Session.objects.filter(state__in=OPEN_STATES).values("terminal__facility")
    knows = told.values("facility")
    for facility in Facility.objects.filter(pk__in=watched).exclude(pk__in=knows).order_by("code"):
        alarm_raise(
            facility=facility,
            gravity=Gravity.ACT,
            kind=SILENT,
            subject=SUBJECT,
            message=_("Nobody watches the laptops' sessions: no control process works"),
            actor=actor,
        )
