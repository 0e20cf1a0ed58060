"""What may stand for the host of a lab's harness."""

import pytest

from terminals.rules.harness_host import is_one_host


@pytest.mark.parametrize("host", ["harness", "h-4.lab.example", "10.0.0.7", "127.0.0.1", "fd00::7"])
def test_a_name_and_an_address_fit(host: str) -> None:
    assert is_one_host(host)


@pytest.mark.parametrize(
    "host",
    ["evil host; rm", "-o", "a..b", "", "a/b", "169.254.169.254", "::", "fe80::1", "ff02::1"],
)
def test_what_is_no_one_host_does_not(host: str) -> None:
    assert not is_one_host(host)
