"""The desk reader's driver where its child cannot work: nothing here needs libnfc."""

from pathlib import Path

import pytest

from hardware.drivers.base import Signal
from hardware.drivers.nfc import DeskReader, DeskTiming
from tests.hardware.desk_devices import Owner

FAST = DeskTiming(first_pause=0.1, longest_pause=0.2)


def test_missing_libraries_are_one_offline_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # The loader takes the first file of that name, and this one is no library.
    (tmp_path / "libfreefare.so").write_bytes(b"")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    owner = Owner(DeskReader(device="desk", port="/dev/null", nfc_master=bytes(16), timing=FAST))
    owner.driver.open()
    owner.wait_for(Signal.OFFLINE, reason="library_missing")
    assert owner.quiet_for(0.5) == []
    owner.driver.close()
    assert capfd.readouterr().err == ""
