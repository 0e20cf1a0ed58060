"""The hardening checklist, asked of the laptop itself: what a program can see of it from inside.

    python3 -m terminals.agent.check [FILE]

As root. Says ``as built``, or what is not, by the codes of ``terminals/rules/checklist.py``; into
the file, whole, or onto the screen. The agent tells the centre whenever the file changes. What
cannot be read counts as a fault. Eyes and seals see what no program can: case and attachments.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

SOUND, UNSOUND = "as built", "not as built: "
SECURE_BOOT = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
OWN_SCREEN = ("eDP", "LVDS", "DSI")
TOOL_SECONDS = 10


class Laptop:
    """What can be seen: the files below ``root``, and the packet filter's rules."""

    def __init__(self, root: Path, filter_rules: str) -> None:
        self._root, self.filter_rules = root, filter_rules

    def text(self, path: str) -> str:
        """What a file says; "" where it says nothing that can be read."""
        try:
            return (self._root / path).read_text(errors="replace").strip()
        except OSError:
            return ""

    def data(self, path: str) -> bytes:
        """The same in bytes."""
        try:
            return (self._root / path).read_bytes()
        except OSError:
            return b""

    def names(self, pattern: str) -> list[str]:
        """The paths that fit, below the root."""
        return sorted(str(path.relative_to(self._root)) for path in self._root.glob(pattern))


def boot(laptop: Laptop) -> Iterator[str]:
    """Secure Boot, and a kernel that lets not even root in."""
    if laptop.data(SECURE_BOOT)[4:] != b"\x01":
        yield "Secure Boot is off"
    if "[confidentiality]" not in laptop.text("sys/kernel/security/lockdown"):
        yield "the kernel is not locked down"


def storage(laptop: Laptop) -> Iterator[str]:
    """Nothing that keeps anything: no disk, no card, no swap."""
    kinds = ("loop", "ram")
    disks = [Path(each).name for each in laptop.names("sys/block/*")]
    yield from (f"disk {each}" for each in disks if not each.startswith(kinds))
    if len(laptop.text("proc/swaps").splitlines()) != 1:
        yield "swap"


def ports(laptop: Laptop) -> Iterator[str]:
    """No USB port that takes what is plugged in, no further screen, no Thunderbolt."""
    buses = laptop.names("sys/bus/usb/devices/usb*/authorized_default")
    yield from (Path(each).parent.name for each in buses if laptop.text(each) != "0")
    for each in laptop.names("sys/class/drm/card*-*/status"):
        connector = Path(each).parent.name.partition("-")[2]
        if not connector.startswith(OWN_SCREEN) and laptop.text(each) != "disconnected":
            yield connector
    yield from (Path(each).name for each in laptop.names("sys/bus/thunderbolt/devices/*"))


def radio(laptop: Laptop) -> Iterator[str]:
    """No driver that hears, sees or sends."""
    for kind in ("ieee80211", "bluetooth", "video4linux", "sound/card*"):
        pattern = f"sys/class/{kind}" if "*" in kind else f"sys/class/{kind}/*"
        yield from (Path(each).name for each in laptop.names(pattern))


def screen(laptop: Laptop) -> Iterator[str]:
    """One console, which no key leaves."""
    if laptop.text("proc/sys/kernel/sysrq") != "0":
        yield "SysRq is on"
    if laptop.text("sys/class/tty/tty0/active") != "tty1":
        yield "another console is in front"


def network(laptop: Laptop) -> Iterator[str]:
    """All three ways are shut but for what is named, and nobody resolves names."""
    for hook in ("input", "forward", "output"):
        if f"hook {hook} priority filter; policy drop;" not in laptop.filter_rules:
            yield f"{hook} is open"
    if "nameserver" in laptop.text("etc/resolv.conf"):
        yield "names are resolved"


CHECKS: Mapping[str, Callable[[Laptop], Iterator[str]]] = {
    each.__name__: each for each in (boot, storage, ports, radio, screen, network)
}


def finding(laptop: Laptop) -> str:
    """One line: as built, or each item that is not, with what was found."""
    faults = {code: list(check(laptop)) for code, check in CHECKS.items()}
    told = [f"{code} ({', '.join(found)})" for code, found in faults.items() if found]
    return UNSOUND + ", ".join(told) if told else SOUND


def filter_rules() -> str:
    """As the kernel has them."""
    done = subprocess.run(
        ["nft", "list", "ruleset"],  # noqa: S607  the image's own
        capture_output=True, text=True, timeout=TOOL_SECONDS, check=False,
    )  # fmt: skip
    return done.stdout


def main() -> None:
    """Look once."""
    said = finding(Laptop(Path("/"), filter_rules()))
    if len(sys.argv) == 1:
        sys.stdout.write(said + "\n")
        return
    place = Path(sys.argv[1])
    fresh = place.with_suffix(".new")
    fresh.write_text(said, encoding="utf-8")
    # At one stroke: the agent never sees half of it.
    fresh.replace(place)


if __name__ == "__main__":
    main()
