"""A day's session of an auditor who does nothing wrong, packet by packet."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.scenarios.people import KINDS, Auditor
from tests.bench.scenarios.tap import DOWN, UP, Packet

WORD = 6  # characters, with the space after it
SEGMENT = 1400  # bytes of a packet of a long answer
LINE_RATE = 400_000  # bytes a second that a long answer comes at


@dataclass
class Session:
    """What was sent; ``begins``: hour of the local day; ``onset``: when something wrong began."""

    auditor: Auditor
    begins: float
    seconds: float
    packets: list[Packet] = field(default_factory=list)
    onset: float | None = None


def honest(auditor: Auditor, number: int, hours: float | None = None) -> Session:
    """The session of this number; ``hours`` long, or as long as this person stays."""
    chance = random.Random(f"session {auditor.name} {number}")
    begins = auditor.begins + chance.gauss(0, 0.4)
    if chance.random() < 0.03:  # a day on which something came between
        begins += chance.choice((-2.5, 3.0, 5.0))
    lasts = hours or min(max(chance.gauss(auditor.lasts, 0.6), 1.0), 6.0)
    session = Session(auditor, begins % 24, lasts * 3600)
    desk = _Desk(session, chance)
    acts = (desk.read, desk.ask, desk.job, desk.skim, desk.think)
    # Days differ: today there is more to read, yesterday there were jobs to run.
    weights = [each * chance.lognormvariate(0, auditor.sprawl) for each in KINDS[auditor.kind]]
    while desk.at < session.seconds:
        act = chance.choices(acts, weights)[0]
        # Nobody leafs through pages for as long as he reads them or works on a question.
        longest = 180 if act == desk.skim else 900
        desk.until(desk.at + longest * chance.uniform(0.25, 1.0), act)
    session.packets = [packet for packet in session.packets if packet[0] < session.seconds]
    return session


class _Desk:
    """Someone at the keys. Each act takes its time and moves ``at`` on."""

    def __init__(self, session: Session, chance: random.Random) -> None:
        self.at = 20.0
        self._who = session.auditor
        self._out = session.packets
        self._chance = chance
        self._size = chance.lognormvariate(0, session.auditor.sprawl)

    def until(self, end: float, act: Callable[[], None]) -> None:
        """Do it again and again."""
        while self.at < end:
            act()

    def read(self) -> None:
        """A page, and as long as it takes to read it."""
        self._press()
        size = self._page()
        self._time(size / WORD / self._who.words_a_minute * 60, 0.5)

    def skim(self) -> None:
        """A page that is only glanced at; now and then one that is not."""
        self._press()
        self._page()
        self._time(2.2, 0.6)
        if self._chance.random() < 0.12:
            self._time(20, 0.7)

    def ask(self) -> None:
        """A question typed, an answer that flows, and the time to read it."""
        self._type(self._chance.randint(30, 260))
        self._time(1.5, 0.5)
        size = int(self._who.answer * self._chance.lognormvariate(0, 0.7)) + 80
        pace = self._chance.uniform(0.04, 0.12)
        for _ in range(min(size // 24, 400)):
            self._send(DOWN, 24)
            self.at += pace
        self._time(size / WORD / self._who.words_a_minute * 60, 0.6)

    def job(self) -> None:
        """A command, lines of its log, and what it gives, which is looked through."""
        self._type(self._chance.randint(12, 60))
        for _ in range(self._chance.randint(3, 40)):
            self._send(DOWN, self._chance.randint(60, 180))
            self.at += self._chance.expovariate(1 / 3)
        size = self._who.output * self._size * self._chance.lognormvariate(0, 0.9)
        self._large(min(size, 2_000_000))
        for _ in range(self._chance.randint(1, 6)):
            self._time(12, 0.8)
            self._press()
            self._page()
        self._time(40, 0.8)

    def think(self) -> None:
        """Nothing on the wire."""
        self._time(150, 0.8)

    def _time(self, median: float, sigma: float) -> None:
        self.at += median * self._chance.lognormvariate(0, sigma)

    def _send(self, way: int, size: int) -> None:
        self._out.append((self.at, way, size))

    def _press(self) -> None:
        self._send(UP, 1)
        self.at += 0.05

    def _page(self) -> int:
        size = int(self._who.page * self._chance.uniform(0.5, 1.15))
        self._large(size)
        return size

    def _large(self, size: float) -> None:
        whole = int(size)
        # One packet stands for many of a long answer: what counts is when and how much.
        step = max(SEGMENT, whole // 200)
        for begin in range(0, whole, step):
            part = min(step, whole - begin)
            self._send(DOWN, part)
            self.at += part / LINE_RATE

    def _type(self, keys: int) -> None:
        who, chance = self._who, self._chance
        for number in range(keys):
            self._send(UP, 1)
            if who.echo:
                self._out.append((self.at + 0.02, DOWN, 1))
            gap = who.key_gap * chance.lognormvariate(0, who.key_sigma)
            if number % WORD == WORD - 1:
                gap *= who.word_pause
            if chance.random() < 0.02:
                gap += 1.2 * chance.lognormvariate(0, 0.7)
            self.at += gap
        self._send(UP, 1)
