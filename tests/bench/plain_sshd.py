"""Plain `sshd` as it would be set up for the same: short certificates, a principals command."""

import asyncio
import getpass
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from scif.runtime.libraries import SSHD_PATH
from tests.bastion.papers import Papers

PRINCIPAL = "bench"
LOGIN = getpass.getuser()
# The cheapest command there is: what a real one asks for comes on top.
_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {papers.host_key}
TrustedUserCAKeys {papers.user_ca}
AuthorizedPrincipalsCommand /bin/echo {principal}
AuthorizedPrincipalsCommandUser {login}
AuthorizedKeysFile none
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
UseDNS no
MaxStartups 500
AllowTcpForwarding local
AllowAgentForwarding no
AllowStreamLocalForwarding no
X11Forwarding no
PermitTTY no
PidFile none
Ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com
KexAlgorithms curve25519-sha256
"""


@asynccontextmanager
async def plain_sshd(
    directory: Path, papers: Papers
) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """A running server; gives its process and its port."""
    if os.geteuid() == 0:
        # Where it separates its privileges; the package's own unit makes it.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = directory / "sshd_config"
    config.write_text(_CONFIG.format(port=port, papers=papers, principal=PRINCIPAL, login=LOGIN))
    process = await asyncio.create_subprocess_exec(
        SSHD_PATH, "-D", "-e", "-f", str(config), stderr=asyncio.subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        while b"listening" not in (line := await process.stderr.readline()):
            if not line:
                raise RuntimeError("sshd does not start")
        drain = asyncio.create_task(process.stderr.read())
        yield process, port
        drain.cancel()
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
