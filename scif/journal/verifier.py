#!/usr/bin/env python3
"""Check a bundle of the journal on any machine: one file, Python's standard library only.

    python verifier.py BUNDLE [--key VKEY] [--checkpoint EARLIER]

BUNDLE is what ``manage.py journal_export`` wrote, or what a report carries as an attachment.
VKEY is the log's verifier key, or a file that holds it, from a source that you trust: without it
the key inside the bundle is used, which shows only that the bundle agrees with itself.
EARLIER is a checkpoint that you kept: the bundle must be a continuation of it.

The journal is a Merkle tree (RFC 6962 hashing) under checkpoints signed with Ed25519 (RFC 8032;
C2SP signed-note, tlog-checkpoint). A leaf is the entry's header followed by SHA-256(salt, body),
so that a body can be erased and its entry still be proved.

Exit status: 0 everything holds; 1 a header or a body was altered, a body is missing and no entry of
this bundle records its erasure, or an entry is not the one that was signed; 2 the bundle cannot be
read, or what was asked cannot be checked with it; 3 an entry is missing; 4 the journal is shorter
than a signed checkpoint; 5 two signed histories contradict each other; 6 a signature is bad;
7 in a whole journal an event of a gateway, by the gateway's own numbering, is missing or twice.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = "scif-journal-bundle/1"
EXIT = {
    "altered header": 1,
    "altered body": 1,
    "erased without record": 1,
    "not the signed entry": 1,
    "unreadable": 2,
    "cannot be checked": 2,
    "missing entry": 3,
    "truncated": 4,
    "forked": 5,
    "bad signature": 6,
    "missing event": 7,
    "repeated event": 7,
}


class Fault(Exception):
    """The first thing that is wrong: what (a key of ``EXIT``), where, and in words."""

    def __init__(self, what: str, position: int | None, words: str) -> None:
        where = "" if position is None else f"entry {position}: "
        super().__init__(f"{what}: {where}{words}")
        self.what = what
        self.position = position


# Ed25519, RFC 8032 section 5.1, verification only. Points are (X, Y, Z, T), extended coordinates.

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_SQRT_M1 = pow(2, (_P - 1) // 4, _P)
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    e = (a[1] - a[0]) * (b[1] - b[0]) % _P
    f = (a[1] + a[0]) * (b[1] + b[0]) % _P
    g, h = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    p, q, r, s = f - e, h - g, h + g, f + e
    return (p * q % _P, r * s % _P, q * r % _P, p * s % _P)


def _times(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % _P == 0 and (a[1] * b[2] - b[1] * a[2]) % _P == 0


def _decompress(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if len(data) != 32 or y >= _P:
        return None
    x2 = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(x2, (_P + 3) // 8, _P)
    if (x * x - x2) % _P:
        x = x * _SQRT_M1 % _P
    if (x * x - x2) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return (x, y, 1, x * y % _P)


_BASE = _decompress(bytes.fromhex("58" + "66" * 31))


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature is by the key, over the message."""
    a, r = _decompress(public), _decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or _BASE is None or len(signature) != 64 or s >= _L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    return _same(_times(s, _BASE), _add(r, _times(int.from_bytes(digest, "little") % _L, a)))


# Signed notes and checkpoints.


class Key(NamedTuple):
    """A verifier key: the log's origin and its Ed25519 public key."""

    name: str
    public: bytes


class Head(NamedTuple):
    """What a checkpoint states."""

    origin: str
    size: int
    root: bytes
    note: str


def read_key(text: str) -> Key:
    """Read ``<name>+<key id>+<base64(0x01, key)>``."""
    try:
        name, _, encoded = text.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Fault("unreadable", None, "this is not a verifier key") from None
    if raw[:1] != b"\x01" or len(raw) != 33:
        raise Fault("unreadable", None, "this is not an Ed25519 verifier key")
    return Key(name, raw[1:])


def read_head(note: str) -> Head:
    """Read a checkpoint without checking who signed it."""
    lines = note.split("\n")
    try:
        head = Head(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True), note)
    except (IndexError, ValueError):
        raise Fault("unreadable", None, "this is not a checkpoint") from None
    if len(head.root) != 32 or head.size < 0:
        raise Fault("unreadable", None, "this is not a checkpoint")
    return head


