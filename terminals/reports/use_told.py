"""An engagement's use as its entries tell it: visits, sessions, items, bytes, the statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from access.reports.told import Named, Told, of_kind, who_of
from terminals.models import AnomalyVerdict
from terminals.reports.use_entries import ANOMALIES, ITEMS, SESSIONS
from terminals.services.use_report import STATED


@dataclass(slots=True)
class ToldSession:
    """A session. ``up`` and ``down`` are None while it runs and nobody has told a last count."""

    key: str
    entries: list[Told] = field(default_factory=list)
    up: int | None = None
    down: int | None = None

    @property
    def person(self) -> Named | None:
        """Who worked."""
        return next((who for e in self.entries if (who := who_of(e.data.get("person")))), None)

    @property
    def visit(self) -> str:
        """The visit's reference."""
        return _last(self.entries, "visit")

    @property
    def laptop(self) -> str:
        """The asset tag."""
        return _last(self.entries, "terminal")

    @property
    def began(self) -> Told:
        """The entry that told of it first."""
        return self.entries[0]

    @property
    def ended(self) -> Told | None:
        """The entry of its end."""
        return next(iter(of_kind(self.entries, "session.ended")), None)

    @property
    def why(self) -> str:
        """The code of what ended or holds it."""
        return _last(self.entries, "why")

    @property
    def cut(self) -> bool:
        """Whether it was ordered to end."""
        return bool(of_kind(self.entries, "session.cut"))

    @property
    def lasted(self) -> timedelta | None:
        """From its granting to its end."""
        return self.ended.at - self.began.at if self.ended else None

    @property
    def total(self) -> int:
        """Bytes both ways."""
        return (self.up or 0) + (self.down or 0)


@dataclass(slots=True)
class ToldItem:
    """An item of the airlock."""

    key: str
    entries: list[Told] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """What people call it."""
        return _last(self.entries, "reference")

    @property
    def title(self) -> str:
        """What its author called it."""
        return _last(self.entries, "title")

    @property
    def out(self) -> bool:
        """Whether it is an export."""
        return self.entries[-1].kind.startswith("export.")

    @property
    def state(self) -> str:
        """The state after its last entry."""
        return _last(self.entries, "state")

    @property
    def sha256(self) -> str:
        """The hash of its last version."""
        return _last(self.entries, "sha256")

    @property
    def bytes(self) -> int:
        """The size of its last version."""
        found = [e.data["bytes"] for e in self.entries if "bytes" in e.data]
        return int(found[-1]) if found else 0

    @property
    def author(self) -> Named | None:
        """Who sealed it."""
        return next((e.who for e in self.steps("sealed") if e.who), None)

    @property
    def verdicts(self) -> list[Told]:
        """What lab and facility said of its versions."""
        return self.steps("approved", "changes_asked", "rejected")

    @property
    def appeal(self) -> list[Told]:
        """The appeal, its votes and its end."""
        return self.steps("appealed", "appeal_voted", "appeal_upheld", "appeal_dismissed")

    def steps(self, *names: str) -> list[Told]:
        """Its entries of some kinds, without the way."""
        return [e for e in self.entries if e.kind.partition(".")[2] in names]

    def answered(self, verdict: Told) -> timedelta | None:
        """How long after the sealing of its version a verdict came."""
        sealed = [e for e in self.steps("sealed") if e.position < verdict.position]
        return verdict.at - sealed[-1].at if sealed else None


@dataclass(slots=True)
class ToldVisit:
    """A visit."""

    key: str
    entries: list[Told] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """What people call it."""
        return _last(self.entries, "visit") or _last(self.entries, "reference")

    @property
    def visitor(self) -> Named | None:
        """Who was expected."""
        return next((who for e in self.entries if (who := who_of(e.data.get("visitor")))), None)

    @property
    def state(self) -> str:
        """The state after its last entry."""
        return _last(self.entries, "state")

    @property
    def inside(self) -> list[tuple[datetime, datetime]]:
        """From each entering to the next leaving."""
        spans, since = [], None
        for entry in of_kind(self.entries, "visit.entered", "visit.left"):
            if entry.kind == "visit.entered":
                since = since or entry.at
            elif since is not None:
                spans.append((since, entry.at))
                since = None
        return spans

    @property
    def inside_since(self) -> datetime | None:
        """When he entered, if he has not left since."""
        ways = of_kind(self.entries, "visit.entered", "visit.left")
        return ways[-1].at if ways and ways[-1].kind == "visit.entered" else None

    @property
    def came(self) -> datetime | None:
        """When he arrived at the desk."""
        return next((e.at for e in of_kind(self.entries, "visit.arrived")), None)


