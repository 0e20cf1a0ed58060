"""A short script for each mutant: a few steps in which it does what it must not."""

from tests.faults.virtual.acts import Step

Script = tuple[Step, ...]


def visit(who: str, area: str = "A", minutes: int = 0, flaw: str = "") -> Script:
    """A booking of an hour, and the desk."""
    return ("book", who, area, minutes, 60, flaw), ("check_in", who)


def read(who: str, door: str = "D1", pin: str = "right") -> Script:
    """Badge and PIN outside."""
    reader = f"R{door[1]}"
    return ("tap", who, reader), ("type_pin", who, reader, pin)


def enter(who: str, door: str = "D1") -> Script:
    """In, the whole way."""
    return *read(who, door), ("go", [who], door, "badge"), ("wait", 12.0)


def leave(who: str, door: str = "D1") -> Script:
    """Out, with the badge."""
    return ("tap", who, f"R{door[1]}X"), ("go", [who], door, "badge"), ("wait", 12.0)


RESTART: Script = (("kill", "before", 0, 3.0), ("find", "R3"), ("wait", 1.0))
FULL: Script = tuple(
    step for number in range(8) for step in (*visit(f"v{number}"), *enter(f"v{number}"))
)
WRONG: Script = tuple(step for _ in range(5) for step in (*read("v0", pin="wrong"), ("wait", 2.0)))

SCRIPTS: dict[str, Script] = {
    "within_window is dropped": (*visit("v0"), ("wait", 3700.0), *read("v0")),
    "early entry is allowed": (*visit("v0", minutes=30), *read("v0")),
    "a badge that is lost still opens": (*visit("v0"), ("lose", "v0"), ("find", "R1")),
    "an unknown badge opens": (*visit("v0"), ("find", "R1")),
    "a booking that is not approved serves": (*visit("v0", flaw="requested"), *read("v0")),
    "whoever asks may approve": (*visit("v0", flaw="own"), *read("v0")),
    "phones may come along": (*visit("v0", flaw="open"), *read("v0")),
    "a suspended clearance serves": (
        *visit("v0"),
        ("clear", "v0", "suspended", True),
        *read("v0"),
    ),
    "a lower clearance serves": (*visit("v0"), ("clear", "v0", "rank", 1), *read("v0")),
    "who is not read in comes in": (
        *visit("v0"),
        ("clear", "v0", "read_in", False),
        *read("v0"),
    ),
    "staff come at night": (("issue", "s0"), ("wait", 15 * 3600.0), *read("s0")),
    "a recalled visit goes on": (*visit("v0"), ("recall", "v0", "recalled"), *read("v0")),
    "a lockdown is ignored": (*visit("v0"), ("room", "A", "lockdown", True), *read("v0")),
    "a room without accreditation is used": (
        *visit("v0"),
        ("room", "A", "accredited", False),
        *read("v0"),
    ),
    "a room that is not swept is used": (
        *visit("v0"),
        ("room", "A", "swept", False),
        *read("v0"),
    ),
    "a room can be overfull": FULL,
    "a stale snapshot serves": (*visit("v0"), ("link", False), ("wait", 1200.0), *read("v0")),
    "any door will do": (*visit("v0"), *read("v0", "D3")),
    "one may come by two doors at once": (*visit("v0"), *read("v0"), *read("v0", "D2")),
    "any PIN will do": (*visit("v0"), *read("v0", pin="wrong")),
    "no PIN is asked": (*visit("v0"), *read("v0")),
    "anti-passback is ignored": (
        *visit("v0"),
        *enter("v0"),
        ("issue", "g0"),
        *enter("g0"),
        # Out behind another, so that he is still counted inside.
        ("tap", "g0", "R1X"),
        ("go", ["g0", "v0"], "D1", "badge"),
        ("wait", 12.0),
        *read("v0", "D2"),
    ),
    "doubt is ignored": (*visit("v0"), ("force", "D1"), ("wait", 2.0), *read("v0")),
    "the decision's clock is an hour slow": (*visit("v0"), *read("v0")),
    "who leaves is held back": (*visit("v0"), *enter("v0"), *leave("v0")),
    "badges inside are not heard": (*visit("v0"), *enter("v0"), *leave("v0")),
    "the pulse comes before its intent": (*visit("v0"), *read("v0")),
    "an unknown outcome is sent again": (
        *visit("v0"),
        ("wire", "unsure", False),
        *enter("v0"),
    ),
    "an entry is acknowledged and not written": (*visit("v0"), *enter("v0"), *leave("v0"), *FULL),
    "entries are lost on the way": FULL,
    "entries are altered when sent again": (*visit("v0"), ("deafen",), *read("v0")),
    "entries come under a stranger's seal": visit("v0"),
    "contacts are not heard": (*visit("v0"), *enter("v0")),
    "a request to exit outlives its opening": (
        *visit("v0"),
        *enter("v0"),
        ("go", ["v0"], "D1", "handle"),
        ("wait", 1.5),
        ("force", "D1"),
    ),
    "a restart empties the rooms": (*visit("v0"), *enter("v0"), *RESTART),
    "a restart ends the PIN lock-out": (*visit("v0"), *WRONG, *RESTART, *read("v0")),
    "a restart forgets which orders were obeyed": (
        *visit("v0"),
        ("order", "v0", "D1", "genuine"),
        *RESTART,
        ("count", "ZA"),
        ("order", "v0", "D1", "repeat"),
    ),
    "anybody may sign an order": (*visit("v0"), ("order", "v0", "D1", "forged")),
    "a clock is believed that was set back": (
        *visit("v0"),
        ("wait", 3700.0),
        ("clock", -1800),
        ("wait", 5.0),
        *read("v0"),
    ),
    "a cut line counts as no news": (
        *visit("v0"),
        ("link", False),
        *(("wait", 600.0),) * 3,
        *read("v0"),
    ),
    "news do not arrive": tuple(step for who in range(16) for step in visit(f"v{who}")),
}
