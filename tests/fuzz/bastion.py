"""What reaches the bastion's control socket: a line, and the grant in it."""

from collections.abc import Callable
from ipaddress import ip_address

from scif.kernel.errors import Refused
from terminals.bastion.grant import GRANT_ID, grant_of
from terminals.bastion.wire import decode


def grant_target() -> Callable[[bytes], None]:
    """A grant within bounds, or a refusal."""

    def one(data: bytes) -> None:
        try:
            grant = grant_of(decode(data).get("grant"))
        except Refused:
            return
        assert GRANT_ID.fullmatch(grant.id)
        assert 0 < grant.port < 65_536
        assert grant.seconds > 0
        assert grant.budgets
        assert ip_address(grant.source)

    return one
