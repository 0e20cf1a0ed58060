"""Where an installation keeps its files, and the short directory of its sockets."""

import hashlib
import os
import shutil
import socket
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scif.runtime.child import ServerUser
from scif.runtime.errors import CannotStart

# A socket's path may have 107 bytes (sun_path); this leaves 60 for its name below the directory.
_SHORT = 46


@dataclass(frozen=True)
class Places:
    """The directories of one installation. All follow from `var` (SCIF_VAR)."""

    var: Path
    keys: Path
    # Sockets: a short path without spaces whatever `var` is called; owner's access only.
    run: Path
    # Data of the servers: below `var`, or where an unprivileged user can reach it.
    data: Path
    # Whom the servers run as; None: the user who starts them.
    user: ServerUser | None

    @property
    def log(self) -> Path:
        """The directory of the logs, a file for each process."""
        return self.var / "log"

    @property
    def simulators(self) -> Path:
        """Sockets and cards of the virtual devices: `var/sim`, by its short name."""
        return self.run / "sim"

    @property
    def machine_room(self) -> Path:
        """Where the supervisor is asked to take a process away."""
        return self.run / "machines.sock"

    def remove_sockets(self) -> None:
        """Remove the short directory, unless another's server listens in it."""
        if not any(path.is_socket() and listens(path) for path in self.run.rglob("*")):
            shutil.rmtree(self.run, ignore_errors=True)


def make_places(var: Path, keys: Path | None = None) -> Places:
    """Make the directories of the installation in `var`, or find them. Raises OSError."""
    var = var.absolute()
    keys = (keys or var / "keys").absolute()
    for directory in (var, var / "log", var / "sim"):
        directory.mkdir(parents=True, exist_ok=True)
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = hashlib.sha256(os.fsencode(var.resolve())).hexdigest()[:12]
    user = _server_user(var)
    data = var / "servers"
    if user and not reachable(var, user):
        data = _data_elsewhere(data, mark)
    data.mkdir(exist_ok=True)
    cluster = data / "postgres"
    if user and cluster.exists() and cluster.stat().st_uid != user.uid:
        user = ServerUser(cluster.stat().st_uid, cluster.stat().st_gid)
    run = _short_root() / f"scif-{os.geteuid()}-{mark}"
    _make_private(run, ServerUser(os.geteuid(), os.getegid()), 0o711 if user else 0o700)
    for server in ("postgres", "valkey"):
        _make_private(run / server, user or ServerUser(os.geteuid(), os.getegid()), 0o700)
    link = run / "sim"
    if not link.is_symlink() or link.readlink() != var / "sim":
        link.unlink(missing_ok=True)
        link.symlink_to(var / "sim")
    return Places(var=var, keys=keys, run=run, data=data, user=user)


def _data_elsewhere(link: Path, mark: str) -> Path:
    """Root's installation in a directory that only root may enter: its data go to /var/lib.

    A link in the installation tells that the data belong to it; without it they are of an
    installation that was removed, and go too.
    """
    data = Path("/var/lib") / f"scif-{mark}"
    if not link.is_symlink():
        shutil.rmtree(data, ignore_errors=True)
        link.symlink_to(data)
    return data


def reachable(path: Path, user: ServerUser) -> bool:
    """Tell whether `user` may read or enter `path` and enter every directory above it."""
    path = path.resolve()
    return all(
        _allowed(place.stat(), user, stat.S_IXOTH if place != path else _needed(path))
        for place in (path, *path.parents)
    )


def _needed(path: Path) -> int:
    return stat.S_IXOTH if path.is_dir() else stat.S_IROTH


def _allowed(status: os.stat_result, user: ServerUser, need: int) -> bool:
    shift = 6 if status.st_uid == user.uid else 3 if status.st_gid == user.gid else 0
    return bool(status.st_mode >> shift & need)


def _server_user(var: Path) -> ServerUser | None:
    """PostgreSQL refuses to run as root: choose whom root's servers run as."""
    if os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid)
    raise CannotStart(f"PostgreSQL cannot run as root and there is no user 'nobody' ({var})")


def listens(path: Path) -> bool:
    """Tell whether somebody listens at a unix socket."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(path))
    except OSError:
        return False
    return True


def refuse_taken(path: Path) -> None:
    """Raise CannotStart where another server listens already: it would lose its socket to ours."""
    if listens(path):
        raise CannotStart(f"The socket {path} is in use by another server")


def _short_root() -> Path:
    temporary = tempfile.gettempdir()
    if len(os.fsencode(temporary)) + len("/scif-4294967295-") + 12 > _SHORT:
        temporary = "/tmp"  # noqa: S108  _make_private refuses a directory that others made
    return Path(temporary)


def _make_private(directory: Path, owner: ServerUser, mode: int) -> None:
    """Make a directory that nobody else may write; refuse one that somebody else put there."""
    try:
        directory.mkdir(mode=mode)
    except FileExistsError:
        status = directory.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (owner.uid, os.geteuid()):
            raise CannotStart(f"{directory} belongs to another user; remove it") from None
    directory.chmod(mode)
    if directory.stat().st_uid != owner.uid:
        os.chown(directory, owner.uid, owner.gid)
