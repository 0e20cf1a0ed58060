"""A TPM in software: swtpm, driven by tpm2-tools as a laptop's agent drives its own."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HANDLE = "0x81010002"


@dataclass
class SoftTpm:
    """A running TPM with an endorsement key and a restricted attestation key kept in it."""

    place: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment in which tpm2-tools find it."""
        return {**os.environ, "TPM2TOOLS_TCTI": f"swtpm:path={self.place / 'tpm'}"}

    @property
    def public(self) -> bytes:
        """TPM2B_PUBLIC of the attestation key."""
        return (self.place / "ak.pub").read_bytes()

    @property
    def endorsement_public(self) -> bytes:
        """TPM2B_PUBLIC of the endorsement key."""
        return (self.place / "ek.pub").read_bytes()

    def tool(self, *words: str) -> str:
        """Run one of tpm2-tools."""
        done = subprocess.run(
            ["tpm2", *words],
            cwd=self.place,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def measure(self, pcr: int, digest: bytes) -> None:
        """Extend a PCR, as firmware and loader do while they boot."""
        self.tool("pcrextend", f"{pcr}:sha256={digest.hex()}")

    def pcrs(self) -> dict[int, bytes]:
        """The values of PCR 0, 7 and 11."""
        self.tool("pcrread", "sha256:0,7,11", "-o", "pcrs")
        data = (self.place / "pcrs").read_bytes()
        return dict(zip((0, 7, 11), (data[:32], data[32:64], data[64:96]), strict=True))

    def inscribe(self, index: str, identity: Mapping[str, str]) -> None:
        """Write down which laptop it belongs to, as two people do (`deploy/terminal/README.md`)."""
        said = json.dumps(identity).encode()
        (self.place / "said").write_bytes(said)
        if index.casefold() in self.tool("getcap", "handles-nv-index").casefold().split():
            self.tool("nvundefine", "-C", "o", index)
        attributes = "ownerread|authread|ownerwrite"
        self.tool("nvdefine", index, "-C", "o", "-s", str(len(said)), "-a", attributes)
        self.tool("nvwrite", index, "-C", "o", "-i", "said")

    def quote(self, nonce: bytes, selection: str = "sha256:0,7,11") -> tuple[bytes, bytes]:
        """TPMS_ATTEST and TPMT_SIGNATURE."""
        self.tool(
            *("quote", "-c", HANDLE, "-l", selection, "-q", nonce.hex(), "-g", "sha256"),
            *("-m", "quote", "-s", "signature"),
        )
        self.flush()
        return tuple((self.place / name).read_bytes() for name in ("quote", "signature"))  # type: ignore[return-value]  # two names

    def flush(self) -> None:
        """Without a resource manager whatever was loaded stays, until nothing fits any more."""
        self.tool("flushcontext", "-t")


@contextmanager
def soft_tpm() -> Iterator[SoftTpm]:
    """Start a new TPM and give it its keys; ends with the block."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        process = subprocess.Popen(
            [
                *("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={name}"),
                *("--ctrl", f"type=unixio,path={name}/tpm.ctrl"),
                *("--server", f"type=unixio,path={name}/tpm"),
                *("--flags", "not-need-init,startup-clear"),
            ]
        )
        try:
            deadline = time.monotonic() + 10
            while not (place / "tpm.ctrl").exists():
                assert process.poll() is None, "swtpm ended"
                assert time.monotonic() < deadline, "swtpm made no socket"
            tpm = SoftTpm(place)
            tpm.tool("createek", "-G", "ecc", "-c", "ek.ctx", "-u", "ek.pub")
            tpm.flush()
            tpm.tool(
                *("createak", "-C", "ek.ctx", "-c", "ak.ctx", "-G", "ecc", "-g", "sha256"),
                *("-s", "ecdsa", "-u", "ak.pub", "-n", "ak.name"),
            )
            tpm.flush()
            tpm.tool("evictcontrol", "-C", "o", "-c", "ak.ctx", HANDLE)
            tpm.flush()
            yield tpm
        finally:
            process.terminate()
            process.wait(10)
