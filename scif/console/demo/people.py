"""The demonstration's people: organisations, persons, accounts, roles, clearances."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from access.models import Eligibility, EligibilityStatus, Indoctrination, Nda, Sponsor
from scif.console.demo.places import SEED, keep, one
from scif.console.demo.published import PASSWORD
from scif.facilities.models import Compartment, Facility, Level
from scif.kernel.clock import now
from scif.people.models import Citizenship, FacilityRole, Organisation, Person
from scif.people.rules.roles import Role
from scif.people.services.account import account_create

ORGANISATIONS = {
    "fed": ("Federal Evaluation Office", "government", "US"),
    "uni": ("Mill Lane University", "operator", "GB"),
    "halden": ("Halden AI", "lab", "NO"),
    "auriga": ("Auriga Models", "lab", "US"),
    "meridian": ("Meridian Assurance", "auditor", "PT"),
    "northgate": ("Northgate Audit", "auditor", "GB"),
    "kestrel": ("Kestrel Safety Institute", "auditor", "CA"),
}


@dataclass(frozen=True)
class Who:
    """One person of the demonstration. ``cleared`` lists ``scheme:level[:status]``."""

    login: str
    name: str
    organisation: str
    citizenships: tuple[str, ...]
    cleared: tuple[str, ...] = ()
    read_in: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    title: str = ""
    account: bool = field(default=False)


# fmt: off  one person a line reads as a table
STAFF = [
    Who(
        "h.marsh",
        "Helen Marsh",
        "fed",
        ("US",),
        ("us:TS", "ai:T5"),
        ("us:HALYARD", "ai:H4W"),
        ("b7:officer", "ml:officer"),
        account=True,
    ),
    Who(
        "t.wierzba",
        "Tomasz Wierzba",
        "fed",
        ("US",),
        ("us:TS", "ai:T5"),
        ("us:HALYARD", "ai:H4W"),
        ("b7:officer", "ml:officer"),
        account=True,
    ),
    Who("m.okafor", "Michael Okafor", "fed", ("US",), ("us:S",), (), ("b7:guard",), account=True),
    Who(
        "r.lindqvist",
        "Rebecca Lindqvist",
        "fed",
        ("US",),
        ("us:TS",),
        ("us:HALYARD",),
        ("b7:guard", "b7:sweeper"),
        account=True,
    ),
    Who(
        "j.adeyemi",
        "James Adeyemi",
        "fed",
        ("US",),
        ("us:TS",),
        ("us:HALYARD",),
        ("b7:sweeper",),
        account=True,
    ),
    Who(
        "c.pinto",
        "Clara Pinto",
        "fed",
        ("US",),
        ("us:S",),
        (),
        ("b7:compliance", "ml:compliance"),
        account=True,
    ),
    Who(
        "e.hughes",
        "Emrys Hughes",
        "uni",
        ("GB",),
        ("ai:T5",),
        ("ai:H4W",),
        ("ml:guard", "ml:sweeper"),
        account=True,
    ),
    Who(
        "s.bianchi",
        "Sofia Bianchi",
        "uni",
        ("IT", "GB"),
        ("ai:T5",),
        ("ai:H4W",),
        ("ml:guard", "ml:sweeper"),
        account=True,
    ),
    Who(
        "p.ngata",
        "Piripi Ngata",
        "uni",
        ("NZ",),
        ("ai:T4",),
        (),
        ("ml:officer",),
        title="Dr",
        account=True,
    ),
    Who(
        "l.fischer",
        "Lena Fischer",
        "uni",
        ("DE",),
        ("ai:T3",),
        (),
        ("ml:compliance",),
        account=True,
    ),
    Who("g.petrov", "Galina Petrova", "fed", ("US",), ("us:TS",), ("us:HALYARD",), account=True),
    Who("d.osei", "Daniel Osei", "fed", ("US",), ("us:TS",)),
    Who("n.khan", "Nadia Khan", "uni", ("GB", "PK"), ("ai:T5",), ("ai:H4W",)),
    Who("w.tremblay", "Wendy Tremblay", "uni", ("CA",), ("ai:T3",)),
    Who(
        "k.solberg",
        "Kari Solberg",
        "halden",
        ("NO",),
        ("ai:T5",),
        ("ai:H4W",),
        title="Dr",
        account=True,
    ),
    # Not cleared for anything: he mends the air conditioning, under escort.
    Who("p.varga", "Péter Varga", "uni", ("HU",)),
    # Appointed by an authority to look at the house: she enters without a booking.
    Who("m.villanueva", "Marta Villanueva", "fed", ("US",), ("ai:T5",), ("ai:H4W",)),
    Who("o.lund", "Ole Lund", "halden", ("NO",), ("ai:T5",), ("ai:H4W",)),
    Who(
        "b.frost",
        "Beatrice Frost",
        "auriga",
        ("US",),
        ("ai:T5", "us:TS"),
        ("ai:AURIGA",),
        account=True,
    ),
    Who("v.rao", "Vikram Rao", "auriga", ("US",), ("ai:T5",), ("ai:AURIGA",)),
]
AUDITORS = [
    Who(
        "i.carvalho",
        "Inês Carvalho",
        "meridian",
        ("PT", "BR"),
        ("us:S", "ai:T5"),
        ("ai:H4W",),
        title="Dr",
        account=True,
    ),
    Who(
        "y.demir",
        "Yusuf Demir",
        "meridian",
        ("TR", "DE"),
        ("us:S", "ai:T5"),
        ("ai:H4W",),
        account=True,
    ),
    Who("r.costa", "Rui Costa", "meridian", ("PT",), ("us:C",), account=True),
    Who("a.nwosu", "Amara Nwosu", "northgate", ("GB", "NG"), ("ai:T5",), ("ai:H4W",), account=True),
    Who("m.tanaka", "Mei Tanaka", "northgate", ("JP",), ("ai:T4",), account=True),
    Who("o.byrne", "Oisín Byrne", "northgate", ("IE",), ("ai:T5",), ("ai:H4W",), account=True),
    Who("f.haddad", "Farah Haddad", "northgate", ("FR", "LB"), ("ai:T3:interim",), account=True),
    Who("z.novak", "Zdeněk Novák", "northgate", ("CZ",), ("ai:T3",)),
    Who("e.papadaki", "Ελένη Παπαδάκη", "northgate", ("GR",), ("ai:T3",)),
    Who("s.alrashid", "سارة الراشد", "kestrel", ("CA",), ("ai:T4",), account=True),
    Who("c.wang", "王晨", "kestrel", ("CA",), ("ai:T4",)),
    Who("j.macleod", "Jean MacLeod", "kestrel", ("CA", "GB"), ("ai:T5", "us:S"), account=True),
    Who("a.kowalski", "Anna Kowalska-Wiśniewska", "kestrel", ("PL",), ("ai:T3",)),
    Who("d.silva", "Davi da Silva", "meridian", ("BR",), ("ai:T2",)),
    Who("h.iversen", "Hanne Iversen", "meridian", ("DK",), ("us:S", "ai:T5"), ("ai:H4W",)),
    Who("u.okoro", "Uche Okoro", "kestrel", ("NG", "CA"), ("ai:T3:suspended",)),
    Who("t.lind", "Tove Lind", "northgate", ("SE",), ("ai:T4",)),
    Who("q.brandt", "Quirin Brandt", "kestrel", ("DE",), ("us:S",)),
    Who("x.moreau", "Xavier Moreau", "meridian", ("FR",), ("us:TS:interim",)),
    Who("i.sokolova", "Irina Sokolova", "northgate", ("LV",), ("ai:T4:laa",)),
    Who("b.achebe", "Bisi Achebe", "kestrel", ("GB",), ("ai:T5",), ("ai:H4W",)),
    Who("g.romano", "Giulia Romano", "meridian", ("IT",), ("us:S",)),
]
# fmt: on
EVERYBODY = STAFF + AUDITORS
# Reviews of a clearance, days from the beginning of the past; the others come in 600 days.
REVIEWS = {"z.novak": 27, "r.lindqvist": 31}


def people_seed() -> dict[str, Person]:
    """Make organisations, persons, accounts and what each is cleared for; by login."""
    organisations = {
        code: keep(Organisation(name=name, kind=kind, country=country))
        for code, (name, kind, country) in ORGANISATIONS.items()
    }
    people: dict[str, Person] = {}
    for who in EVERYBODY:
        person = keep(
            Person(name=who.name, title=who.title, organisation=organisations[who.organisation])
        )
        people[who.login] = person
        for country in who.citizenships:
            keep(Citizenship(person=person, country=country))
        if who.account:
            _account(who, person)
    for who in EVERYBODY:
        _clear(who, people)
    for code, officer in (("halden", "k.solberg"), ("auriga", "b.frost"), ("fed", "g.petrov")):
        keep(Sponsor(organisation=organisations[code], officer=people[officer]))
    return people


def _account(who: Who, person: Person) -> None:
    user = account_create(username=who.login, person=person, password=PASSWORD, actor=SEED)
    for entry in who.roles:
        facility, role = entry.split(":")
        keep(
            FacilityRole(
                user=user,
                facility=one(Facility, code=facility),
                role=Role(role).value,
                valid_from=now() - timedelta(days=400),
            )
        )


def _clear(who: Who, people: dict[str, Person]) -> None:
    person = people[who.login]
    today = now().date()
    for entry in who.cleared:
        scheme, level, *status = entry.split(":")
        keep(
            Eligibility(
                person=person,
                level=one(Level, scheme__code=scheme, code=level),
                status=status[0] if status else EligibilityStatus.FINAL.value,
                source="Clearance register, verified by telephone",
                granted_on=date(today.year - 2, 3, 1),
                review_due=today + timedelta(days=REVIEWS.get(who.login, 600)),
            )
        )
    briefer = people["g.petrov"] if who.login != "g.petrov" else people["h.marsh"]
    for entry in who.read_in:
        scheme, code = entry.split(":")
        keep(
            Indoctrination(
                person=person,
                compartment=one(Compartment, scheme__code=scheme, code=code),
                briefed_by=briefer,
                briefed_on=today - timedelta(days=200),
            )
        )
    if who.cleared:
        keep(
            Nda(
                person=person,
                document=f"NDA {who.login}",
                signed_on=today - timedelta(days=210),
                witness=briefer,
            )
        )