def signed_by(note: str, keys: Iterable[Key]) -> bool:
    """Whether one of the keys signed the note."""
    text, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        name, _, encoded = line.removeprefix("— ").rpartition(" ")
        for key in keys:
            if name == key.name == note.partition("\n")[0]:
                try:
                    raw = base64.b64decode(encoded, validate=True)
                except ValueError:
                    continue
                named = hashlib.sha256(f"{name}\n\x01".encode() + key.public).digest()[:4]
                if raw[:4] == named and ed25519_verify(key.public, f"{text}\n".encode(), raw[4:]):
                    return True
    return False


# The Merkle tree, RFC 6962 and 9162.


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01, left, right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree: only the roots of its perfect subtrees are kept, largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.nodes: list[bytes] = []

    def append(self, node: bytes) -> None:
        """Add the next leaf's hash."""
        size = self.size
        while size & 1:
            node, size = node_hash(self.nodes.pop(), node), size >> 1
        self.nodes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root of what was added."""
        if not self.nodes:
            return hashlib.sha256(b"").digest()
        root = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            root = node_hash(left, root)
        return root


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """The root that an audit path leads to; ValueError if the path has the wrong length."""
    at, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        if at & 1 or at == last:
            root = node_hash(sibling, root)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return root


def consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree of ``old`` leaves is shown to be a prefix of the one of ``new`` leaves."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


# The bundle.


class Verified(NamedTuple):
    """What holds: the signed head, how many entries, which bodies are erased, and the code."""

    head: Head
    entries: int
    erased: list[int]
    code: str


def verify(lines: Iterable[str], key: Key | None = None, earlier: Head | None = None) -> Verified:
    """Check a bundle, line by line; raises :class:`Fault` for the first thing that is wrong."""
    rows = _read(lines)
    meta = next(rows, {})
    if meta.get("format") != FORMAT:
        raise Fault("unreadable", None, "this is not a journal bundle")
    # With a key of the reader's own, the bundle's keys count for nothing. Nor does a forged
    # consistency proof: it must lead from one signed root to the other.
    keys = [key] if key else [read_key(text) for text in meta["vkeys"]]
    heads = [read_head(note) for note in meta["checkpoints"]]
    if not heads:
        raise Fault("unreadable", None, "the bundle has no checkpoint")
    head = heads[-1]
    _signed(head, keys)
    if earlier:
        _continues(head, earlier, keys, meta)
    if meta["whole"]:
        return _whole(rows, head, heads, earlier, keys)
    return _chosen(rows, head, meta["positions"])


META = {"format", "whole", "vkeys", "checkpoints", "consistency", "positions"}
ROW = {"position", "header", "body", "salt", "body_hash", "leaf_hash", "proof"}


def _read(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """INVARIANT: nothing stands in a bundle that is not checked, for a reader to take for true."""
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line, object_pairs_hook=_once)
        except ValueError as error:
            raise Fault("unreadable", None, f"line {number} is not JSON, or {error}") from None
        if not isinstance(row, dict) or set(row) - (META if number == 1 else ROW):
            raise Fault("unreadable", None, f"line {number} says more than a bundle does")
        yield row


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        raise ValueError("says a thing twice")
    return names


def _signed(head: Head, keys: list[Key]) -> None:
    if not signed_by(head.note, keys):
        raise Fault("bad signature", None, f"the checkpoint of {head.size} entries is not signed")


def _continues(head: Head, earlier: Head, keys: list[Key], meta: dict[str, Any]) -> None:
    _signed(earlier, keys)
    if earlier.origin != head.origin:
        raise Fault("cannot be checked", None, "your checkpoint is of another journal")
    if earlier.size > head.size:
        words = f"you hold a checkpoint of {earlier.size} entries, the bundle ends at {head.size}"
        raise Fault("truncated", head.size, words)
    if earlier.size == head.size and earlier.root != head.root:
        raise Fault("forked", None, f"two signed roots for the same {head.size} entries")
    if meta["whole"] or earlier.size in (0, head.size):
        return
    proof = meta.get("consistency", {}).get(str(earlier.size))
    if proof is None:
        words = f"the bundle has no consistency proof from your checkpoint ({earlier.size} entries)"
        raise Fault("cannot be checked", None, words)
    if not consistent(earlier.size, head.size, earlier.root, head.root, _hashes(proof)):
        raise Fault("forked", None, "the bundle's journal does not continue your checkpoint")


def _whole(
    rows: Iterator[dict[str, Any]],
    head: Head,
    heads: list[Head],
    earlier: Head | None,
    keys: list[Key],
) -> Verified:
    # Every checkpoint on the way narrows down where a forged entry lies.
    known = sorted([*heads, *([earlier] if earlier else [])], key=lambda each: each.size)
    tree, code, bodies, edges = Tree(), _Code(head), _Bodies(), Edges()
    proved, at, forked = 0, 0, False
    for row in rows:
        leaf = _entry(row, tree.size)
        bodies.add(row)
        edges.add(row["position"], row["header"])
        tree.append(leaf)
        code.add(tree.size - 1, leaf)
        while at < len(known) and known[at].size <= tree.size:
            if known[at].root == tree.root():
                proved = proved if forked else known[at].size
            elif known[at] is earlier:
                # An altered entry, or another history? The bundle's own checkpoints decide.
                forked = True
            else:
                _signed(known[at], keys)
                words = f"from here to {known[at].size - 1}, one is not the entry that was signed"
                raise Fault("not the signed entry", proved, words)
            at += 1
    if tree.size < head.size:
        words = f"{head.size} entries were signed, {tree.size} are here"
        raise Fault("truncated", tree.size, words)
    if tree.size > head.size:
        raise Fault("not the signed entry", head.size, "no checkpoint covers it")
    if forked:
        raise Fault("forked", proved, "from here on it does not continue your checkpoint")
    erased = bodies.erased()
    if edges.fault:
        raise edges.fault
    return Verified(head, tree.size, erased, code.text())


class _Bodies:
    """Which bodies are missing, and which entries of the bundle record an erasure."""

    def __init__(self) -> None:
        self._missing: list[int] = []
        self._recorded: dict[str, int] = {}

    def add(self, row: dict[str, Any]) -> None:
        """Take note of an entry that holds."""
        if row["body"] is None:
            self._missing.append(row["position"])
        if "body.purged" in row["header"]:
            header = json.loads(row["header"])
            if header["kind"] == "body.purged" and header["subject"]["type"] == "journal.entry":
                self._recorded[header["subject"]["id"]] = row["position"]

    def erased(self) -> list[int]:
        """The positions of erased bodies; the first one without a record is a fault.

        INVARIANT: a body is only taken for erased where a later entry, proven like all others,
        names it: who hands a bundle on can leave bodies out, and cannot make such an entry.
        """
        for position in self._missing:
            if self._recorded.get(str(position), -1) <= position:
                words = "body missing, no record of its erasure in this bundle"
                raise Fault("erased without record", position, words)
        return self._missing


class Edges:
    """The gateways' own numbering over a whole journal: from 1 on, nothing left out or twice."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, int], int] = {}
        self.fault: Fault | None = None

    def add(self, position: int, header: str) -> None:
        """Take the next entry of the journal; ``fault`` becomes the first that is wrong."""
        source = json.loads(header).get("source") if '"source"' in header else None
        if self.fault or not source:
            return
        gateway, epoch, seq = source["gateway"], source["epoch"], source["seq"]
        last = self._last.get((gateway, epoch), 0)
        self._last[gateway, epoch] = seq
        words = f"of gateway {gateway}, epoch {epoch}"
        if seq > last + 1:
            words = f"event {last + 1} {words} is not in the journal, {seq} follows"
            self.fault = Fault("missing event", position, words)
        elif seq <= last:
            words = f"event {seq} {words} stands behind its event {last}"
            self.fault = Fault("repeated event", position, words)


