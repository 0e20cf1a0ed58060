"""One log of what people did, what passed on the wires and what the gateways wrote down."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hardware.models import InboxEvent
from scif.console.bench import wire
from scif.console.bench.asked import asked_words
from scif.console.bench.cards import Label
from scif.console.bench.edge import event_at, event_kept, event_place, event_words
from scif.console.bench.tape import Tape, wall_clock
from scif.console.bench.wiring import Wiring

# What follows a read later than that is not its answer.
ANSWER_WITHIN = timedelta(seconds=5)
# A gateway's clock is known no better than the round trip took that told it.
CLOCK_ERROR = timedelta(milliseconds=250)


@dataclass(frozen=True, slots=True)
class Row:
    """One line; ``took`` is in milliseconds from what it answers."""

    key: str
    at: datetime
    device: str
    words: str
    wire: str = ""
    took: int | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A card or keys that a reader has handed to its gateway."""

    at: datetime
    reader: str


def tape_rows(
    gateway: str, tape: Tape, wiring: Wiring, cards: Sequence[Label]
) -> tuple[list[Row], list[Read]]:
    """The new lines of a tape, and the reads in all that was heard of it."""
    scribe = _Scribe(gateway, wiring, cards)
    rows = []
    for entry in tape.entries:
        told = list(scribe.rows(entry))
        if tape.is_new(entry):
            rows += told
    return rows, scribe.reads


def event_rows(events: Iterable[InboxEvent], reads: Sequence[Read]) -> list[Row]:
    """The lines of edge events."""
    return [
        Row(
            key=f"e{event.pk}",
            at=event_at(event),
            device=event_place(event),
            words=event_words(event),
            wire=event_kept(event),
            took=decided_in(event, reads),
            tone=_tone(event),
        )
        for event in events
    ]


def decided_in(event: InboxEvent, reads: Sequence[Read]) -> int | None:
    """Milliseconds from the read on the wire to the decision; None where the tape forgot it."""
    if event.kind != "door.read":
        return None
    reader, at = event.body.get("reader"), event_at(event)
    first, last = at - ANSWER_WITHIN, at + CLOCK_ERROR
    before = [r.at for r in reads if r.reader == reader and first <= r.at <= last]
    return _ms(max(at - max(before), timedelta())) if before else None


def polled_ago(tape: Tape, bus: str, address: int) -> int | None:
    """Milliseconds from a reader's last answer to the look at the tape; None if it holds none."""
    mark = f"53{address | 0x80:02x}"
    for entry in reversed(tape.entries):
        answer = entry["what"] == "wire" and entry["bus"] == bus and entry["way"] == "out"
        if answer and str(entry["data"]).startswith(mark):
            return max(0, round((tape.read_at - float(entry["at"])) * 1000))
    return None


def _tone(event: InboxEvent) -> str:
    if event.kind == "door.read":
        return {"granted": "ok", "refused": "stop"}.get(str(event.body.get("outcome")), "")
    return "stop" if event.kind in {"door.forced", "locker.jammed", "device.insecure"} else ""


def _ms(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)


class _Scribe:
    """Reads a tape from its start and remembers what later lines answer."""

    def __init__(self, gateway: str, wiring: Wiring, cards: Sequence[Label]) -> None:
        self._gateway = gateway
        self._wiring = wiring
        self._cards = cards
        self._offered: dict[tuple[str, int], float] = {}
        self._read_at: dict[str, float] = {}
        self._reported: dict[str, str] = {}
        self.reads: list[Read] = []

    def rows(self, entry: Mapping[str, Any]) -> Iterator[Row]:
        """The lines of one entry; often none."""
        match entry["what"]:
            case "wire":
                yield from self._wire(entry)
            case "asked":
                where, words = asked_words(entry, self._wiring, self._cards)
                yield self._row(entry, where, words)
            case "offered":
                self._offered[entry["reader"], entry["code"]] = entry["at"]
            case "input" | "output" as what:
                tell = self._wiring.input if what == "input" else self._wiring.output
                where, words = tell(entry["reader"], entry["number"], active=entry["active"])
                yield self._row(entry, where, words)

    def _wire(self, entry: Mapping[str, Any]) -> Iterator[Row]:
        bus, data = entry["bus"], bytes.fromhex(entry["data"])
        reader_of = wire.READERS_OF.get(self._wiring.drivers.get(bus, ""))
        for number, said in enumerate(reader_of(data) if reader_of and data else ()):
            if said.state and self._reported.setdefault(bus, said.state) == said.state:
                continue
            if said.state:
                self._reported[bus] = said.state
            device = self._wiring.named(bus, said.address)
            took = self._took(device, said, entry["at"])
            yield self._row(entry, device, str(said.words), said.wire, took, number)

    def _took(self, device: str, said: wire.Said, at: float) -> int | None:
        if said.code in wire.READS:
            self._read_at[device] = at
            self.reads.append(Read(wall_clock(at), device))
            since = self._offered.pop((device, said.code), None)
        elif said.code in wire.ANSWERS:
            since = self._read_at.get(device)
        else:
            return None
        late = since is None or at - since > ANSWER_WITHIN.total_seconds()
        return None if since is None or late else round((at - since) * 1000)

    def _row(
        self,
        entry: Mapping[str, Any],
        device: str,
        words: str,
        on_wire: str = "",
        took: int | None = None,
        number: int = 0,
    ) -> Row:
        key = f"t{self._gateway}-{entry['n']}-{number}"
        return Row(key, wall_clock(entry["at"]), device, words, on_wire, took)
