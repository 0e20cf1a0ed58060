"""What a finding says: plain English message identifiers, and the figures that fill them.

The texts are marked for extraction by :func:`gettext_noop`; the Django side translates the
identifier first and fills its parameters afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from access.rules.wording.base import gettext_noop as _
from terminals.anomaly.detector import Finding
from terminals.anomaly.policy import AnomalyPolicy, Part, Usual


@dataclass(frozen=True, slots=True)
class Wording:
    """``message``: what was seen. ``look``: what the person who reviews it does first.

    ``{name}`` marks a parameter of :func:`params_of`; ``look`` takes none.
    """

    message: str
    look: str


WORDINGS: dict[Part, Wording] = {
    Part.BURST: Wording(
        _(
            "Sent down {amount} in {minutes} min, {times} times what this person takes in as long "
            "when busy; {budget} % of the budget is used."
        ),
        _("Ask what was fetched, and compare it with the mandate and with the jobs that ran."),
    ),
    Part.LEAK: Wording(
        _(
            "Sent down {times} times what this person usually takes in {window} min, for "
            "{minutes} min: {amount}; {budget} % of the budget is used."
        ),
        _("Look at what kind of answers the bytes belong to; ask the auditor what has changed."),
    ),
    Part.HOURS: Wording(
        _(
            "At work at {hour}:00, {entry} min after coming in: for {minutes} min at hours when "
            "this person hardly ever is."
        ),
        _("Compare with the booking and with who is in the room."),
    ),
    Part.KEYS: Wording(
        _(
            "{counted} keystrokes in {seconds} s, more even or quicker than this person's typing, "
            "as of a script."
        ),
        _("Go to the terminal: who types, and is anything plugged in? Check the seals."),
    ),
    Part.SCRAPE: Wording(
        _(
            "{counted} pages in {minutes} min at a steady beat, one each {each} s, more even than "
            "this person's reading."
        ),
        _("Go to the terminal: who reads, and is a camera in sight of the screen?"),
    ),
}


def params_of(finding: Finding, usual: Usual, policy: AnomalyPolicy) -> Mapping[str, str]:
    """The figures of a finding, written out, to be kept with it: a baseline moves on."""
    seconds, counted = finding.seconds, finding.counted
    unit = usual.busy_bytes if finding.part is Part.BURST else usual.usual_bytes
    windows = max(seconds / policy.window, 1.0)
    return {
        "amount": amount(counted),
        "times": f"{counted / max(unit * windows, 1.0):.1f}",
        "window": f"{policy.window / 60:.0f}",
        "minutes": f"{max(seconds / 60, 1.0):.0f}",
        "seconds": f"{max(seconds, 1.0):.0f}",
        "hour": str(finding.interval.local_hour),
        "entry": str(finding.interval.entry_minutes),
        "budget": str(finding.interval.budget_percent),
        "counted": f"{counted:.0f}",
        "each": f"{seconds / max(counted, 1.0):.1f}",
    }


def amount(count: float) -> str:
    """A number of bytes in the decimal unit that suits it."""
    unit = "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if count < 1000:
            break
        count, unit = count / 1000, larger
    return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
