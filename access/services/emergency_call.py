"""The second person of a declared emergency is called by an alarm, which ends as he comes."""

from access.models import Emergency
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.kernel.actor import Actor

UNCONFIRMED = "emergency_unconfirmed"


def second_called(emergency: Emergency, actor: Actor) -> None:
    """Call the second person: until then no door opens, and nobody may have heard of it."""
    alarm_raise(
        facility=emergency.facility,
        gravity=Gravity.ACT,
        kind=UNCONFIRMED,
        subject=emergency.reference,
        message=f"{emergency} waits for a second person: no door opens by it yet",
        actor=actor,
    )


def second_came(emergency: Emergency, note: str, actor: Actor) -> None:
    """The emergency waits for nobody any more: it is confirmed, or over."""
    alarm_clear(
        facility=emergency.facility,
        kind=UNCONFIRMED,
        subject=emergency.reference,
        note=note,
        actor=actor,
    )
