"""What lets a person in is granted by two officers: one asks, another confirms.

Nobody could be let in by one officer, nor could one give a friend what the other one's agreement
rested on. What a service of :func:`by_two` would do is tried when it is asked for, so that what
cannot be done is refused at once, and done when another officer confirms it.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import wraps
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_type_hints
from uuid import UUID, uuid4

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from access.services.rewiring_request import request
from hardware.models import Rewiring, RewiringKind
from hardware.rules.rewiring import RewiringState
from scif.facilities.models import Facility, Record
from scif.facilities.services.reference import facility_at
from scif.kernel.actor import Actor, ActorKind
from scif.kernel.errors import Refused, require
from scif.people.access import facilities_of_act

Service = Callable[..., Record]
F = TypeVar("F", bound=Service)
# By the name that a request keeps; a service is in it once its module is loaded.
GRANTS: dict[str, "Service"] = {}
_ALONE: dict[str, Callable[[Mapping[str, Any]], bool]] = {}


def _never(given: Mapping[str, Any]) -> bool:
    return False


def by_two(
    *, permission: str, alone: Callable[[Mapping[str, Any]], bool] = _never
) -> Callable[[F], F]:
    """Let a service that grants a person something be done by a user only as two agreed.

    ``alone`` tells of what was filled in whether one officer's word is enough. INVARIANT: it is
    done for no user without another one's confirmation of just what was asked for.
    """

    def wrap(service: F) -> F:
        name = service.__name__

        @wraps(service)
        def checked(*, actor: Actor, agreed: Rewiring | None = None, **given: Any) -> Record:
            if actor.kind is ActorKind.USER and not alone(given):
                require(
                    agreed is not None
                    and agreed.state == RewiringState.CONFIRMED
                    and (agreed.kind, agreed.place_model) == (RewiringKind.GRANT, name)
                    and agreed.after == _said(given),
                    "two_needed",
                    _("This lets a person in."),
                    _("One officer asks for it, and another one confirms."),
                )
            return service(actor=actor, **given)

        checked.__dict__["permission"] = permission
        GRANTS[name], _ALONE[name] = checked, alone
        return cast("F", checked)

    return wrap


@transaction.atomic
def grant_ask(
    *,
    service: Service,
    given: Mapping[str, Any],
    reason: str,
    actor: Actor,
    at: Facility | None = None,
) -> Record | Rewiring:
    """Grant what a service of :func:`by_two` grants, or ask another officer for it.

    ``at`` is whose officers are asked for what lies in no facility; without it they are those of
    the first for which the actor acts. Gives the record where one officer's word is enough, else
    the request that waits.
    """
    name = service.__name__
    if _ALONE[name](given):
        return service(actor=actor, **given)
    order = Rewiring(
        kind=RewiringKind.GRANT, place_model=name, place_id=uuid4(), after=_said(given)
    )
    order.place_name, facility = _tried(service, order, given, at, actor)
    return request(order, facility, reason, actor)


def grant_carry_out(*, agreed: Rewiring, actor: Actor) -> None:
    """Do what was asked for, as it was asked for; refuses what cannot be done any more."""
    service = GRANTS[agreed.place_model]
    hints = get_type_hints(service)
    given = {name: _read(hints[name], value) for name, value in agreed.after.items()}
    try:
        service(actor=actor, agreed=agreed, **given)
    except ValidationError as error:
        raise Refused("not_valid", " ".join(error.messages)) from error
    except ObjectDoesNotExist as error:
        raise Refused("gone", _("Somebody named in it is out of your sight by now.")) from error


def _tried(
    service: Service,
    order: Rewiring,
    given: Mapping[str, Any],
    at: Facility | None,
    actor: Actor,
) -> tuple[str, Facility]:
    """Do it and take it back: what it would be called, and at which facility it would be."""
    trial = Rewiring(
        kind=order.kind,
        place_model=order.place_model,
        after=order.after,
        state=RewiringState.CONFIRMED,
    )
    with transaction.atomic():
        record: Any = service(actor=actor, agreed=trial, **given)
        place = facility_at(record) or _asked_at(
            facilities_of_act(actor, service.__dict__["permission"], record.person_id), at
        )
        facility: Facility = Facility.objects.select_related("policy").get(pk=str(place))
        name = f"{record._meta.verbose_name}: {record}"[:200]
        # Whom it concerns was told in the same transaction, and that is undone as well.
        transaction.set_rollback(True)
    return name, facility


def _asked_at(places: list[UUID], at: Facility | None) -> UUID | None:
    if at is None:
        return next(iter(places), None)
    require(
        at.pk in places,
        "not_his_officers",
        _("The officers of %(facility)s do not decide about this person.") % {"facility": at},
        _("Ask those of a facility that the person is of."),
    )
    return at.pk


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, in JSON's own types."""
    return {name: _plain(value) for name, value in given.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {day: list(span) for day, span in value.items()}
    return value


def _read(hint: Any, value: Any) -> Any:
    """A value as its service takes it."""
    if value is None:
        return None
    kinds = [kind for kind in get_args(hint) if kind is not NoneType] if _is_union(hint) else [hint]
    (kind,) = kinds
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, UUID | Enum):
        return kind(value)
    return value


def _is_union(hint: Any) -> bool:
    return NoneType in get_args(hint)
