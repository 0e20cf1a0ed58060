"""What happens to a person, a room and a laptop, in any order; may a session begin then?

The rules' word is held against what happened, told here a second time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from access.rules.decision import decide
from access.rules.facts import BasisKind, Facts, Stage
from access.rules.states import EngagementState, VisitState
from hardware.decider import Outcome
from terminals.rules.session import Entry, Moment, SessionFacts, session_decide
from terminals.rules.states import TerminalState
from tests.unit.decision_facts import NOW, PERSON, altered, basis_with, valid

LENGTH = 40
MINUTES = timedelta(minutes=15)


@dataclass
class Life:
    """A person, a room and a laptop, to which things happen in any order."""

    now: datetime
    entry: Facts
    inside: bool = False
    certain: bool = True
    badge: bool = False
    company: int = 0
    lockdown: bool = False
    terminal: TerminalState = TerminalState.IN_STORE
    issued_to: str | None = None
    attested_at: datetime | None = None
    heard_at: datetime | None = None
    image: bool = True
    left: int = 3

    def facts(self) -> SessionFacts:
        """As the selectors make them; read-ins by the decision of access itself."""
        asked = decide(replace(self.entry, now=self.now), Stage.ARRIVAL)
        granted = asked.outcome is Outcome.GRANTED
        return SessionFacts(
            now=self.now, visit="visit-1", entry=Entry(granted), lockdown=self.lockdown,
            inside=self.inside, certain=self.certain, badge=self.badge, two_persons=True,
            company=self.company, escorted=False, terminal=self.terminal, issued_to=self.issued_to,
            image_approved=self.image, attested_at=self.attested_at, attested_for=MINUTES,
            terms=True, told=True, left=self.left, odd=frozenset(), upheld=False, moderated=False,
            moderator="", heard_at=self.heard_at, silence=MINUTES,
        )  # fmt: skip

    @property
    def read_in(self) -> bool:
        """Whether nobody has taken the compartments away."""
        return self.entry.person == PERSON


def _person(life: Life, **values: object) -> None:
    life.entry = altered(life.entry, person=altered(PERSON, **values))


def _hold(life: Life, state: TerminalState, visit: str | None) -> None:
    life.terminal, life.issued_to = state, visit


def _mandate(life: Life, state: EngagementState) -> None:
    basis = life.entry.basis
    life.entry = basis_with(life.entry, engagement=replace(basis.engagement, state=state))  # type: ignore[union-attr]  # a visit has one


EVENTS: dict[str, Callable[[Life], None]] = {
    "enters": lambda life: setattr(life, "inside", True),
    "leaves": lambda life: setattr(life, "inside", False),
    "doubt": lambda life: setattr(life, "certain", False),
    "counted": lambda life: setattr(life, "certain", True),
    "badge": lambda life: setattr(life, "badge", True),
    "badge revoked": lambda life: setattr(life, "badge", False),
    "another enters": lambda life: setattr(life, "company", 1),
    "another leaves": lambda life: setattr(life, "company", 0),
    "lockdown": lambda life: setattr(life, "lockdown", True),
    "lifted": lambda life: setattr(life, "lockdown", False),
    "issued": lambda life: _hold(life, TerminalState.ISSUED, "visit-1"),
    "returned": lambda life: _hold(life, TerminalState.RETURNED, None),
    "issued to another": lambda life: setattr(life, "issued_to", "visit-2"),
    "locked": lambda life: setattr(life, "terminal", TerminalState.LOCKED),
    "attested": lambda life: setattr(life, "attested_at", life.now),
    "quote refused": lambda life: setattr(life, "attested_at", None),
    "heartbeat": lambda life: setattr(life, "heard_at", life.now),
    "image withdrawn": lambda life: setattr(life, "image", False),
    "image approved": lambda life: setattr(life, "image", True),
    "debriefed": lambda life: _person(life, indoctrinations=()),
    "read in": lambda life: _person(life),
    "agreement void": lambda life: _person(life, nda=None),
    "suspended": lambda life: _mandate(life, EngagementState.SUSPENDED),
    "resumed": lambda life: _mandate(life, EngagementState.ACTIVE),
    "time": lambda life: setattr(life, "now", life.now + timedelta(minutes=4)),
    "a day": lambda life: setattr(life, "now", life.now + timedelta(days=1)),
}
# So that a grant is not too rare: what makes one comes more often than what spoils it.
HELPFUL = ("enters", "counted", "badge", "another enters", "lifted", "issued", "attested",
           "heartbeat", "image approved", "read in", "resumed")  # fmt: skip


@dataclass
class Played:
    """``granted`` of the orders, and those of them that ``lacked`` something, by its name."""

    orders: int = 0
    granted: int = 0
    lacked: list[str] = field(default_factory=list)


def play(chance: Random, orders: int) -> Played:
    """So many lives of random events, each asked at its end."""
    found, names = Played(), [*EVENTS, *HELPFUL * 3]
    lawful = valid(BasisKind.VISIT, Stage.ARRIVAL)
    for _ in range(orders):
        life = Life(NOW, basis_with(lawful, state=VisitState.INSIDE))
        for name in chance.choices(names, k=LENGTH):
            EVENTS[name](life)
        found.orders += 1
        if session_decide(life.facts(), Moment.BEGIN).granted:
            found.granted += 1
            found.lacked += [name for name, holds in _grounds(life).items() if not holds]
    return found


def _grounds(life: Life) -> dict[str, bool]:
    at = life.attested_at
    return {
        "presence": life.inside and life.certain,
        "badge": life.badge,
        "second person": life.company > 0,
        "read-in": life.read_in,
        "no lockdown": not life.lockdown,
        "attestation": at is not None and life.now - at <= MINUTES,
        "heartbeat": life.heard_at is not None and life.now - life.heard_at <= MINUTES,
        "laptop": (life.terminal, life.issued_to) == (TerminalState.ISSUED, "visit-1"),
        "image": life.image,
        "window": life.now < NOW + timedelta(hours=3),
        "mandate": life.entry.basis.engagement.state is EngagementState.ACTIVE,  # type: ignore[union-attr]  # a visit has one
    }
