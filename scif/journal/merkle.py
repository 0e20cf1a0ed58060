"""The Merkle tree of RFC 6962, section 2.1, as pure functions over SHA-256 hashes.

A *node* is the root of a perfect subtree: height 0 is a leaf hash, and the node ``(height, index)``
covers the leaves from ``index << height`` up to ``(index + 1) << height``. Proofs ask for nodes
through a function, so that they read from tiles, from memory or from a test alike.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

Node = Callable[[int, int], bytes]

EMPTY_ROOT = sha256(b"").digest()


def leaf_data(header: bytes, body_hash: bytes) -> bytes:
    """What a leaf holds: the canonical header, then the 32 bytes of the salted body's hash."""
    return header + body_hash


def body_digest(salt: bytes, body: bytes) -> bytes:
    """The commitment to a body; the salt keeps an erased body from being guessed."""
    return sha256(salt + body).digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf, RFC 6962: SHA-256(0x00 ‖ data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node, RFC 6962: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of equal nodes; ValueError for any other number."""
    if not hashes or len(hashes) & (len(hashes) - 1):
        raise ValueError("a perfect subtree covers a power of two of nodes")
    level = list(hashes)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return level[0]


class Frontier:
    """The right edge of a growing tree: the roots of its perfect subtrees, largest first.

    INVARIANT: the heights strictly decrease and their powers of two add up to ``size``.
    """

    def __init__(self) -> None:
        self.size = 0
        self._nodes: list[tuple[int, bytes]] = []

    def append(self, node: bytes, height: int = 0) -> None:
        """Add the next perfect subtree; ValueError if it would not lie on its own boundary."""
        if self.size & ((1 << height) - 1):
            raise ValueError(f"a subtree of height {height} cannot begin at {self.size}")
        self.size += 1 << height
        while self._nodes and self._nodes[-1][0] == height:
            _, left = self._nodes.pop()
            node = node_hash(left, node)
            height += 1
        self._nodes.append((height, node))

    def copy(self) -> "Frontier":
        """Another frontier of the same tree, to be grown apart."""
        other = Frontier()
        other.size, other._nodes = self.size, list(self._nodes)
        return other

    def root(self) -> bytes:
        """The root of the whole tree so far."""
        if not self._nodes:
            return EMPTY_ROOT
        root = self._nodes[-1][1]
        for _, left in reversed(self._nodes[:-1]):
            root = node_hash(left, root)
        return root


def perfect_ranges(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut leaves ``start`` to ``end`` into perfect subtrees ``(height, index)``, left to right."""
    while start < end:
        largest = (end - start).bit_length() - 1
        aligned = (start & -start).bit_length() - 1 if start else largest
        height = min(largest, aligned)
        yield height, start >> height
        start += 1 << height


def range_root(start: int, end: int, node: Node) -> bytes:
    """The RFC 6962 root of leaves ``start`` to ``end``; ``start`` lies on a subtree's boundary."""
    if start >= end:
        return EMPTY_ROOT
    parts = [node(height, index) for height, index in perfect_ranges(start, end)]
    root = parts.pop()
    while parts:
        root = node_hash(parts.pop(), root)
    return root


def _split(size: int) -> int:
    """The largest power of two smaller than ``size`` (RFC 6962's k)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The audit path of leaf ``index`` in the tree of ``size`` leaves, from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """The proof that the tree of ``old`` leaves is a prefix of that of ``new`` (0 < old ≤ new)."""
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof from {old} to {new}")
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(range_root(start, end, node))
    return path[::-1]


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """The root that an audit path leads to (RFC 9162, 2.1.3.2); ValueError for a wrong length."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    at, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        if at & 1 or at == last:
            root = node_hash(sibling, root)
            while not at & 1 and at:
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
    """Whether a proof shows that the older tree is a prefix of the newer (RFC 9162, 2.1.4.2)."""
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
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