def _chosen(rows: Iterator[dict[str, Any]], head: Head, positions: list[int]) -> Verified:
    code, bodies, count = _Code(head), _Bodies(), 0
    for row in rows:
        if count == len(positions):
            raise Fault("unreadable", row["position"], "the bundle does not announce this entry")
        position = positions[count]
        leaf = _entry(row, position)
        try:
            root = root_from_inclusion(position, head.size, leaf, _hashes(row["proof"]))
        except ValueError as error:
            raise Fault("not the signed entry", position, str(error)) from None
        if root != head.root:
            raise Fault("not the signed entry", position, "its proof leads to another root")
        bodies.add(row)
        code.add(position, leaf)
        count += 1
    if count < len(positions):
        raise Fault("missing entry", positions[count], "the bundle ends before it")
    return Verified(head, count, bodies.erased(), code.text())


def _entry(row: dict[str, Any], expected: int) -> bytes:
    """Check one entry against its own hashes; gives the leaf's hash."""
    if row["position"] != expected:
        raise Fault("missing entry", expected, f"entry {row['position']} stands in its place")
    body_hash = bytes.fromhex(row["body_hash"])
    leaf = hashlib.sha256(b"\x00" + row["header"].encode() + body_hash).digest()
    if leaf.hex() != row["leaf_hash"]:
        raise Fault("altered header", expected, "the header does not match its hash")
    if row["body"] is not None:
        salted = bytes.fromhex(row["salt"]) + row["body"].encode()
        if hashlib.sha256(salted).digest() != body_hash:
            raise Fault("altered body", expected, "the body does not match its hash")
    return leaf


