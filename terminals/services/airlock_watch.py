"""The answer's clock: what nobody has answered in time is an alarm."""

from django.db import transaction

from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from terminals.models import AirlockItem
from terminals.rules.airlock_states import ON_THE_CLOCK
from terminals.services.airlock import OVERDUE, airlock_tell


@transaction.atomic
def airlock_watch(*, actor: Actor) -> int:
    """Raise an alarm for each item whose answer is overdue; idempotent. Gives how many are new."""
    late = AirlockItem.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    found = late.filter(state__in=ON_THE_CLOCK, due_at__lte=now(), overdue=False)
    items = list(found.select_related("facility", "engagement", "version").order_by("due_at"))
    for item in items:
        item.overdue = True
        item.save(update_fields=["overdue"])
        airlock_tell(item=item, what="overdue", actor=actor, due_at=item.due_at)
        alarm_raise(
            facility=item.facility,
            gravity=Gravity.CHECK,
            kind=OVERDUE,
            subject=item.reference,
            message=f"{item.reference} of {item.engagement.reference} waits for its answer",
            actor=actor,
        )
    return len(items)
