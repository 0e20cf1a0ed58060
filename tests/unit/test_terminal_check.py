"""What a laptop finds of itself: each fault by itself, over a tree of files as a laptop has it."""

from pathlib import Path

import pytest

from terminals.agent.check import CHECKS, SECURE_BOOT, SOUND, Laptop, finding

FILES: dict[str, bytes] = {
    SECURE_BOOT: b"\x06\x00\x00\x00\x01",
    "sys/kernel/security/lockdown": b"none integrity [confidentiality]\n",
    "proc/swaps": b"Filename Type Size Used Priority\n",
    "sys/bus/usb/devices/usb1/authorized_default": b"0\n",
    "sys/class/drm/card0-eDP-1/status": b"connected\n",
    "sys/class/drm/card0-HDMI-A-1/status": b"disconnected\n",
    "proc/sys/kernel/sysrq": b"0\n",
    "sys/class/tty/tty0/active": b"tty1\n",
}
HOOKS = ("input", "forward", "output")
RULES = "\n".join(f"type filter hook {hook} priority filter; policy drop;" for hook in HOOKS)


def write(root: Path, path: str, data: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(data)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, data in FILES.items():
        write(tmp_path, path, data)
    (tmp_path / "sys" / "block" / "loop0").mkdir(parents=True)
    return tmp_path


def test_as_it_is_built_nothing_is_found(root: Path) -> None:
    assert finding(Laptop(root, RULES)) == SOUND


@pytest.mark.parametrize(
    ("path", "data", "found"),
    [
        (SECURE_BOOT, b"\x06\x00\x00\x00\x00", "boot (Secure Boot is off)"),
        ("sys/kernel/security/lockdown", b"[none] integrity", "boot (the kernel is not locked"),
        ("sys/block/nvme0n1/size", b"1", "storage (disk nvme0n1)"),
        ("proc/swaps", b"Filename\n/dev/sda2 partition 1 0 -2\n", "storage (swap)"),
        ("sys/bus/usb/devices/usb1/authorized_default", b"1", "ports (usb1)"),
        ("sys/class/drm/card0-HDMI-A-1/status", b"connected", "ports (HDMI-A-1)"),
        ("sys/bus/thunderbolt/devices/0-1/name", b"dock", "ports (0-1)"),
        ("sys/class/bluetooth/hci0/type", b"", "radio (hci0)"),
        ("sys/class/sound/card0/id", b"", "radio (card0)"),
        ("proc/sys/kernel/sysrq", b"438", "screen (SysRq is on)"),
        ("sys/class/tty/tty0/active", b"tty2", "screen (another console is in front)"),
        ("etc/resolv.conf", b"nameserver 192.0.2.1", "network (names are resolved)"),
    ],
)
def test_each_fault_is_found(root: Path, path: str, data: bytes, found: str) -> None:
    write(root, path, data)
    said = finding(Laptop(root, RULES))
    assert said.startswith(f"not as built: {found}")


@pytest.mark.parametrize("hook", HOOKS)
def test_a_way_that_is_open_is_found(root: Path, hook: str) -> None:
    rules = RULES.replace(
        f"{hook} priority filter; policy drop", f"{hook} priority 0; policy accept"
    )
    assert finding(Laptop(root, rules)) == f"not as built: network ({hook} is open)"


def test_what_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    said = finding(Laptop(tmp_path, ""))
    found = {code for code in CHECKS if f"{code} (" in said}
    assert found == {"boot", "storage", "screen", "network"}
