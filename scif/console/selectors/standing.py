"""Standing orders as the screens say them."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.models import AccessDecision
from access.selectors.facts_place import policy_facts
from hardware.models import CommandState, DoorState, DoorStatus, StandingOrder, StandingVerb
from hardware.rules.standing import OPEN, StandingState
from hardware.words import reason_words
from scif.console.plan_facts import DOOR_WORDS
from scif.facilities.models import Facility, Portal
from scif.kernel.clock import now

# The sign of an override stands behind the words wherever a door is not as its rules say.
SIGN = "⬢"
LOCKDOWN = "lockdown"  # the gateway's word for why it refuses or ends one
_NOT_DONE = gettext_lazy("%(what)s: not carried out, %(reason)s")
_STANDS = {StandingVerb.HOLD.value: "held", StandingVerb.SHUNT.value: "shunted"}


def standing_words(order: StandingOrder) -> str:
    """One order: what stands until when, or what it waits for."""
    match StandingState(order.state), order.until:
        case StandingState.STANDING, until if until is not None:
            at = until.astimezone(timezone.get_current_timezone())
            if order.verb == StandingVerb.HOLD:
                return _("Held open until %(at)s") % {"at": f"{at:%H:%M}"} + f" {SIGN}"
            return _("Shunted until %(at)s") % {"at": f"{at:%H:%M}"} + f" {SIGN}"
        case _:
            return f"{order.get_verb_display()}: {order.get_state_display()}"


def standing_doors(facility: Facility) -> dict[str, dict[str, str]]:
    """The doors for which something stands: how the plan draws them, and its words."""
    orders = StandingOrder.objects.filter(
        portal__zone__area__facility=facility, state=StandingState.STANDING
    )
    found: dict[str, dict[str, str]] = {}
    # A hold goes over a shunt: who sees the plan must know first that the door stands open.
    for order in orders.select_related("portal").order_by("-verb"):
        words = standing_words(order)
        known = found.get(order.portal.code)
        found[order.portal.code] = {
            "status": _STANDS[order.verb],
            "words": f"{words}; {known['words']}" if known else words,
        }
    return found


def door_told(state: DoorState) -> str:
    """What was last heard of a door; one that opened under a standing order was granted nobody.

    An opening that stands on reads is told of each of them, to the moment.
    """
    granted = AccessDecision.objects.filter(portal=state.portal_id, opened_at=state.changed_at)
    if state.status == DoorStatus.AJAR and state.changed_at and not granted.exists():
        under = StandingOrder.objects.filter(
            Q(ended_at=None) | Q(ended_at__gte=state.changed_at),
            portal=state.portal_id,
            until__gte=state.changed_at,
            confirmed_at__lte=state.changed_at,
        )
        verbs = set(under.values_list("verb", flat=True))
        if StandingVerb.HOLD in verbs:
            return _("Opened under a hold")
        if StandingVerb.SHUNT in verbs:
            return _("Opened under a shunt")
    return state.get_status_display()


def standing_over(doors: dict[str, dict[str, str]], facility: Facility) -> None:
    """Draw over the doors of a plan what stands for them; never over a forced or a silent one."""
    for code, stands in standing_doors(facility).items():
        door = doors.setdefault(code, {"status": "off"})
        if door["status"] in ("forced", "off"):
            words = DOOR_WORDS[door["status"]][1]
            door["words"] = f"{words}; {stands['words']}"
        else:
            door.update(stands)


def standing_undone(portal: Portal) -> list[str]:
    """What was asked for last at a door and does not stand, in words; told for the policy's while.

    INVARIANT: an order that a gateway refuses, or that a lockdown ends, does not vanish unsaid.
    """
    policy = policy_facts(portal.zone.area.facility)
    since = now() - policy.minutes("standing_confirm_minutes")
    found = []
    for verb in StandingVerb:
        order = portal.standing_orders.select_related("command").filter(verb=verb).first()
        if order is None or order.ended_at is None or order.ended_at < since:
            continue
        what = {"what": verb.label, "reason": reason_words(order.ended_why)}
        if order.state == StandingState.FAILED:
            refused = order.command is not None and order.command.state == CommandState.REFUSED
            words = _("%(what)s: refused, %(reason)s") if refused else _NOT_DONE
            found.append(str(words) % what)
        elif order.state == StandingState.ENDED and order.ended_why == LOCKDOWN:
            found.append(_("%(what)s: ended, %(reason)s") % what)
    return found


def standing_open(portal_code: str, facility: Facility) -> list[StandingOrder]:
    """What is asked for, ordered or stands for a door."""
    orders = StandingOrder.objects.filter(
        portal__code=portal_code, portal__zone__area__facility=facility, state__in=OPEN
    )
    return list(orders.select_related("requested_by", "confirmed_by", "portal"))
