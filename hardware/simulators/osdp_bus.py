"""An RS-485 line with OSDP readers and the doors that hang on them."""

from hardware.simulators.control import Answer, Refused, Request, turnaround
from hardware.simulators.door import door_act, doors_of
from hardware.simulators.osdp_frames import Splitter
from hardware.simulators.pty import PacedPty
from hardware.simulators.reader import Reader
from hardware.simulators.world import Config, World

GAP_SECONDS = 0.1  # after such a silence in mid-frame the rest will not come


class OsdpBus:
    """Configuration: ``name``, ``port``, ``baud``, ``readers``, ``doors``, and optionally ``seed``
    and ``turnaround`` (seconds that a reader takes to answer; the standard allows 0.2).

    Requests: ``tap(reader, card)``, ``type(reader, digits)``, ``cover(reader, open)``,
    ``unplug(reader)``, ``replug(reader)``, ``rekey(reader, key)``, ``expose(reader, clear)``,
    ``exchange(reader, other)``, ``supply(reader, failed)``, ``sense(reader, number, active)``,
    ``slow(seconds)``, ``push(door)``, ``leave(door)``, ``press(door)``, ``close(door)``,
    ``force(door)``.
    """

    def __init__(self, config: Config, world: World) -> None:
        self.name: str = config["name"]
        self._world = world
        self._turnaround = float(config.get("turnaround", 0.002))
        self._splitter = Splitter()
        self._heard_at = 0.0
        self.readers: dict[str, Reader] = {}
        for part in config["readers"]:
            self.readers[part["name"]] = Reader(part, world)
        world.terminals.update(self.readers)
        self.doors = doors_of(config, world)
        self.port = PacedPty(
            world.loop,
            link=world.port(config["port"]),
            baud=int(config["baud"]),
            heard=self._heard,
            wire=lambda way, data: world.ring.add("wire", bus=self.name, way=way, data=data.hex()),
            seed=int(config.get("seed", 0)),
        )

    def handle(self, request: Request) -> Answer | None:
        """Do what people do at readers and doors."""
        if "reader" in request:
            return self._at_reader(request)
        if "door" in request:
            return door_act(self.doors, request)
        if request["do"] == "slow":
            self._turnaround = turnaround(request)
            return {}
        return None

    def state(self) -> Answer:
        """Every reader and every door."""
        return {
            "kind": "osdp",
            "plugged": self.port.plugged,
            "slow": self._turnaround,
            "readers": {name: reader.state() for name, reader in self.readers.items()},
            "doors": {name: door.state() for name, door in self.doors.items()},
        }

    def close(self) -> None:
        """Unplug the line."""
        self.port.unplug()

    def _at_reader(self, request: Request) -> Answer | None:
        reader = self.readers.get(request["reader"])
        if reader is None:
            return None
        match request["do"]:
            case "tap":
                return reader.tap(request["card"])
            case "type":
                return reader.type(request["digits"])
            case "cover":
                return reader.cover(is_open=bool(request["open"]))
            case "unplug":
                return reader.power(on=False)
            case "replug":
                return reader.power(on=True)
            case "rekey":
                return reader.rekey(request["key"])
            case "expose":
                return reader.expose(clear=bool(request["clear"]))
            case "exchange":
                return reader.exchange(other=bool(request["other"]))
            case "supply":
                return reader.supply(failed=bool(request["failed"]))
            case "sense":
                reader.sense(int(request["number"]), active=bool(request["active"]))
                return {}
            case verb:
                raise Refused(f"a reader cannot {verb!r}")

    def _heard(self, data: bytes) -> None:
        now = self._world.loop.now()
        if now - self._heard_at > GAP_SECONDS:
            self._splitter.clear()
        self._heard_at = now
        for raw in self._splitter.feed(data):
            for reader in self.readers.values():
                answer = reader.hear(raw)
                if answer is not None:
                    self._answer_later(answer)

    def _answer_later(self, answer: bytes) -> None:
        self._world.loop.call_later(self._turnaround, lambda: self.port.write(answer))
