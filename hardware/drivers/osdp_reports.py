"""From the events of OSDP to those of a gateway."""

from collections.abc import Iterator, Mapping
from typing import Any

from osdp import Event, StatusReportType

from hardware.drivers.base import Signal

Report = tuple[Signal, dict[str, Any]]

POUND, STAR = 0x0D, 0x7F  # what OSDP sends for '#' and '*'
KEYS = {POUND: "#", STAR: "*", ord("#"): "#", ord("*"): "*"} | {ord(k): k for k in "0123456789"}


class Reports:
    """What one device last said of its cover, inputs and outputs; only changes are news.

    The first status of inputs since the device answers is news whole: a gateway that starts must
    learn which doors stand open, and what a device says that was away is not taken for granted.
    INVARIANT: any event, however odd, gives reports or nothing and never raises.
    """

    def __init__(self) -> None:
        self._local = {Signal.TAMPER: False, Signal.POWER: False}
        self._seen: dict[tuple[Signal, int], bool] = {}

    def of(self, event: Mapping[str, Any]) -> list[Report]:
        """What is new in an event of libosdp."""
        match event.get("event"):
            case Event.CardRead:
                return list(_card(event))
            case Event.KeyPress:
                digits = "".join(KEYS.get(code, "") for code in event.get("data", b""))
                return [(Signal.KEYPAD, {"digits": digits})] if digits else []
            case Event.Status:
                return list(self._status(event.get("type"), event.get("report", b"")))
        return []

    def _status(self, kind: Any, report: bytes) -> Iterator[Report]:
        match kind:
            case StatusReportType.Local:
                # Cover, then supply (SIA OSDP v2.2, 7.5).
                for signal, state in zip((Signal.TAMPER, Signal.POWER), report, strict=False):
                    if self._local[signal] is not bool(state):
                        self._local[signal] = bool(state)
                        yield signal, {"active": bool(state)}
            case StatusReportType.Input:
                yield from self._changed(Signal.INPUT, report)
            case StatusReportType.Output:
                yield from self._changed(Signal.OUTPUT, report)

    def renew(self) -> None:
        """The device is there again: what it says of its wires is news, also if it is as before."""
        self._seen.clear()

    def _changed(self, signal: Signal, report: bytes) -> Iterator[Report]:
        for number, state in enumerate(report):
            active = bool(state)
            if self._seen.get((signal, number)) is not active:
                self._seen[signal, number] = active
                yield signal, {"number": number, "active": active}


def _card(event: Mapping[str, Any]) -> Iterator[Report]:
    bits, data = event.get("length", 0), event.get("data", b"")
    number = bytes(data[: (bits + 7) // 8])
    if bits > 0 and len(number) * 8 >= bits:
        yield Signal.CARD, {"number": number, "bits": bits}
