"""The guards: each reason for which the bastion turns something away, one by one.

All of them hold, always. The server is built with the set that holds, so that a test can take one
away and show that what it refuses would otherwise pass; no configuration can.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address

from terminals.bastion.grant import Grant


class Guard(StrEnum):
    """What must hold, as the word that the control plane reads when it did not."""

    # At the login
    CERTIFICATE = "a_bare_key"
    AUTHORITY = "another_authority"
    USER_CERTIFICATE = "no_user_certificate"
    VALID_NOW = "not_valid_now"
    SHORT_LIVED = "lives_too_long"
    PRINCIPAL = "other_principals"
    FORCED_COMMAND = "other_forced_command"
    CERTIFICATE_SOURCE = "certificate_for_another_address"
    FORWARDING = "certificate_without_forwarding"
    NOTHING_ELSE = "certificate_permits_more"
    GRANT_SOURCE = "grant_for_another_address"
    LIVE_GRANT = "grant_has_ended"
    ONE_CONNECTION = "connected_already"
    WAITING_LOGINS = "too_many_waiting"
    # Within a session
    DESTINATION = "other_destination"
    CHANNELS = "too_many_channels"
    # At the control socket
    CONTROL_USER = "other_user_at_control"
    FRESH_GRANT = "grant_was_there_before"


ALL_GUARDS = frozenset(Guard)
FORWARDING = "permit-port-forwarding"  # the one thing that a certificate permits


@dataclass(frozen=True, slots=True)
class Offer:
    """What a client shows at its login. Times in seconds since 1970; ``login`` is the user name."""

    login: str
    address: str
    authority_known: bool
    user_certificate: bool
    valid_after: int
    valid_before: int
    principals: tuple[str, ...]
    forced_command: str | None
    sources: tuple[IPv4Network | IPv6Network, ...]
    permits: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the grant stands that the login names, and the clock on the wall (seconds since 1970)."""

    grant: Grant
    ended: bool
    connected: bool
    now: float
    longest: int  # seconds that a certificate may live


Check = Callable[[Offer, Standing], bool]


# asyncssh lets a certificate without principals pass for any login: here they are exactly the
# one that is expected. A certificate without an address is good for none.
_CHECKS: Mapping[Guard, Check] = {
    Guard.AUTHORITY: lambda offer, _: offer.authority_known,
    Guard.USER_CERTIFICATE: lambda offer, _: offer.user_certificate,
    Guard.VALID_NOW: lambda offer, at: offer.valid_after <= at.now < offer.valid_before,
    Guard.SHORT_LIVED: lambda offer, at: offer.valid_before - offer.valid_after <= at.longest,
    Guard.PRINCIPAL: lambda offer, at: offer.principals == (at.grant.id,),
    Guard.FORCED_COMMAND: lambda offer, at: offer.forced_command == at.grant.id,
    Guard.CERTIFICATE_SOURCE: lambda offer, _: any(
        ip_address(offer.address) in network for network in offer.sources
    ),
    Guard.FORWARDING: lambda offer, _: FORWARDING in offer.permits,
    Guard.NOTHING_ELSE: lambda offer, _: offer.permits <= {FORWARDING},
    Guard.GRANT_SOURCE: lambda offer, at: ip_address(offer.address) == ip_address(at.grant.source),
    Guard.LIVE_GRANT: lambda _, at: not at.ended,
    Guard.ONE_CONNECTION: lambda _, at: not at.connected,
}


def broken(offer: Offer, standing: Standing) -> Iterator[Guard]:
    """Every guard of the login that does not hold; a check that fails does not hold."""
    for guard, check in _CHECKS.items():
        try:
            holds = check(offer, standing)
        except Exception:  # INVARIANT: an error denies, whatever it is
            holds = False
        if not holds:
            yield guard