@dataclass(slots=True)
class ToldAnomaly:
    """Activity that did not look like its person."""

    key: str
    entries: list[Told] = field(default_factory=list)

    @property
    def raised(self) -> Told:
        """The entry of its raising."""
        return self.entries[0]

    @property
    def seen(self) -> Told:
        """The entry of what was seen at last: while it waits it grows graver, and is told anew."""
        return of_kind(self.entries, "anomaly.raised")[-1]

    @property
    def consequence(self) -> str:
        """What followed, at last."""
        return _last(self.entries, "consequence")

    @property
    def reviewed(self) -> Told | None:
        """The entry of its review."""
        return next(iter(of_kind(self.entries, "anomaly.reviewed")), None)

    @property
    def cleared(self) -> bool:
        """Whether somebody found it a false alarm."""
        reviewed = self.reviewed
        return reviewed is not None and reviewed.text("verdict") == AnomalyVerdict.FALSE_ALARM


@dataclass(frozen=True, slots=True)
class Statement:
    """What budgets and ledger were, as the tables had it when the report was asked for."""

    told: Told

    def count(self, key: str) -> int:
        """A number of it; 0 where it has none."""
        value = self.told.data.get(key)
        return value if isinstance(value, int) else 0

    @property
    def of_model(self) -> int | None:
        """The model's budget; None where it has no weights."""
        value = self.told.data.get("budget_of_model")
        return value if isinstance(value, int) else None

    @property
    def running(self) -> Mapping[str, tuple[int, int]]:
        """By session that was not over: bytes up and down so far."""
        rows = self.told.data.get("running", [])
        return {str(row["session"]): (int(row["up"]), int(row["down"])) for row in rows}


@dataclass(frozen=True, slots=True)
class Account:
    """Bytes that left at the facility, as the entries add up.

    ``sessions`` is what ended and running ones moved, beyond a budget or not; ``beyond`` is the
    part of all that was.
    """

    sessions: int
    running: int
    exports: int
    unaccounted: int
    beyond: int

    @property
    def total(self) -> int:
        """All of it; what was beyond a budget is in the others already."""
        return self.sessions + self.running + self.exports + self.unaccounted


@dataclass(frozen=True, slots=True)
class UseTold:
    """Everything, in the journal's order."""

    sessions: list[ToldSession]
    items: list[ToldItem]
    anomalies: list[ToldAnomaly]
    visits: list[ToldVisit]
    debits: list[Told]
    terms: list[Told]
    statement: Statement

    @property
    def account(self) -> Account:
        """The sums."""
        ended = sum(s.total for s in self.sessions if s.ended)
        running = sum(s.total for s in self.sessions if not s.ended)
        beyond = of_kind(self.debits, "egress.overrun")
        lost = [e for e in beyond if e.text("reference") == "bastion"]
        debited = of_kind(self.debits, "egress.debited")
        return Account(
            sessions=ended,
            running=running,
            exports=_sum(e for e in debited if e.text("kind") == "export"),
            unaccounted=_sum(e for e in debited if e.text("kind") == "unaccounted") + _sum(lost),
            beyond=_sum(beyond),
        )


def use_told(entries: Sequence[Told]) -> UseTold:
    """Read the entries of an engagement's use."""
    statement = Statement(of_kind(entries, STATED)[-1])
    sessions = sessions_told(entries)
    for session in sessions:
        if session.ended is None and session.key in statement.running:
            session.up, session.down = statement.running[session.key]
    visits = [e.kind for e in entries if e.kind.startswith("visit.")]
    return UseTold(
        sessions=sessions,
        items=_grouped(entries, ITEMS, ToldItem),
        anomalies=anomalies_told(entries),
        visits=_grouped(entries, visits, ToldVisit),
        debits=of_kind(entries, "egress.debited", "egress.overrun"),
        terms=[e for e in entries if e.kind.startswith("terms.")],
        statement=statement,
    )


def sessions_told(entries: Iterable[Told]) -> list[ToldSession]:
    """Every session that was asked for, those that still run among them; bytes as last counted."""
    sessions: list[ToldSession] = _grouped(entries, SESSIONS, ToldSession)
    for session in sessions:
        # A last count may come once it has ended.
        counted = of_kind(session.entries, "session.ended", "session.counted")
        if counted:
            last = counted[-1].data
            session.up, session.down = (last.get(f"bytes_{way}") for way in ("up", "down"))
    return sessions


def anomalies_told(entries: Iterable[Told]) -> list[ToldAnomaly]:
    """Every anomaly, with what became of it."""
    found: list[ToldAnomaly] = _grouped(entries, ANOMALIES, ToldAnomaly)
    return [each for each in found if of_kind(each.entries, "anomaly.raised")]


def _grouped(entries: Iterable[Told], kinds: Iterable[str], make: Any) -> Any:
    """Things by their key, in the order in which they were first told of."""
    wanted = set(kinds)
    found: dict[str, Any] = {}
    for entry in entries:
        if entry.kind in wanted:
            found.setdefault(entry.subject_id, make(entry.subject_id)).entries.append(entry)
    return list(found.values())


def _last(entries: Iterable[Told], key: str) -> str:
    return next((text for e in reversed(list(entries)) if (text := e.text(key))), "")


def _sum(entries: Iterable[Told]) -> int:
    return sum(int(e.data.get("bytes", 0)) for e in entries)
