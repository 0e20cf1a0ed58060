"""What may stand for the host of a lab's harness."""

import re
from ipaddress import ip_address

_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")


def is_one_host(text: str) -> bool:
    """Whether it is a host's name (RFC 1123) or the address of one host, not of the own link."""
    try:
        address = ip_address(text)
    except ValueError:
        return _NAME.fullmatch(text) is not None
    return not (address.is_unspecified or address.is_multicast or address.is_link_local)
