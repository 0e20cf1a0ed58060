"""A small world to book in: one facility, one room, one active engagement, its people."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from access.models import (
    AccessKind,
    Eligibility,
    EligibilityStatus,
    Engagement,
    EngagementMember,
    ModelAsset,
    Nda,
    NeedToKnow,
    Sponsor,
)
from access.rules.policy_keys import shipped
from inspections.models import Accreditation
from scif.facilities.models import Area, AreaKind, Facility, Level, PolicyProfile, SecurityScheme
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.models import FacilityRole, Organisation, Person, User

ZONE = ZoneInfo("Europe/London")
OPEN = {day: ["08:00", "18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


@dataclass
class World:
    """What the tests ask for by name. ``day`` is a weekday to come, at midnight local time."""

    facility: Facility
    area: Area
    engagement: Engagement
    lead: Person
    member: Person
    officer: Person
    colleague: Person
    discloser: Person
    stranger: Person
    day: datetime

    def at(self, hour: float, days: int = 0) -> datetime:
        """A local time of the day, in UTC."""
        local = (self.day + timedelta(days=days)).replace(hour=int(hour), minute=int(hour % 1 * 60))
        return local.astimezone(UTC)

    def ask(self, **changes: Any) -> dict[str, Any]:
        """The arguments of a request that nothing stands against, with changes."""
        return {
            "engagement_id": self.engagement.pk,
            "area_id": self.area.pk,
            "starts_at": self.at(9),
            "ends_at": self.at(12),
            "attendee_ids": [self.lead.pk, self.member.pk],
            "purpose": "Reading",
            "actor": actor(self.lead),
        } | changes


def actor(person: Person) -> Actor:
    """A person as the one who acts."""
    return Actor.user(person.user.pk, person.pk)


def make_world(code: str = "ml") -> World:
    """Make the world; a second one with another code shares nothing but the scheme."""
    scheme, _ = SecurityScheme.objects.get_or_create(code="ai", defaults={"name": "AI tiers"})
    levels = [
        Level.objects.get_or_create(
            scheme=scheme, rank=rank, defaults={"code": f"T{rank}", "name": f"TIER {rank}"}
        )[0]
        for rank in range(4)
    ]
    policy = PolicyProfile.objects.create(
        code=code,
        version=1,
        title="Reading room",
        values=shipped(),
        published_at=now(),
    )
    facility = Facility.objects.create(
        code=code,
        name=f"Mill Lane {code}",
        time_zone=ZONE.key,
        policy=policy,
        marking=levels[0],
    )
    area = Area.objects.create(
        facility=facility,
        code=f"{code}-r",
        name="University reading room",
        kind=AreaKind.READING_ROOM,
        level=levels[2],
        capacity=4,
        hours=OPEN,
    )
    Accreditation.objects.create(
        area=area,
        state="accredited",
        official="A. Official",
        letter="L-1",
        level=levels[2],
        issued_on=date(2026, 1, 1),
    )
    lab = Organisation.objects.create(name=f"Halden AI {code}", kind="lab", country="NO")
    audit = Organisation.objects.create(name=f"Northgate {code}", kind="auditor", country="GB")
    lead, member = (_person(f"{name} {code}", audit) for name in ("Amara Nwosu", "Mei Tanaka"))
    officer, colleague = (_person(f"{n} {code}", audit) for n in ("Helen Marsh", "Tomasz Wierzba"))
    for person in (officer, colleague):
        FacilityRole.objects.create(
            user=person.user,
            facility=facility,
            role="officer",
            valid_from=now() - timedelta(days=1),
        )
    discloser = _person(f"Kari Solberg {code}", lab)
    sponsor = Sponsor.objects.create(organisation=lab, officer=discloser)
    asset = ModelAsset.objects.create(sponsor=sponsor, code=f"h4-{code}", name="Halden H-4")
    engagement = Engagement.objects.create(
        reference=f"ENG-{code.upper()}",
        title="Audit of H-4",
        sponsor=sponsor,
        organisation=audit,
        kind=AccessKind.GREY_BOX,
        asset=asset,
        level=levels[2],
        state="active",
        valid_from=now() - timedelta(days=30),
        valid_until=now() + timedelta(days=200),
        lab_approved_by=discloser,
        facility_approved_by=colleague,
    )
    engagement.areas.add(area)
    for person, leads in ((lead, True), (member, False)):
        EngagementMember.objects.create(engagement=engagement, person=person, lead=leads)
        clear(person, levels[2], discloser, engagement)
    return World(
        facility,
        area,
        engagement,
        lead,
        member,
        officer,
        colleague,
        discloser,
        _person(f"Rui Costa {code}", audit),
        next_monday(),
    )


def clear(person: Person, level: Level, discloser: Person, engagement: Engagement) -> None:
    """Give a person everything that the engagement asks for."""
    Eligibility.objects.create(
        person=person,
        level=level,
        status=EligibilityStatus.FINAL,
        source="register",
        granted_on=date(2025, 1, 1),
        review_due=date(2099, 1, 1),
    )
    Nda.objects.create(person=person, document="NDA", signed_on=date(2025, 2, 1), witness=discloser)
    NeedToKnow.objects.create(
        person=person,
        engagement=engagement,
        grantor=discloser,
        valid_from=now() - timedelta(days=30),
        valid_until=now() + timedelta(days=200),
    )


def next_monday() -> datetime:
    """The Monday of the week after next, at midnight in the facility's zone."""
    today = now().astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=14 - today.weekday())


def _person(name: str, organisation: Organisation) -> Person:
    person = Person.objects.create(name=name, organisation=organisation)
    login = name.lower().replace(" ", ".")
    User.objects.create_user(username=login, password="a long password", person=person)
    return person
