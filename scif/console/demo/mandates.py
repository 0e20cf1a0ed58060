"""What lets people in: assets, mandates, need to know, accreditations, roster and duties."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from access.models import AccessKind, DutyRole, Engagement, ModelAsset, Sponsor
from access.services.clearance import need_to_know_grant
from access.services.engagement import (
    engagement_approve_facility,
    engagement_approve_lab,
    engagement_draft,
    engagement_member_add,
    engagement_propose,
)
from access.services.roster import duty_assign, roster_add
from access.services.sanitisation import area_sanitise
from inspections.models import Sweep
from inspections.rules.states import AccreditationState, SweepState
from inspections.services.accreditation import accreditation_record
from inspections.services.sweep import sweep_finish, sweep_require, sweep_start
from scif.console.demo.places import SEED, keep, one
from scif.facilities.models import Area, Compartment, Facility, Level
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.models import Organisation, Person

People = Mapping[str, Person]


@dataclass(frozen=True)
class Mandate:
    """One engagement of the demonstration; the first member leads."""

    title: str
    asset: str
    organisation: str
    kind: AccessKind
    level: str
    compartments: tuple[str, ...]
    areas: tuple[str, ...]
    members: tuple[str, ...]
    need_to_know: tuple[str, ...]


ASSETS = (
    ("halden", "H4", "Halden H-4", 1_000_000_000_000, 4),
    ("auriga", "AUR-2", "Auriga 2", 600_000_000_000, 3),
    ("fed", "TR-77", "Treaty file 77", 0, 3),
)
ORGANISATION = {
    "halden": "Halden AI",
    "auriga": "Auriga Models",
    "fed": "Federal Evaluation Office",
}
# fmt: off  one mandate a line reads as a table
MANDATES = (
    Mandate(
        "Audit of the H-4 weights",
        "H4",
        "Meridian Assurance",
        AccessKind.WHITE_BOX,
        "ai:T5",
        ("ai:H4W",),
        ("ml-e",),
        ("i.carvalho", "y.demir", "h.iversen"),
        ("i.carvalho", "y.demir", "h.iversen"),
    ),
    Mandate(
        "Grey-box evaluation of H-4",
        "H4",
        "Northgate Audit",
        AccessKind.GREY_BOX,
        "ai:T3",
        (),
        ("ml-r",),
        ("a.nwosu", "m.tanaka", "o.byrne", "f.haddad", "z.novak"),
        ("a.nwosu", "m.tanaka", "o.byrne", "z.novak"),
    ),
    Mandate(
        "Red-team review of Auriga 2",
        "AUR-2",
        "Kestrel Safety Institute",
        AccessKind.BLACK_BOX,
        "ai:T3",
        (),
        ("ml-r",),
        ("s.alrashid", "c.wang", "j.macleod", "u.okoro"),
        ("s.alrashid", "c.wang", "j.macleod"),
    ),
    Mandate(
        "Verification of treaty file 77",
        "TR-77",
        "Meridian Assurance",
        AccessKind.DOCUMENTS,
        "us:S",
        (),
        ("b7-a",),
        ("i.carvalho", "y.demir", "r.costa", "g.romano"),
        ("i.carvalho", "y.demir", "r.costa", "g.romano"),
    ),
)
# Area, level, days from the beginning of the demonstration's past (``history.BEGAN``) to expiry.
LETTERS = (
    ("b7-a", "us:S", 409),
    ("b7-b", "us:TS", 33),
    ("ml-r", "ai:T3", 709),
    ("ml-e", "ai:T5", 57),
)
ROSTER = (
    ("g.petrov", "b7-a"),
    ("d.osei", "b7-a"),
    ("d.osei", "b7-b"),
    ("g.petrov", "b7-b"),
    ("n.khan", "ml-r"),
    ("k.solberg", "ml-e"),
    ("n.khan", "ml-e"),
)
# Reviews of the roster, days from the same beginning; the others come in 300 days.
ROSTER_REVIEWS = {("d.osei", "b7-a"): 36}
DUTIES = (
    ("b7", "m.okafor", DutyRole.GUARD),
    ("b7", "r.lindqvist", DutyRole.SWEEPER),
    ("b7", "j.adeyemi", DutyRole.SWEEPER),
    ("ml", "e.hughes", DutyRole.GUARD),
    ("ml", "s.bianchi", DutyRole.SWEEPER),
)
# Facility, who repairs there, who escorts him.
MAINTENANCE = (("ml", "p.varga", "n.khan"),)
# Facility, who inspects it, by whose letter.
INSPECTORS = (("ml", "m.villanueva", "Cognizant security authority, letter 12"),)
# A room in which nothing lies open when the demonstration begins.
SANITISED = "ml-r"
SWEEPERS = {"b7": ("r.lindqvist", "j.adeyemi"), "ml": ("s.bianchi", "e.hughes")}
# fmt: on


def fitness_seed() -> None:
    """Accreditation letters for each area."""
    today = now().date()
    for code, level, days in LETTERS:
        area = one(Area, code=code)
        accreditation_record(
            area_id=area.pk,
            state=AccreditationState.ACCREDITED,
            official="Ruth Calder, accrediting official",
            letter=f"AO-{today.year}-{code.upper()}",
            level=_level(level),
            issued_on=today - timedelta(days=300),
            expires_on=today + timedelta(days=days),
            conditions="",
            actor=SEED,
        )


def sweeps_seed(people: People) -> None:
    """Sweep every area once: a room that was never swept is entered by nobody else."""
    for area in Area.objects.order_by("code"):
        sweep_require(area=area, cause="put in service", actor=SEED)
        first, second = SWEEPERS[area.facility.code]
        sweeper = actor_for(people[first])
        sweep = Sweep.objects.get(area=area, state=SweepState.DUE)
        sweep_start(sweep_id=sweep.pk, second_id=people[second].pk, actor=sweeper)
        sweep_finish(sweep_id=sweep.pk, passed=True, items_found=[], seals=[], actor=sweeper)


def mandates_seed(people: People) -> dict[str, Engagement]:
    """Assets and mandates, approved by lab and facility; by title."""
    for organisation, code, name, weight, security in ASSETS:
        sponsor = one(Sponsor, organisation__name=ORGANISATION[organisation])
        keep(
            ModelAsset(
                sponsor=sponsor, code=code, name=name, weight_bytes=weight, security_level=security
            )
        )
    return {mandate.title: _mandate(mandate, people) for mandate in MANDATES}


def staff_seed(people: People) -> None:
    """Permanent staff of rooms, and who is on duty round the clock in the demonstration."""
    at = now()
    for login, area in ROSTER:
        roster_add(
            person_id=people[login].pk,
            area_id=one(Area, code=area).pk,
            sponsor_id=people["h.marsh"].pk,
            valid_from=at - timedelta(days=60),
            review_due=at + timedelta(days=ROSTER_REVIEWS.get((login, area), 300)),
            actor=SEED,
        )
    for facility, login, role in DUTIES:
        duty_assign(
            person_id=people[login].pk,
            facility_id=one(Facility, code=facility).pk,
            role=role,
            starts_at=at - timedelta(hours=2),
            ends_at=at + timedelta(days=39),
            actor=SEED,
        )
    for facility, login, escort in MAINTENANCE:
        duty_assign(
            person_id=people[login].pk,
            facility_id=one(Facility, code=facility).pk,
            role=DutyRole.MAINTENANCE,
            starts_at=at - timedelta(hours=2),
            ends_at=at + timedelta(days=39),
            escort_id=people[escort].pk,
            actor=SEED,
        )
    for facility, login, authority in INSPECTORS:
        duty_assign(
            person_id=people[login].pk,
            facility_id=one(Facility, code=facility).pk,
            role=DutyRole.INSPECTOR,
            authority=authority,
            starts_at=at - timedelta(hours=2),
            ends_at=at + timedelta(days=39),
            actor=SEED,
        )


def sanitised_seed() -> None:
    """Nothing lies open in one room, so that who repairs there can be let in behind his escort."""
    area_sanitise(
        area_id=one(Area, code=SANITISED).pk,
        note="Papers in the safe, screens dark",
        ends_at=now() + timedelta(hours=8),
        actor=SEED,
    )


def actor_for(person: Person) -> Actor:
    """A person of the demonstration as the one who acts."""
    return Actor.user(person.user.pk, person.pk)


def _mandate(mandate: Mandate, people: People) -> Engagement:
    officer, at = actor_for(people["h.marsh"]), now()
    begins, ends = at - timedelta(days=30), at + timedelta(days=150)
    engagement = engagement_draft(
        title=mandate.title,
        asset_id=one(ModelAsset, code=mandate.asset).pk,
        organisation_id=one(Organisation, name=mandate.organisation).pk,
        kind=mandate.kind,
        level_id=_level(mandate.level).pk,
        area_ids=[one(Area, code=code).pk for code in mandate.areas],
        valid_from=begins,
        valid_until=ends,
        compartment_ids=[_compartment(each).pk for each in mandate.compartments],
        actor=officer,
    )
    for login in mandate.members:
        engagement_member_add(
            engagement_id=engagement.pk,
            person_id=people[login].pk,
            lead=login == mandate.members[0],
            actor=officer,
        )
    engagement_propose(engagement_id=engagement.pk, actor=officer)
    discloser = actor_for(engagement.sponsor.officer)
    engagement_approve_lab(engagement_id=engagement.pk, actor=discloser)
    engagement_approve_facility(engagement_id=engagement.pk, actor=officer)
    for login in mandate.need_to_know:
        need_to_know_grant(
            person_id=people[login].pk,
            engagement_id=engagement.pk,
            valid_from=begins,
            valid_until=ends,
            actor=discloser,
        )
    return engagement


def _level(text: str) -> Level:
    scheme, code = text.split(":")
    found: Level = one(Level, scheme__code=scheme, code=code)
    return found


def _compartment(text: str) -> Compartment:
    scheme, code = text.split(":")
    found: Compartment = one(Compartment, scheme__code=scheme, code=code)
    return found
