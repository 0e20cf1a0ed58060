"""An engagement with a model of so many bytes, its people, and what its harness puts out."""

from dataclasses import dataclass
from uuid import UUID

from access.models import ModelAsset
from scif.kernel.actor import Actor
from scif.people.models import Organisation, Person, User
from terminals.models import AirlockItem, Direction, Ground, Part, Verdict
from terminals.services.airlock import (
    airlock_bring,
    airlock_draft,
    airlock_seal,
    airlock_take_out,
)
from terminals.services.airlock_check import airlock_approve, airlock_refuse
from terminals.services.airlock_vault import outbox
from terminals.services.reviewer import reviewer_confirm, reviewer_name
from tests.flows.booking_world import World, actor, make_world

WEIGHTS = 5_000_000  # 1,000 bytes for one engagement, 12,500 for all
TEXT = b"Refusal rate 0.93 on the held-out set.\n"


@dataclass
class Airlock:
    """The engagement's people by their parts, and each step in one line."""

    world: World
    author: Actor
    team: Actor
    lab: Actor
    reviewer: Actor
    officer: Actor
    colleague: Actor
    judges: tuple[Actor, Actor, Actor]

    @property
    def reference(self) -> str:
        """The engagement's."""
        return self.world.engagement.reference

    def put_out(self, data: bytes = TEXT, name: str = "findings.txt") -> str:
        """The harness puts a file out."""
        folder = outbox(self.reference)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        return name

    def drafted(self, data: bytes = TEXT) -> AirlockItem:
        """An export with bytes, not sealed."""
        item = airlock_draft(
            engagement_id=self.world.engagement.pk,
            direction=Direction.EXPORT,
            title="Findings",
            actor=self.author,
        )
        airlock_take_out(item_id=item.pk, name=self.put_out(data), actor=self.author)
        return self.again(item)

    def sealed(self, data: bytes = TEXT) -> AirlockItem:
        """An export that waits for its checkers."""
        return self.seal(self.drafted(data))

    def seal(self, item: AirlockItem) -> AirlockItem:
        """Seal what is drafted."""
        airlock_seal(item_id=item.pk, context="Table 1 of the report", actor=self.author)
        return self.again(item)

    def intake(self, data: bytes = b"print(1)\n") -> AirlockItem:
        """A sealed intake."""
        item = airlock_draft(
            engagement_id=self.world.engagement.pk,
            direction=Direction.INTAKE,
            title="Probe",
            actor=self.author,
        )
        airlock_bring(item_id=item.pk, name="../../probe.py", data=data, actor=self.author)
        return self.seal(item)

    def checked(self, data: bytes = TEXT) -> AirlockItem:
        """An export that lab and facility have approved."""
        item = self.sealed(data)
        for who in (self.lab, self.officer):
            self.approve(item, who)
        return self.again(item)

    def approve(self, item: AirlockItem, who: Actor, inspection: str = "") -> AirlockItem:
        """One approval of the version that there is."""
        return airlock_approve(
            item_id=item.pk, version_id=self.version(item), inspection=inspection, actor=who
        )

    def refuse(
        self, item: AirlockItem, who: Actor, verdict: Verdict = Verdict.REJECT
    ) -> AirlockItem:
        """Send it back, or reject it."""
        airlock_refuse(
            item_id=item.pk,
            version_id=self.version(item),
            verdict=verdict,
            ground=Ground.INTERNALS,
            reason="Line 3 names the optimiser",
            actor=who,
        )
        return self.again(item)

    def body_named(self, *judges: Actor) -> None:
        """Both sides agree on an appeal body, of all three unless others are given."""
        for judge in judges or self.judges:
            named = reviewer_name(
                engagement_id=self.world.engagement.pk, part=Part.APPEAL, login=login_of(judge),
                actor=self.officer,
            )  # fmt: skip
            reviewer_confirm(reviewer_id=named.pk, actor=self.lab)

    def version(self, item: AirlockItem) -> UUID:
        """The version that the item has now."""
        version = self.again(item).version_id
        assert version is not None
        return version

    def again(self, item: AirlockItem) -> AirlockItem:
        """The item as it stands now."""
        return AirlockItem.objects.get(pk=item.pk)


def make_airlock(code: str = "ml") -> Airlock:
    """The world of the bookings with an airlock; each code stands alone."""
    world = make_world(code)
    ModelAsset.objects.filter(pk=world.engagement.asset_id).update(weight_bytes=WEIGHTS)
    lab = world.discloser.organisation
    board = Organisation.objects.create(name=f"Board {code}", kind="government", country="GB")
    operator = Organisation.objects.create(name=f"Operator {code}", kind="operator", country="GB")
    # Officers are of neither party.
    for person in (world.officer, world.colleague):
        person.organisation = operator
        person.save(update_fields=["organisation"])
    reviewer = actor(someone(f"Ida Berg {code}", lab))
    first, second, third = (actor(someone(f"Judge {n} {code}", board)) for n in "ABC")
    airlock = Airlock(
        world,
        author=actor(world.lead),
        team=actor(world.member),
        lab=actor(world.discloser),
        reviewer=reviewer,
        officer=actor(world.officer),
        colleague=actor(world.colleague),
        judges=(first, second, third),
    )
    reviewer_name(
        engagement_id=world.engagement.pk, part=Part.LAB,
        login=login_of(reviewer), actor=airlock.lab,
    )  # fmt: skip
    return airlock


def someone(name: str, organisation: Organisation) -> Person:
    """A person with an account."""
    person = Person.objects.create(name=name, organisation=organisation)
    login = name.lower().replace(" ", ".")
    User.objects.create_user(username=login, password="a long password", person=person)
    return person


def login_of(who: Actor) -> str:
    """By which name he signs in."""
    assert who.user_id is not None
    return User.objects.get(pk=who.user_id).username


def person_id(who: Actor) -> UUID:
    """The person behind an actor."""
    assert who.person_id is not None
    return who.person_id
