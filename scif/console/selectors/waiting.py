"""What waits for an officer: requested bookings and open alarms."""

from django.db.models import QuerySet

from access.models import Booking
from access.rules.states import BookingState
from scif.alarms.models import Alarm
from scif.kernel.actor import Actor
from scif.people.access import facilities_with, visible
from terminals.models import AirlockItem
from terminals.rules.airlock_states import AirlockState
from terminals.selectors.airlock import CHECK, items_for


def approvals_waiting(actor: Actor) -> QuerySet[Booking]:
    """Requested bookings of the actor's facilities, the one whose hold ends first on top.

    Compliance staff see them too; only an officer decides.
    """
    bookings = Booking.objects.filter(state=BookingState.REQUESTED).select_related(
        "area__facility__policy", "engagement__sponsor__organisation", "requester__organisation"
    )
    return visible(bookings, actor, "access.view_decision").order_by("hold_until", "reference")


def alarms_open(actor: Actor) -> QuerySet[Alarm]:
    """Alarms that nobody has closed."""
    return visible(Alarm.objects.filter(closed_at=None), actor, "alarms.view_alarm")


def airlock_waiting(actor: Actor) -> QuerySet[AirlockItem]:
    """Items that are to be checked or released at the actor's facilities, if he checks there."""
    open_ones = items_for(actor).filter(state__in=(AirlockState.SEALED, AirlockState.CHECKED))
    return open_ones.filter(facility__in=facilities_with(actor, CHECK))
