"""May this laptop's session begin, and may it go on?

It stands on presence in the room or, where the engagement permits that, on a registered place and
what stands there in the place of presence (``terminals/rules/offsite.py``).

Pure: facts in, every objection out. Deny by default: a fact that is missing (None) objects, and so
does a rule that raises. What access knows of the person, his read-ins, his mandate, his booking and
the room is not asked again here: its one decision is a fact of this one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from access.rules.objection import Objection as Refusal
from terminals.anomaly.policy import Act
from terminals.rules import offsite
from terminals.rules.offsite import OffsiteFacts
from terminals.rules.session_wording import WORDINGS
from terminals.rules.states import OUT, TerminalState


class Moment(StrEnum):
    """When is asked: before a laptop goes out of the house, before a session, while it runs."""

    ISSUE = "issue"
    BEGIN = "begin"
    RUN = "run"


class Where(StrEnum):
    """What a session stands on: presence in the room, or a registered place."""

    ROOM = "room"
    OFFSITE = "offsite"


class Effect(StrEnum):
    """What an objection does to a session that runs. PAUSE lasts until it is mended."""

    END = "end"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the decision of access says now: nothing against it, or these reasons, in words."""

    granted: bool
    told: tuple[str, ...] = ()

    @classmethod
    def of(cls, against: Sequence[Refusal]) -> "Entry":
        """By what access has against it."""
        return cls(not against, tuple(each.message for each in against))


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """The facts about one visit and one laptop at one moment.

    ``inside``: counted in the room by its doors; ``certain``: that count holds; ``badge``: he
    holds the visit's badge, and it is neither returned, revoked nor lost; ``company``: how many
    others inside count as a second person; ``escorted``: somebody inside is there only behind an
    escort. ``visit`` is what the laptop must be issued to: the
    visit or, outside, the custody under which it went out; ``issued_to`` is what it is issued to.
    ``attested_at`` is when a quote of it was last accepted, None where the last one was not;
    ``attested_for`` how long that holds. ``terms``: harness and rate are agreed by both sides.
    ``told``: the adapter before the harness has confirmed their policy, or they name none.
    ``left`` are bytes of the budgets. ``odd``: what the anomalies of his work in the engagement
    ask for that nobody has reviewed; ``upheld``: one of this visit's was. ``moderator`` is the
    session of one of the sponsor's people who is connected at a laptop in the room; empty where
    there is none. ``heard_at`` is when the laptop's agent last spoke, ``silence`` how long
    it may be silent where the session is. ``where`` says which of the two the session stands on;
    ``offsite`` has what only counts outside.
    """

    now: datetime
    visit: str
    where: Where | None = Where.ROOM
    entry: Entry | None = None
    lockdown: bool | None = None
    inside: bool | None = None
    certain: bool | None = None
    badge: bool | None = None
    two_persons: bool | None = None
    company: int | None = None
    escorted: bool | None = None
    terminal: TerminalState | None = None
    issued_to: str | None = None
    image_approved: bool | None = None
    attested_at: datetime | None = None
    attested_for: timedelta | None = None
    terms: bool | None = None
    told: bool | None = None
    left: int | None = None
    odd: frozenset[Act] | None = None
    upheld: bool | None = None
    moderated: bool | None = None
    moderator: str | None = None
    heard_at: datetime | None = None
    silence: timedelta | None = None
    offsite: OffsiteFacts = field(default=OffsiteFacts())


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason against a session; its texts stand in ``session_wording``."""

    code: str
    effect: Effect = Effect.END
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What is wrong, for the officer."""
        return WORDINGS[self.code].message.format_map(self.params)

    @property
    def remedy(self) -> str:
        """What mends it, for the officer."""
        return WORDINGS[self.code].remedy.format_map(self.params)

    @property
    def who(self) -> str:
        """Who can mend it."""
        return WORDINGS[self.code].who

    @property
    def guard(self) -> str:
        """The act for the guard. INVARIANT: without parameters, so that nothing leaks to him."""
        return WORDINGS[self.code].guard

    def record(self) -> dict[str, str]:
        """The objection as it is kept, for the officer and the guard."""
        return {
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            "who": self.who,
            "guard": self.guard,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every objection. INVARIANT: granted means that every rule was asked and none objected."""

    objections: tuple[Objection, ...]

    @property
    def granted(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.objections

    @property
    def ends(self) -> Objection | None:
        """The first objection that ends a session that runs."""
        return next((each for each in self.objections if each.effect is Effect.END), None)

    @property
    def pauses(self) -> Objection | None:
        """The first objection that holds it, if none ends it."""
        return None if self.ends else next(iter(self.objections), None)


Check = Callable[[SessionFacts], Objection | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, when and of what kind of session it is asked, its check."""

    name: str
    moments: frozenset[Moment]
    where: frozenset[Where]
    check: Check

    def applies(self, facts: SessionFacts, moment: Moment) -> bool:
        """Whether it is asked. INVARIANT: of a session of no known kind every rule is."""
        return moment in self.moments and (facts.where is None or facts.where in self.where)


RULES: list[Rule] = []
IN_SESSION = (Moment.BEGIN, Moment.RUN)
IN_THE_ROOM = frozenset({Where.ROOM})


def _rule(*moments: Moment, where: frozenset[Where] = frozenset(Where)) -> Callable[[Check], Check]:
    """Declare a rule of these moments; before and while a session runs where none is named."""

    def declare(check: Check) -> Check:
        RULES.append(Rule(check.__name__, frozenset(moments or IN_SESSION), where, check))
        return check

    return declare


def _outside(checks: Iterable[offsite.Check], *moments: Moment) -> None:
    """Declare the rules of a registered place."""
    for check in checks:
        _rule(*moments, where=frozenset({Where.OFFSITE}))(_objecting(check))


def _objecting(check: offsite.Check) -> Check:
    def checked(facts: SessionFacts) -> Objection | None:
        code = check(facts)
        return None if code is None else Objection(code)

    checked.__name__ = check.__name__
    return checked


def session_decide(facts: SessionFacts, moment: Moment) -> Verdict:
    """Decide; an error in a rule is an objection that ends."""
    found: list[Objection] = []
    for rule in RULES:
        if not rule.applies(facts, moment):
            continue
        try:
            objection = rule.check(facts)
        except Exception as error:  # INVARIANT: an error denies, whatever it is
            told = {"rule": rule.name, "error": type(error).__name__}
            objection = Objection("rule_error", params=told)
        if objection is not None:
            found.append(objection)
    return Verdict(tuple(found))


def objections_told(objections: Iterable[Objection]) -> list[dict[str, str]]:
    """The objections as they are kept."""
    return [each.record() for each in objections]


@_rule(*Moment)
def where_known(facts: SessionFacts) -> Objection | None:
    """It is known what the session stands on."""
    return None if facts.where is not None else Objection("where_unknown")


@_rule(where=IN_THE_ROOM)
def inside(facts: SessionFacts) -> Objection | None:
    """The person is in the room, as its doors count."""
    return None if facts.inside else Objection("not_inside")


@_rule(where=IN_THE_ROOM)
def presence_certain(facts: SessionFacts) -> Objection | None:
    """That count is certain; somebody may have passed a door unseen until it is made anew."""
    return None if facts.certain else Objection("presence_uncertain", Effect.PAUSE)


@_rule(*Moment)
def no_lockdown(facts: SessionFacts) -> Objection | None:
    """The room, or outside the facility, is known not to be locked down, whoever may enter it.

    Before the decision of access, which refuses then too: the record names the lockdown.
    """
    if facts.lockdown is None:
        return Objection("lockdown_unknown")
    return Objection("lockdown") if facts.lockdown else None


@_rule(*Moment)
def entry_stands(facts: SessionFacts) -> Objection | None:
    """Access lets him: read-ins, agreement, need to know, mandate; in the room booking and room."""
    if facts.entry is not None and facts.entry.granted:
        return None
    told = facts.entry.told if facts.entry is not None else ()
    return Objection("entry_refused", params={"reasons": "; ".join(told) or "nobody knows why"})


@_rule(*Moment)
def badge_held(facts: SessionFacts) -> Objection | None:
    """He holds the badge of the visit or, outside, one of his own; it is issued."""
    return None if facts.badge else Objection("badge_not_active")


@_rule()
def two_in_the_room(facts: SessionFacts) -> Objection | None:
    """Where two people must be in the room, another one who counts is."""
    if facts.two_persons is False:
        return None
    return None if facts.company else Objection("two_person_broken")


@_rule(where=IN_THE_ROOM)
def nobody_escorted(facts: SessionFacts) -> Objection | None:
    """Nobody is in the room who is there under escort: the room is sanitised for him (R38), and
    what a laptop shows is not.
    """
    return None if facts.escorted is False else Objection("escorted_inside", Effect.PAUSE)


@_rule()
def terminal_out(facts: SessionFacts) -> Objection | None:
    """The laptop is issued: neither locked, quarantined nor lost."""
    if facts.terminal in OUT:
        return None
    state = facts.terminal.value.replace("_", " ") if facts.terminal else "unknown"
    return Objection("terminal_not_out", params={"state": state})


@_rule()
def issued_to_him(facts: SessionFacts) -> Objection | None:
    """The laptop is issued to this visit or, outside, went out under this custody."""
    return None if facts.issued_to == facts.visit and facts.visit else Objection("not_issued")


@_rule()
def image_approved(facts: SessionFacts) -> Objection | None:
    """Its boot image is still what two people approved."""
    return None if facts.image_approved else Objection("image_not_approved")


@_rule(Moment.BEGIN)
def freshly_attested(facts: SessionFacts) -> Objection | None:
    """Its TPM has proved just now what it runs; a session that runs asks at its next sign-in."""
    at, holds = facts.attested_at, facts.attested_for
    if at is not None and holds is not None and at <= facts.now <= at + holds:
        return None
    return Objection("not_attested")


@_rule()
def agent_heard(facts: SessionFacts) -> Objection | None:
    """The laptop's agent speaks. One that is silent tells of no seal and no lid, and one that only
    lost its link has blanked the screen long since: so it ends, and holds nothing.
    """
    heard, silence = facts.heard_at, facts.silence
    if heard is not None and silence is not None and facts.now <= heard + silence:
        return None
    return Objection("agent_silent")


@_rule(*Moment)
def terms_agreed(facts: SessionFacts) -> Objection | None:
    """Lab and facility have agreed where its sessions lead."""
    return None if facts.terms else Objection("terms_missing")


@_rule(Moment.BEGIN)
def harness_told(facts: SessionFacts) -> Objection | None:
    """The harness answers by these terms; what it has not confirmed is an alarm of its own."""
    return None if facts.told else Objection("harness_not_told")


@_rule(Moment.BEGIN)
def budget_left(facts: SessionFacts) -> Objection | None:
    """Bytes are left of both budgets; while it runs the bastion counts them."""
    return None if facts.left is not None and facts.left > 0 else Objection("budget_used_up")


@_rule()
def nothing_upheld(facts: SessionFacts) -> Objection | None:
    """No reviewer has found that his activity in this visit was what it looked like."""
    return None if facts.upheld is False else Objection("anomaly_upheld")


@_rule()
def activity_reviewed(facts: SessionFacts) -> Objection | None:
    """No anomaly of his that nobody has reviewed asks to hold him. What only flags or slows does
    not hold: the bastion's cap does.
    """
    if facts.odd is None or Act.LOCK in facts.odd:
        return Objection("anomaly_locked")
    return Objection("anomaly_waits", Effect.PAUSE) if Act.PAUSE in facts.odd else None


@_rule()
def moderator_there(facts: SessionFacts) -> Objection | None:
    """Where the terms ask for a moderator, one is connected. In the room his loss only holds."""
    if facts.moderated is False or facts.moderator:
        return None
    return Objection("moderator_missing", Effect.PAUSE if facts.where is Where.ROOM else Effect.END)


_outside(offsite.OF_THE_PLACE, *Moment)
_outside(offsite.OF_THE_LAPTOP)
_outside(offsite.AT_SIGN_IN, Moment.BEGIN)
