"""A facility, founded from a file: places, gateways and the first officers, all of it or nothing.

INVARIANT: only here is a right given without two officers, for a facility that has none yet
(docs/adr/0015-accounts.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from access.rules.founding import Founding, OfficerRow
from access.rules.policy_keys import shipped
from access.services.cost import cost_scenarios_start
from access.services.projection import facility_project
from hardware.models import Gateway
from hardware.services.installation import gateway_publish
from scif.facilities.models import Facility, Level, PolicyProfile, Record, SecurityScheme
from scif.facilities.services.reference import reference_save
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.people.models import Citizenship, FacilityRole, Organisation, Person, User
from scif.people.rules.roles import Role
from scif.people.services.account import account_create, account_link


@dataclass(frozen=True, slots=True)
class Founded:
    """The facility, and by username the path of the link of each account that was opened."""

    facility: Facility
    links: Mapping[str, str]


@transaction.atomic
def facility_found(*, founding: Founding, actor: Actor) -> Founded:
    """Found a facility with its gateways and its first officers.

    Scheme, policy, organisation and people that are there by code or name are taken as they are;
    an officer who has an account keeps it. Refuses, by the file's key, what is wrong or differs
    from what is there, and a facility whose code is there.
    """
    require(
        not Facility.objects.filter(code=founding.facility).exists(),
        "founded_already",
        _("facility.code: There is a facility %(code)s.") % {"code": founding.facility},
        _("Its officers go on at the screen."),
    )
    facility = Facility(
        code=founding.facility,
        name=founding.facility_name,
        time_zone=founding.time_zone,
        marking=_marking(founding, actor),
        policy=_policy(founding, actor),
    )
    _save("facility", facility, actor)
    for number, row in enumerate(founding.gateways, start=1):
        gateway = Gateway(facility=facility, code=row.code, name=row.name)
        _save(f"gateways[{number}]", gateway, actor)
    organisation = _organisation(founding, actor)
    links: dict[str, str] = {}
    for number, officer in enumerate(founding.officers, start=1):
        path = _officer(f"officers[{number}]", officer, organisation, facility, actor)
        links |= {officer.username: path} if path else {}
    for gateway in Gateway.objects.filter(facility=facility).order_by("code"):
        gateway_publish(gateway=gateway, actor=actor)
    facility_project(facility=facility)
    cost_scenarios_start(facility_id=facility.pk, actor=actor)
    return Founded(facility, links)


def _marking(founding: Founding, actor: Actor) -> Level:
    """The level that the screens show, of a scheme that is there or is made."""
    scheme = SecurityScheme.objects.filter(code=founding.scheme).first()
    if scheme is None:
        scheme = SecurityScheme(code=founding.scheme, name=founding.scheme_name)
        _save("scheme", scheme, actor)
        for rank, row in enumerate(founding.levels):
            level = Level(scheme=scheme, rank=rank, code=row.code, name=row.name, colour=row.colour)
            _save(f"scheme.levels[{rank + 1}]", level, actor)
    elif founding.levels:
        there = list(scheme.levels.order_by("rank").values_list("code", flat=True))
        _alike("scheme", "levels", [row.code for row in founding.levels], there)
    found = scheme.levels.filter(code=founding.marking).first()
    if found is None:
        raise _wrong("facility", "marking", _("The scheme has no level of this code."))
    return found


def _policy(founding: Founding, actor: Actor) -> PolicyProfile:
    """The newest version in force of the profile, or one made of the shipped defaults."""
    versions = PolicyProfile.objects.filter(code=founding.policy)
    if not versions.exists():
        profile = PolicyProfile(
            code=founding.policy,
            version=1,
            title=founding.policy_title,
            values=shipped(),
            published_at=now(),
        )
        _save("policy", profile, actor)
        return profile
    found = versions.exclude(published_at=None).order_by("-version").first()
    if found is None:
        raise _wrong("policy", "code", _("This profile is a draft: no facility works by it."))
    return found


def _organisation(founding: Founding, actor: Actor) -> Organisation:
    found = Organisation.objects.filter(name=founding.organisation).first()
    if found is None:
        found = Organisation(
            name=founding.organisation, kind=founding.organisation_kind, country=founding.country
        )
        _save("organisation", found, actor)
    _alike("organisation", "kind", [founding.organisation_kind], [found.kind])
    _alike("organisation", "country", [founding.country], [found.country])
    return found


def _officer(
    key: str, row: OfficerRow, organisation: Organisation, facility: Facility, actor: Actor
) -> str:
    """Give one officer the role; the path of his link, empty where he has an account already."""
    person = _person(key, row, organisation, facility, actor)
    user = User.objects.filter(person=person).first()
    opened = user is None
    if user is None:
        try:
            user = account_create(username=row.username, person=person, actor=actor)
        except ValidationError as error:
            raise _unfit(key, error) from error
    _alike(key, "username", [row.username], [user.get_username()])
    if not user.is_active:
        raise _wrong(key, "username", _("This account is closed."))
    role = FacilityRole(user=user, facility=facility, role=Role.OFFICER.value, valid_from=now())
    _save(key, role, actor)
    return account_link(user=user, actor=actor) if opened else ""


def _person(
    key: str, row: OfficerRow, organisation: Organisation, facility: Facility, actor: Actor
) -> Person:
    there = list(Person.objects.filter(name=row.name, organisation=organisation)[:2])
    if len(there) > 1:
        raise _wrong(key, "name", _("Several people of this name are there."))
    if there:
        held = there[0].citizenships.values_list("country", flat=True)
        _alike(key, "citizenships", sorted(row.citizenships), sorted(held))
        return there[0]
    person = Person(name=row.name, title=row.title, email=row.email, organisation=organisation)
    _save(key, person, actor, facility)
    for country in row.citizenships:
        citizenship = Citizenship(person=person, country=country)
        _save(key, citizenship, actor, facility)
    return person


def _save(key: str, record: Record, actor: Actor, facility: Facility | None = None) -> None:
    """Save a record through the journaled service; what it does not take is told by its key."""
    try:
        reference_save(record=record, actor=actor, facility=facility.pk if facility else None)
    except ValidationError as error:
        raise _unfit(key, error) from error


def _unfit(key: str, error: ValidationError) -> Refused:
    field, messages = next(iter(error.message_dict.items()))
    return _wrong(key, "" if field == NON_FIELD_ERRORS else field, messages[0])


def _alike(key: str, field: str, said: Iterable[str], there: Iterable[str]) -> None:
    """Refuse a file that says something else than what is there and would not be changed."""
    words = ", ".join(there)
    if ", ".join(said) != words:
        raise _wrong(key, field, _("What is there says otherwise: %(there)s.") % {"there": words})


def _wrong(key: str, field: str, message: str) -> Refused:
    where = f"{key}.{field}" if field else key
    return Refused("founding_unfit", f"{where}: {message}", _("Nothing was made."))
