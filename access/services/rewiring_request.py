"""A request to another officer: written down once, with its reason and the time it lapses at."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from access.rules.facts import PolicyFacts
from access.rules.policy_keys import KEYS
from access.services.orders import policy_number
from hardware.models import Rewiring, RewiringKind
from hardware.rules.rewiring import RewiringState
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, require
from scif.kernel.text import text_of


def request(order: Rewiring, facility: Facility, reason: str, actor: Actor) -> Rewiring:
    """Save what one officer asks for. Its subject is locked, and its permission was checked."""
    order.reason = text_of(reason, "reason", missing=_("Say why: another officer will read it."))
    same = Q(device=order.device, bus=order.bus, area=order.area, place_id=order.place_id)
    if order.place_model and not order.before:
        # What does not exist yet has no id that both requests could name.
        same |= Q(kind=order.kind, place_model=order.place_model, after=order.after)
    open_ones = Rewiring.objects.filter(same, state=RewiringState.REQUESTED)
    require(
        not open_ones.exists(),
        "request_waiting",
        _("Such a request waits already."),
        _("Confirm or withdraw that one first."),
    )
    order.facility = facility
    order.requested_by_id, order.requested_at = asking(actor), now()
    order.lapses_at = order.requested_at + timedelta(minutes=_minutes(order, facility))
    order.save(force_insert=True)
    tell("requested", order, actor, before=order.before, after=order.after, reason=order.reason)
    return order


def _minutes(order: Rewiring, facility: Facility) -> int:
    """How long it waits. A policy that does not say so can still be mended, by the shipped time."""
    key = "rewiring_confirm_minutes"
    if order.kind == RewiringKind.POLICY and key not in facility.policy.values:
        return PolicyFacts("shipped", {key: KEYS[key].entry()}).number(key)
    return policy_number(facility, key)


def asking(actor: Actor) -> UUID:
    """The person who asks or answers; only a named one may."""
    if actor.person_id is None:
        raise NotPermitted("person_missing", _("Only a named person may do this."))
    return actor.person_id


def tell(what: str, order: Rewiring, actor: Actor, **body: object) -> None:
    """Journal a step of a request."""
    append(
        kind=f"rewiring.{what}",
        actor=actor,
        subject=order,
        facility=order.facility_id,
        body={"what": order.kind, "of": order.subject, **body},
    )
