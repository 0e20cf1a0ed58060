"""An attempt of somebody hostile, and the bastion that lacks the guard that refuses it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from terminals.bastion.guards import ALL_GUARDS, Guard
from tests.bastion.rig import Rig, rig

# Whether it got what it wanted.
Attempt = Callable[[Rig], Awaitable[bool]]


@dataclass(frozen=True)
class Case:
    """``config`` holds for both bastions, ``without`` (arguments of ``Bastion``) and
    ``lax_config`` for the one that lacks the guard. ``allowed`` is what is tried there, where it
    is not the same attempt.
    """

    name: str
    attempt: Attempt
    without: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    lax_config: dict[str, Any] = field(default_factory=dict)
    allowed: Attempt | None = None


def lacking(*guards: Guard) -> dict[str, Any]:
    """A bastion without these guards."""
    return {"guards": ALL_GUARDS - set(guards)}


async def succeeds(case: Case, directory: Path, *, guarded: bool) -> bool:
    """Play a case against the bastion as it is, or against the one that lacks its guard."""
    without = {} if guarded else dict(case.without)
    if "x11_forwarding" in without.get("ssh_options", {}):
        # asyncssh would write into the home directory.
        without["ssh_options"] |= {"x11_auth_path": str(directory / "xauthority")}
    config = case.config if guarded else {**case.config, **case.lax_config}
    attempt = case.attempt if guarded or case.allowed is None else case.allowed
    async with rig(directory, config, **without) as made:
        return await attempt(made)
