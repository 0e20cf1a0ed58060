"""An auditor with a laptop at a registered place, and what his session there stands on."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from access.models import Badge, BadgeAssignment
from scif.console.demo.elsewhere import PLACE
from scif.console.demo.published import STAFF_PIN
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.models import Person
from terminals.models import Heartbeat, RegisteredPlace, Session, Terminal, TerminalCustody
from terminals.services.custody_outside import terminal_issue_outside
from terminals.services.session_sign_in import SignIn
from tests.flows.control_acts import session_ask, session_granted
from tests.flows.desk_world import World, actor_named, make_world
from tests.flows.session_world import BADGE, CONTROL
from tests.flows.terminal_world import Store
from tests.flows.test_visit_desk import STROKES

THERE = "203.0.113.20"  # in the network of the demonstration's place
DAY = timedelta(days=1)


@dataclass
class Outside:
    """The store's world with one laptop out, its holder at the place."""

    store: Store
    place: RegisteredPlace
    person: Person
    terminal: Terminal

    @property
    def facility(self) -> Facility:
        """Whose laptop it is."""
        return self.place.facility

    @property
    def lab(self) -> Actor:
        """The sponsor's officer."""
        return actor_named(self.place.engagement.sponsor.officer.user.username)

    @property
    def badge(self) -> bytes:
        """What his badge's card says."""
        return BADGE

    @property
    def pin(self) -> str:
        """What he types."""
        return STAFF_PIN

    def custody(self) -> TerminalCustody:
        """Under which the laptop is out."""
        return TerminalCustody.objects.get(terminal=self.terminal, ended_at=None)

    def issued(self, **otherwise: Any) -> TerminalCustody:
        """Over the counter to him who takes it there."""
        return terminal_issue_outside(
            **{
                "place_id": self.place.pk,
                "person_id": self.person.pk,
                "terminal_id": self.terminal.pk,
                "due_at": now() + DAY,
                "seals": self.store.seals(self.terminal),
                "strokes": STROKES,
                "actor": self.store.guard,
                **otherwise,
            }
        )

    def heard(self) -> None:
        """Its agent has spoken."""
        Heartbeat.objects.update_or_create(
            terminal=self.terminal, defaults={"begun": 1, "seq": 1, "heard_at": now()}
        )

    def ask(self, **otherwise: Any) -> SignIn:
        """Badge and PIN at the laptop."""
        return session_ask(
            **{
                "terminal_id": self.terminal.pk,
                "credential": hashlib.sha256(BADGE).hexdigest(),
                "pin": STAFF_PIN,
                "source": THERE,
                "proved": True,
                "actor": CONTROL,
                **otherwise,
            }
        )

    def session(self) -> Session:
        """One that runs."""
        asked = self.ask()
        assert asked.session is not None, [each.code for each in asked.objections]
        return session_granted(session_id=asked.session.pk, actor=CONTROL)

    def against(self, **otherwise: Any) -> list[str]:
        """The codes of what speaks against a session now."""
        return [each.code for each in self.ask(**otherwise).objections]


def make_outside(world: World | None = None, *, out: bool = True) -> Outside:
    """Everything that a session outside needs; with ``out`` the laptop has gone out."""
    store = Store(world or make_world())
    place = RegisteredPlace.objects.select_related(
        "facility__policy", "engagement__sponsor__officer__user", "engagement__asset"
    ).get(name=PLACE)
    held = BadgeAssignment.objects.get(badge__code="S-15")
    Badge.objects.filter(pk=held.badge_id).update(number_sha256=hashlib.sha256(BADGE).hexdigest())
    outside = Outside(store, place, held.person, store.stored())
    store.attested(outside.terminal)
    if out:
        outside.issued()
        outside.heard()
    return outside
