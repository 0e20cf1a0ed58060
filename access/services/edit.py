"""An officer's edit of a place: done at once, or asked of another officer where it weakens it.

What counts as weaker stands in ``scif/facilities/rules/weakening.py``. Who must know of a change is
told in its transaction: doors, gateways, whoever has booked.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from access.services.closed_day import closed_day_apply
from access.services.projection import area_project, facility_project
from access.services.rewiring_request import request
from hardware.models import FeedbackPattern, Gateway, Rewiring, RewiringKind
from hardware.services.installation import gateway_publish
from hardware.services.plant import CHANGE as CHANGE_DEVICE
from scif.facilities.models import (
    Area,
    ClosedDay,
    Facility,
    Locker,
    LockerBank,
    Portal,
    Record,
    Zone,
)
from scif.facilities.rules.weakening import NEW_ONES, weakened
from scif.facilities.selectors.reference import record_said, record_says
from scif.facilities.services.reference import (
    Agreement,
    facility_at,
    reference_changes,
    reference_check,
    reference_save,
)
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused, require
from scif.people.access import lock, visible
from scif.people.models import FacilityRole
from scif.people.services.person import CHANGE as CHANGE_PERSON

CHANGE = "facilities.change_facility"


def _nobody(record: Any, actor: Actor) -> None:
    """Nobody needs to know at once."""


def _gateways(lookup: Callable[[Any], Mapping[str, object]]) -> Callable[[Any, Actor], None]:
    def publish(record: Any, actor: Actor) -> None:
        for gateway in Gateway.objects.filter(**lookup(record)).distinct():
            gateway_publish(gateway=gateway, actor=actor)

    return publish


class Editable(NamedTuple):
    """Which permission edits such a record, and who is told of it in the transaction."""

    permission: str = CHANGE
    follow: Callable[[Any, Actor], object] = _nobody


EDITABLE: Mapping[type[Record], Editable] = {
    Facility: Editable(follow=lambda record, actor: facility_project(facility=record)),
    Area: Editable(follow=lambda record, actor: area_project(area_id=record.pk)),
    ClosedDay: Editable(
        follow=lambda record, actor: closed_day_apply(closed_day=record, actor=actor)
    ),
    Zone: Editable(follow=_gateways(lambda record: {"buses__devices__portal__zone": record})),
    Portal: Editable(follow=_gateways(lambda record: {"buses__devices__portal": record})),
    LockerBank: Editable(),
    Locker: Editable(),
    FacilityRole: Editable(CHANGE_PERSON),
    FeedbackPattern: Editable(
        CHANGE_DEVICE, _gateways(lambda record: {"facility": record.facility_id})
    ),
}


def edit_weakens(record: Record, related: Mapping[str, Sequence[Record]]) -> list[str]:
    """The fields by which a record, as it is edited and not yet saved, would be weaker."""
    before, after = reference_changes(record, related)
    return weakened(str(record._meta.model_name), before, after)


@transaction.atomic
def record_edit(
    *,
    record: Record,
    changed: Sequence[str],
    related: Mapping[str, Sequence[Record]],
    reason: str,
    actor: Actor,
) -> Record | Rewiring:
    """Save a record as an officer edited or made it; where that weakens it, ask for it.

    ``record`` and ``related`` hold what it will say, ``changed`` its fields that were set. Gives
    the record as saved, or the request that waits for another officer, to whom all of the edit is
    put. What could not be saved is refused at once, by ``ValidationError``; only a request needs
    a reason.
    """
    rule, stored = EDITABLE[type(record)], record
    if not record._state.adding:
        rows = visible(type(record)._default_manager.all(), actor, rule.permission)
        stored = lock(rows, record.pk)
    before, after = reference_changes(record, related)
    asks = weakened(str(record._meta.model_name), before, after)
    if record._state.adding and record._meta.model_name in NEW_ONES:
        before, after, asks = {}, record_said(record, related), ["new"]
    _not_his_own(record, actor)
    if not asks:
        reference_save(record=record, changed=changed, related=related, actor=actor)
        rule.follow(record, actor)
        return record
    reference_check(record)
    facility = record.facility_id if isinstance(record, FacilityRole) else facility_at(record)
    order = Rewiring(
        kind=RewiringKind.EDIT,
        place_model=record._meta.label_lower,
        place_id=record.pk,
        place_name=str(stored)[:200],
        before=before,
        after=after,
    )
    return request(order, Facility.objects.get(pk=facility), reason, actor)


def _not_his_own(record: Record, actor: Actor) -> None:
    if isinstance(record, FacilityRole):
        require(
            actor.user_id is None or record.user_id != actor.user_id,
            "own_role",
            _("Nobody gives himself a role, nor takes one."),
            _("Two other officers decide on it."),
        )


def edit_carry_out(*, agreed: Rewiring, actor: Actor) -> None:
    """Let a place say what two officers agreed on; refuses where it has changed since."""
    model = {each._meta.label_lower: each for each in EDITABLE}[agreed.place_model]
    rule = EDITABLE[model]
    if agreed.place_id is None or agreed.decided_by_id is None:
        raise Refused("two_needed", _("Nobody has confirmed it."))
    if agreed.before:
        rows = visible(model._default_manager.all(), actor, rule.permission)
        record = lock(rows, agreed.place_id)
    else:
        record = model(**{model._meta.pk.attname: agreed.place_id})
    changed, related = record_says(record, agreed.after)
    before, _after = reference_changes(record, related)
    require(
        before == agreed.before,
        "changed_meanwhile",
        _("%(what)s has changed since this was asked for.") % {"what": agreed.subject},
        _("Withdraw it, and ask for it anew."),
    )
    _not_his_own(record, actor)
    word = Agreement(agreed.requested_by_id, agreed.decided_by_id, agreed.before, agreed.after)
    try:
        reference_save(record=record, changed=changed, related=related, actor=actor, agreed=word)
    except ValidationError as error:
        # Something beside it changed, such as another record of the same code.
        raise Refused("not_valid", " ".join(error.messages)) from error
    rule.follow(record, actor)
