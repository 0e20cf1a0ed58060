"""Doors that lack one refusal: what a hostile client would get if the product's door lacked it."""

import asyncssh

from terminals.bastion.door import Door


class Shell(asyncssh.SSHServerSession[str]):
    """Runs nothing, but says that it would, and what it was given."""

    chan: asyncssh.SSHServerChannel[str]

    def connection_made(self, chan: asyncssh.SSHServerChannel[str]) -> None:
        self.chan = chan

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object
    ) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        return True

    def session_started(self) -> None:
        has = {
            "agent": self.chan.get_agent_path(),
            "x11": self.chan.get_x11_display(),
            "pty": self.chan.get_terminal_type(),
        }
        words = " ".join(name for name, given in has.items() if given)
        self.chan.write(f"in {words}\n")
        self.chan.exit(0)


class WithSessions(Door):
    """Lets sessions be opened."""

    def session_requested(self) -> Shell:
        return Shell()


class WithListeners(Door):
    """Listens for clients."""

    def server_requested(self, listen_host: str, listen_port: int) -> bool:
        return True

    def unix_server_requested(self, listen_path: str) -> bool:
        return True


class WithUnixSockets(Door):
    """Connects to sockets in the file system."""

    def unix_connection_requested(self, dest_path: str) -> bool:
        return True


class WithPasswords(Door):
    """Takes any password."""

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return True


class WithQuestions(Door):
    """Asks nothing and is content."""

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        return "", "", "", [("Password:", False)]

    def validate_kbdint_response(self, username: str, responses: object) -> bool:
        return True


class WithoutProof(Door):
    """Lets everybody in who names a grant."""

    def begin_auth(self, username: str) -> bool:
        return False
