"""The one access function: what may this actor see or change?

INVARIANT: every query for an object that a user named goes through :func:`visible`, so that an
object of another facility is simply not there (404), never "forbidden".
"""

from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from scif.facilities.models import Facility, Record
from scif.kernel.actor import Actor, ActorKind
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted
from scif.people.models import FacilityRole, User
from scif.people.rules.roles import OWN_PERMISSIONS, roles_with
from scif.people.scope import people_tied, people_within

R = TypeVar("R", bound=Record)


def facilities_with(actor: Actor, permission: str) -> QuerySet[Facility]:
    """The facilities where the actor's roles hold a permission now."""
    if actor.kind is not ActorKind.USER:
        return Facility.objects.all()
    held = _roles(actor).filter(role__in=roles_with(permission))
    return Facility.objects.filter(pk__in=held.values("facility_id"))


def roles_held(actor: Actor) -> frozenset[str]:
    """The roles that a user has now, at whatever facility."""
    return frozenset(_roles(actor).values_list("role", flat=True))


def users_with(permission: str, facility: UUID) -> frozenset[UUID]:
    """The users whose roles at a facility hold a permission now: one look for many of them."""
    held = _standing().filter(facility=facility, role__in=roles_with(permission))
    return frozenset(held.values_list("user_id", flat=True))


def _roles(actor: Actor) -> QuerySet[FacilityRole]:
    if actor.user_id is None:
        return FacilityRole.objects.none()
    return _standing().filter(user_id=actor.user_id)


def _standing() -> QuerySet[FacilityRole]:
    at = now()
    return FacilityRole.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=at), user__is_active=True, valid_from__lte=at
    )


def visible(queryset: QuerySet[R], actor: Actor, permission: str) -> QuerySet[R]:
    """The rows of ``queryset`` on which the actor holds ``permission``.

    By a role at the row's facility, or at one of its person's (``scif/people/scope.py``); or
    because the row is his own and the permission is one that everybody holds over his own
    (``OWN_PERMISSIONS``). A subquery, so the result can be locked.
    """
    if actor.kind is not ActorKind.USER:
        return queryset
    model = queryset.model
    allowed = Q(pk__in=[])
    if model.facility_path:
        allowed |= Q(**{f"{model.facility_path}__in": facilities_with(actor, permission)})
    elif model.person_path:
        allowed |= Q(**{f"{model.person_path}__in": people_within(_held(actor, permission))})
    elif facilities_with(actor, permission).exists():
        return queryset
    if actor.person_id and permission in OWN_PERMISSIONS:
        paths = (model.own_path,) if isinstance(model.own_path, str) else model.own_path
        for path in filter(None, paths):
            allowed |= Q(**{path: actor.person_id})
    keys = model._default_manager.filter(allowed).values("pk")
    return queryset.filter(pk__in=keys)


def accounts_of(actor: Actor, permission: str) -> QuerySet[User]:
    """The accounts of the people on whom the actor holds a permission."""
    if actor.kind is not ActorKind.USER:
        return User.objects.all()
    held = _held(actor, permission)
    nobody_s = Q(person=None, facility_roles__facility__in=held)
    keys = User.objects.filter(Q(person__in=people_within(held)) | nobody_s).values("pk")
    return User.objects.filter(pk__in=keys)


def facility_of_act(actor: Actor, permission: str, person_id: UUID) -> UUID | None:
    """Whose journal tells of an act about a person: the first of :func:`facilities_of_act`."""
    return next(iter(facilities_of_act(actor, permission, person_id)), None)


def facilities_of_act(actor: Actor, permission: str, person_id: UUID) -> list[UUID]:
    """The facilities for which the actor can act about a person, by code.

    Where he holds the permission at several they are those that the person is of, and for somebody
    who is of none yet all of them: an entry of no facility would be on nobody's list.
    """
    held = _held(actor, permission)
    if len(held) == 1:
        return held
    tied = [pk for pk in held if people_tied([pk]).filter(pk=person_id).exists()]
    return tied or (held if actor.kind is ActorKind.USER else [])


def _held(actor: Actor, permission: str) -> list[UUID]:
    return list(facilities_with(actor, permission).order_by("code").values_list("pk", flat=True))


def lock(queryset: QuerySet[R], pk: UUID) -> R:
    """Lock one row of a scoped queryset; raises ``DoesNotExist`` (a 404) if it is not visible.

    Lock order: facility, area, booking, visit, person.
    """
    return queryset.select_for_update(of=("self",), no_key=True).get(pk=pk)


def may(actor: Actor, permission: str, facility: Facility) -> bool:
    """Whether the actor's roles at the facility hold the permission."""
    return facilities_with(actor, permission).filter(pk=facility.pk).exists()


def require_role(actor: Actor, permission: str, facility: Facility) -> None:
    """Refuse with ``not_permitted`` unless the actor's roles at the facility allow it."""
    if not may(actor, permission, facility):
        raise NotPermitted(
            "not_permitted",
            "Your role at this facility does not allow that.",
            "Ask a facility officer.",
        )
