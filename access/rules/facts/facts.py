"""All the facts of one decision."""

from dataclasses import dataclass, field
from datetime import datetime

from access.rules.facts.basis import Basis
from access.rules.facts.person import PersonFacts
from access.rules.facts.place import AreaFacts, IdsFacts, PortalFacts, ZoneFacts
from access.rules.facts.policy import PolicyFacts
from access.rules.states import CredentialState
from access.rules.words import Word


class Stage(Word):
    """When is decided. The facts are looked at anew each time; a booking is never trusted."""

    BOOKING = "booking"
    ARRIVAL = "arrival"
    DOOR = "door"


class PinOutcome(Word):
    """What became of the PIN at a reader."""

    ABSENT = "absent"
    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class CredentialFacts:
    """The badge presented: its printed number, its state, whose it is, the visit it serves."""

    badge: str
    state: CredentialState
    person_id: str | None
    visit_id: str | None = None


@dataclass(frozen=True, slots=True)
class Factors:
    """What was presented beside the badge: a PIN, or a signed order of a guard by his name.

    ``duress``: the right PIN was the one that calls for help. INVARIANT: no rule reads it.
    """

    pin: PinOutcome = PinOutcome.ABSENT
    commanded_by: str | None = None
    duress: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one decision about one person, one basis, one place, one moment.

    ``now`` is the moment of the decision, UTC. ``heard_at`` is when the centre last confirmed that
    the snapshot is the newest; ``escort`` are the facts of the person whom the basis names;
    ``ids`` is what the gateway hears of the area's alarm panel.
    """

    now: datetime
    policy: PolicyFacts | None = None
    person: PersonFacts | None = None
    basis: Basis | None = None
    area: AreaFacts | None = None
    portal: PortalFacts | None = None
    credential: CredentialFacts | None = None
    factors: Factors = field(default=Factors())
    zone: ZoneFacts | None = None
    escort: PersonFacts | None = None
    heard_at: datetime | None = None
    ids: IdsFacts | None = None
