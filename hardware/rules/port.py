"""Which names a serial port may have: a device file of the gateway's machine, and no other."""

import re

# As they stand below /dev, without it: ttyS0, ttyUSB0, ttyAMA0, serial/by-id/usb-FTDI_…-port0.
SERIAL = re.compile(
    r"tty[A-Za-z0-9_-]{1,40}|serial/by-(?:id|path)/[A-Za-z0-9][A-Za-z0-9_.:+@-]{0,150}"
)
# A virtual device's port bears the name of its bus; nothing else that it could name is there.
VIRTUAL = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def port_fits(port: str, *, virtual: bool) -> bool:
    """Whether this names a serial port; ``virtual``: the devices are simulated."""
    return bool(SERIAL.fullmatch(port) or (virtual and VIRTUAL.fullmatch(port)))
