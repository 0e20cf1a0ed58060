"""The Secure Channel of SIA OSDP v2.2, annex D, from a device's side or an eavesdropper's.

AES-128 keys for one session come from the reader's base key (SCBK) and the panel's random number;
each side proves that it has them. Then every frame carries a MAC that is chained to the last frame
of the other side, and the data of most is enciphered.
"""

import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hardware.simulators.osdp_frames import MAC_BYTES, Frame, head

BLOCK = 16
PAD = 0x80


def _ecb(key: bytes, data: bytes) -> bytes:
    # The standard derives keys and proofs from single blocks; nothing else goes through here.
    cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - as the standard says
    return cipher.encryptor().update(data)


def _cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor().update(data)


def _padded(data: bytes) -> bytes:
    return data + bytes([PAD]) + bytes(-(len(data) + 1) % BLOCK)


class Session:
    """Keys and chained MACs of one session.

    ``panel_random`` and ``device_random`` are the two 8-byte numbers of the handshake.
    """

    def __init__(self, scbk: bytes, panel_random: bytes, device_random: bytes) -> None:
        def derived(first: int, second: int) -> bytes:
            return _ecb(scbk, bytes([first, second]) + panel_random[:6] + bytes(8))

        self.enc, self.mac1, self.mac2 = derived(1, 0x82), derived(1, 1), derived(1, 2)
        self.panel_cryptogram = _ecb(self.enc, device_random + panel_random)
        self.device_cryptogram = _ecb(self.enc, panel_random + device_random)
        self.reply_mac = _ecb(self.mac2, _ecb(self.mac1, self.panel_cryptogram))
        self.command_mac = bytes(BLOCK)

    def accepts(self, panel_cryptogram: bytes) -> bool:
        """Whether the panel proved that it has the key."""
        return hmac.compare_digest(self.panel_cryptogram, panel_cryptogram)

    def verify(self, frame: Frame) -> bool:
        """Check a frame's MAC and chain it; after False the session is worth nothing."""
        mac = self._mac(frame.signed, self.command_mac if frame.reply else self.reply_mac)
        if not hmac.compare_digest(mac[:MAC_BYTES], frame.mac):
            return False
        self._chain(frame, mac)
        return True

    def sign(self, frame: Frame) -> bytes:
        """The MAC to send with a frame, chained."""
        mac = self._mac(head(frame, MAC_BYTES), self.command_mac if frame.reply else self.reply_mac)
        self._chain(frame, mac)
        return mac[:MAC_BYTES]

    def seal(self, data: bytes, *, reply: bool) -> bytes:
        """Encipher the data of the next frame."""
        return _cbc(self.enc, self._iv(reply=reply), _padded(data))

    def unseal(self, data: bytes, *, reply: bool) -> bytes | None:
        """Decipher the data of the frame just heard; None if the padding is wrong."""
        if not data or len(data) % BLOCK:
            return None
        cipher = Cipher(algorithms.AES(self.enc), modes.CBC(self._iv(reply=reply)))
        clear = cipher.decryptor().update(data).rstrip(b"\0")
        return clear[:-1] if clear and clear[-1] == PAD else None

    def _iv(self, *, reply: bool) -> bytes:
        last = self.command_mac if reply else self.reply_mac
        return bytes(byte ^ 0xFF for byte in last)

    def _chain(self, frame: Frame, mac: bytes) -> None:
        if frame.reply:
            self.reply_mac = mac
        else:
            self.command_mac = mac

    def _mac(self, signed: bytes, last: bytes) -> bytes:
        padded = _padded(signed) if len(signed) % BLOCK else signed
        iv = last
        if len(padded) > BLOCK:
            iv = _cbc(self.mac1, last, padded[:-BLOCK])[-BLOCK:]
        return _cbc(self.mac2, iv, padded[-BLOCK:])
