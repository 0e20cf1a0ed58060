"""The keys of an installation: complete, private, made once."""

import stat
from pathlib import Path

from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import KeyUsage, load_pem_x509_certificate

from scif.kernel.keys import KeyStore
from scif.runtime.keys import make_gateway_key, make_keys


def test_every_key_is_made_private_and_kept(tmp_path: Path) -> None:
    make_keys(tmp_path)
    make_gateway_key(tmp_path, "north")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(before) == {
        *("journal.ed25519", "journal.pub", "control.ed25519", "control.pub"),
        *("pin.hmac", "osdp.master", "nfc.master", "report.p12", "report.crt"),
        *("harness.ed25519", "harness.pub"),
        *("session_ca.ed25519", "session_ca.pub", "laptops.pem", "laptops.crt"),
        *("store.north.aes", "edge.north.ed25519", "edge.north.pub", "readers.north.siv"),
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    make_keys(tmp_path)
    make_gateway_key(tmp_path, "north")
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_the_kernel_reads_them_and_the_pairs_fit(tmp_path: Path) -> None:
    make_keys(tmp_path)
    store = KeyStore(tmp_path)
    for name in ("journal", "control"):
        signature = store.signer(f"{name}.ed25519").sign(b"text")
        store.verifier(f"{name}.pub").verify(signature, b"text")
    lengths = {name: len(store.secret(name)) for name in ("pin.hmac", "osdp.master", "nfc.master")}
    assert lengths == {"pin.hmac": 32, "osdp.master": 32, "nfc.master": 16}


def test_a_lost_public_key_is_derived_again(tmp_path: Path) -> None:
    make_keys(tmp_path)
    public = (tmp_path / "control.pub").read_bytes()
    (tmp_path / "control.pub").unlink()
    (tmp_path / "journal.ed25519.new").write_text("half a key of a start that was killed")
    make_keys(tmp_path)
    assert (tmp_path / "control.pub").read_bytes() == public


def test_the_report_key_may_sign_what_cannot_be_repudiated(tmp_path: Path) -> None:
    make_keys(tmp_path)
    data = (tmp_path / "report.p12").read_bytes()
    key, certificate, _ = pkcs12.load_key_and_certificates(data, None)
    assert key
    assert certificate
    assert load_pem_x509_certificate((tmp_path / "report.crt").read_bytes()) == certificate
    assert certificate.extensions.get_extension_for_class(KeyUsage).value.content_commitment