def _hashes(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


class _Code:
    """The short code that a person compares: over the checkpoint and the entries' leaf hashes."""

    def __init__(self, head: Head) -> None:
        self._hash = hashlib.sha256(head.note.rpartition("\n\n")[0].encode() + b"\n")

    def add(self, position: int, leaf: bytes) -> None:
        self._hash.update(b"%d %s\n" % (position, leaf.hex().encode()))

    def text(self) -> str:
        number = int.from_bytes(self._hash.digest()[:10], "big")
        letters = [
            "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> shift & 31] for shift in range(75, -1, -5)
        ]
        return "-".join("".join(letters[at : at + 4]) for at in range(0, 16, 4))


def _refuse_pdf(path: Path) -> None:
    """A report is not its bundle, and its bytes would say nothing to whoever gave it."""
    with path.open("rb") as file:
        if file.read(5) == b"%PDF-":
            raise Fault("unreadable", None, "this is a PDF; give the bundle attached to it")


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a bundle and say in one line what holds or what is wrong first."""
    parser = argparse.ArgumentParser(description="Check a bundle of the journal.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", help="the log's verifier key, or a file that holds it")
    parser.add_argument("--checkpoint", type=Path, help="an earlier checkpoint that you kept")
    options = parser.parse_args(arguments)
    try:
        key = None
        if options.key:
            held = Path(options.key)
            key = read_key(held.read_text("utf-8") if held.is_file() else options.key)
        earlier = read_head(options.checkpoint.read_text("utf-8")) if options.checkpoint else None
        _refuse_pdf(options.bundle)
        with options.bundle.open(encoding="utf-8") as lines:
            result = verify(lines, key, earlier)
    except Fault as fault:
        print(f"FAULT {fault}")
        return EXIT[fault.what]
    except OSError as error:
        print(f"FAULT unreadable: {error}")
        return EXIT["unreadable"]
    except Exception as error:  # a bundle of a stranger may break its reader in any way
        print(f"FAULT unreadable: the bundle is malformed ({error!r})"[:300])
        return EXIT["unreadable"]
    print(
        f"OK {result.entries} entries hold, in {result.head.origin} of {result.head.size} entries"
    )
    if result.erased:
        print(
            f"   bodies erased, each with its record in this bundle: {len(result.erased)}"
            f" (first: {result.erased[0]})"
        )
    print(f"   verification code {result.code}")
    if result.entries < result.head.size:
        print("   chosen entries: compare the code with the one on paper, or some may be left out")
    if key is None:
        print(
            "   the key came with the bundle: compare it with one from a source you trust (--key)"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
