"""From the commands of a gateway to those of OSDP (SIA OSDP v2.2, 6.10 to 6.13)."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from osdp import Capability, Command, CommandLEDColor, StatusReportType

from hardware.drivers.base import DeviceCommand, Verb

Order = dict[str, Any]

# libosdp 3.2.9 takes the timer of an output or a lamp as one byte, without saying so.
MOST_TENTHS = 255
MOST_TEXT = 32
COLORS = {
    "red": CommandLEDColor.Red,
    "green": CommandLEDColor.Green,
    "amber": CommandLEDColor.Amber,
    "blue": CommandLEDColor.Blue,
    "magenta": CommandLEDColor.Magenta,
    "cyan": CommandLEDColor.Cyan,
    "white": CommandLEDColor.White,
}
# What a device must say that it has before it is asked; a NAK would end the session.
NEEDED = {
    Command.Output: Capability.OutputControl,
    Command.LED: Capability.LEDControl,
    Command.Buzzer: Capability.AudibleControl,
    Command.Text: Capability.TextOutput,
}
CODES = {
    Command.Output: 0x68,
    Command.LED: 0x69,
    Command.Buzzer: 0x6A,
    Command.Text: 0x6B,
    Command.Keyset: 0x75,
}
TURN_OFF, TURN_ON, TURN_ON_TIMED = 1, 2, 5


class Impossible(Exception):
    """The command asks for what OSDP or this device cannot do."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """How a reader shows one outcome: a color, beeps, and for how many tenths of a second.

    ``beep_tenths`` is how long a beep lasts, and the pause after it. ``text`` is shown where the
    command brings none.
    """

    color: str
    beeps: int
    tenths: int = 30
    beep_tenths: int = 1
    text: str = ""

    def __post_init__(self) -> None:
        if self.color not in COLORS or not 0 <= self.beeps <= 255:
            raise ValueError(f"no reader can show {self}")
        if not 1 <= self.tenths <= MOST_TENTHS or not 1 <= self.beep_tenths <= MOST_TENTHS:
            raise ValueError("a reader shows an outcome for 0.1 to 25.5 seconds")


# Used for what the facility's own table of patterns leaves out.
FEEDBACK: Mapping[str, Feedback] = MappingProxyType(
    {
        "granted": Feedback("green", 1),
        "pending": Feedback("amber", 2),
        "refused": Feedback("red", 3),
        "held_warning": Feedback("amber", 10, tenths=100, beep_tenths=5, text="Shut the door"),
    }
)


@dataclass(slots=True)
class Job:
    """One command of the gateway as the OSDP commands that are still to be acknowledged."""

    command_id: str
    verb: Verb | None
    orders: list[Order] = field(default_factory=list)
    output_tenths: int = 0
    gives_key: bool = False

    @property
    def is_question(self) -> bool:
        """Whether it only asks how things stand, so that it may wait and be asked anew."""
        return self.verb is None and not self.gives_key


def job_for(
    command: DeviceCommand, feedback: Mapping[str, Feedback], has: Mapping[int, int]
) -> Job:
    """The job of a command for a device that ``has`` so many items of each capability.

    Raises Impossible; a display or a buzzer that is missing is left out of a FEEDBACK instead.
    """
    args = command.args
    job = Job(command.command_id, command.verb)
    match command.verb:
        case Verb.PULSE:
            tenths = int(args["tenths"])
            if not 1 <= tenths <= MOST_TENTHS:
                raise Impossible("a pulse lasts 0.1 to 25.5 seconds")
            job.orders.append(_output(args, TURN_ON_TIMED, tenths, has))
            job.output_tenths = tenths
        case Verb.HOLD:
            job.orders.append(_output(args, TURN_ON if args["active"] else TURN_OFF, 0, has))
        case Verb.FEEDBACK:
            if args["outcome"] not in feedback:
                raise Impossible(f"no feedback is set for {args['outcome']!r}")
            how = feedback[args["outcome"]]
            shown = _shown(how, str(args.get("text") or how.text))
            job.orders += [order for order in shown if has.get(NEEDED[order["command"]])]
            if not job.orders:
                raise Impossible("the device can show nothing")
        case verb:
            raise Impossible(f"an OSDP device cannot {verb}")
    return job


def status_jobs(has: Mapping[int, int]) -> list[Job]:
    """Ask a device that has just come online how things stand: cover, inputs, outputs."""
    kinds = [StatusReportType.Local]
    if has.get(Capability.ContactStatusMonitoring):
        kinds.append(StatusReportType.Input)
    if has.get(Capability.OutputControl):
        kinds.append(StatusReportType.Output)
    return [status_job(kind) for kind in kinds]


def status_job(kind: int) -> Job:
    """Ask for one status; nobody waits for the acknowledgement."""
    return Job("", None, [{"command": Command.Status, "type": kind}])


def key_job(scbk: bytes) -> Job:
    """Give a device a base key of its own (SIA OSDP v2.2, 6.17)."""
    order = {"command": Command.Keyset, "type": 1, "data": scbk}
    return Job("", None, [order], gives_key=True)


def _output(args: Mapping[str, Any], control: int, tenths: int, has: Mapping[int, int]) -> Order:
    number = int(args["output"])
    if not 0 <= number < has.get(Capability.OutputControl, 0):
        raise Impossible(f"the device has no output {number}")
    return {
        "command": Command.Output,
        "output_no": number,
        "control_code": control,
        "timer_count": tenths,
    }


def _shown(how: Feedback, text: str) -> list[Order]:
    lamp = {
        "command": Command.LED,
        "reader": 0,
        "led_number": 0,
        "temporary": True,
        "control_code": 2,
        "on_count": how.tenths,
        "off_count": 0,
        "on_color": COLORS[how.color],
        "off_color": CommandLEDColor.Black,
        "timer_count": how.tenths,
    }
    buzzer = {
        "command": Command.Buzzer,
        "reader": 0,
        "control_code": 2,
        "on_count": how.beep_tenths,
        "off_count": how.beep_tenths,
        "rep_count": how.beeps,
    }
    line = {
        "command": Command.Text,
        "reader": 0,
        "control_code": 3,
        "temp_time": -(-how.tenths // 10),
        "offset_row": 1,
        "offset_col": 1,
        "data": displayable(text),
    }
    return [lamp] + ([buzzer] if how.beeps else []) + ([line] if line["data"] else [])


def displayable(text: str) -> str:
    """The text as a reader can show it: at most 32 printable ASCII characters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return "".join(letter for letter in plain if letter.isprintable())[:MOST_TEXT]
