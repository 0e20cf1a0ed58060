"""The bastion's configuration: a TOML file; a value that is missing stops the start."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


class ConfigError(Exception):
    """The file is not what the bastion needs; the message names the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What one bastion is told at its start. Times in seconds, sizes in bytes.

    ``control_uid`` is the user whose processes may speak at the control socket, as the kernel
    says; ``control_group`` the group that may reach the socket's file, -1 for the bastion's own.
    """

    listen_host: str
    listen_port: int
    host_key: Path
    user_ca: Path  # public keys, one a line: two while the authority's key is being replaced
    ledger: Path
    control_socket: Path
    control_uid: int
    control_group: int
    silence: float  # without a word of the control plane for so long, every session ends
    longest_message: int
    backlog: int  # messages kept for a control plane that is away
    certificate_seconds: int  # the longest life of a certificate
    login_seconds: int
    waiting_logins: int  # connections that have not proved who they are, at most
    keepalive_seconds: int
    keepalive_misses: int
    lease: int  # bytes written to the ledger before they flow
    report_seconds: float
    drain_seconds: float  # for the last bytes of a budget to arrive
    key_bytes: int  # a packet up to this size may be a keystroke
    key_pause: float  # so far apart two keystrokes are no rhythm
    burst_gap: float  # silence that ends a burst


def load(path: Path) -> Config:
    """Read the file; relative paths in it count from where it lies."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    unknown = sorted(set(told) - {field.name for field in fields(Config)})
    if unknown:
        raise ConfigError(f"{path}: unknown: {', '.join(unknown)}")
    values = {field.name: _value(path, told, field.name, field.type) for field in fields(Config)}
    return Config(**values)


def _value(path: Path, told: dict[str, Any], name: str, kind: object) -> Any:
    if name not in told:
        raise ConfigError(f"{path}: {name} is missing")
    value = told[name]
    if kind is Path and isinstance(value, str):
        return path.parent / value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(kind, type) or type(value) is not kind:
        raise ConfigError(f"{path}: {name} is of the wrong type")
    if isinstance(value, int | float) and value <= 0 and name not in _MAY_BE_NOUGHT:
        raise ConfigError(f"{path}: {name} must be more than nought")
    return value


# Port 0 is one that the system chooses; user 0 and no group are what they say.
_MAY_BE_NOUGHT = frozenset({"listen_port", "control_uid", "control_group"})
