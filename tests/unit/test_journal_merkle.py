"""The Merkle tree against RFC 6962's recursive definition and against published vectors."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scif.journal import merkle, verifier

# The eight leaves and roots of the Certificate Transparency reference implementation's tests.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_proof(m: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """RFC 6962, section 2.1.2, word for word."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_proof(m, leaves[:k], whole=whole), naive_root(leaves[k:])]
    return [*naive_proof(m - k, leaves[k:], whole=False), naive_root(leaves[:k])]


def node_of(leaves: list[bytes]) -> merkle.Node:
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]

    def node(height: int, index: int) -> bytes:
        return merkle.perfect_root(hashes[index << height : (index + 1) << height])

    return node


def frontier_of(leaves: list[bytes]) -> merkle.Frontier:
    frontier = merkle.Frontier()
    for leaf in leaves:
        frontier.append(merkle.leaf_hash(leaf))
    return frontier


trees = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


@pytest.mark.parametrize("size", range(1, 9))
def test_root_of_published_leaves(size: int) -> None:
    assert frontier_of(LEAVES[:size]).root().hex() == ROOTS[size - 1]
    assert merkle.range_root(0, size, node_of(LEAVES)).hex() == ROOTS[size - 1]


def test_root_of_the_empty_tree() -> None:
    assert (
        merkle.Frontier().root().hex()
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_published_inclusion_path() -> None:
    """Leaf 5 of 8, from the same reference tests (there numbered from one)."""
    assert [part.hex() for part in merkle.inclusion_proof(5, 8, node_of(LEAVES))] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(trees)
def test_frontier_and_ranges_agree_with_the_definition(leaves: list[bytes]) -> None:
    assert frontier_of(leaves).root() == naive_root(leaves)
    assert merkle.range_root(0, len(leaves), node_of(leaves)) == naive_root(leaves)


@given(trees, st.data())
def test_frontier_takes_whole_subtrees(leaves: list[bytes], data: st.DataObject) -> None:
    height = data.draw(st.integers(0, len(leaves).bit_length() - 1))
    frontier, node = merkle.Frontier(), node_of(leaves)
    for index in range(len(leaves) >> height):
        frontier.append(node(height, index), height)
    for leaf in leaves[(len(leaves) >> height) << height :]:
        frontier.append(merkle.leaf_hash(leaf))
    assert frontier.root() == naive_root(leaves)


def test_frontier_refuses_a_subtree_off_its_boundary() -> None:
    frontier = merkle.Frontier()
    frontier.append(b"x" * 32)
    with pytest.raises(ValueError, match="cannot begin"):
        frontier.append(b"y" * 32, 1)


@given(trees, st.data())
def test_inclusion(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = merkle.inclusion_proof(index, len(leaves), node_of(leaves))
    leaf, root = merkle.leaf_hash(leaves[index]), naive_root(leaves)
    assert proof == naive_path(index, leaves)
    assert merkle.root_from_inclusion(index, len(leaves), leaf, proof) == root
    assert verifier.root_from_inclusion(index, len(leaves), leaf, proof) == root
    assert merkle.root_from_inclusion(index, len(leaves), b"\x00" * 32, proof) != root
    for wrong in (proof[:-1], [*proof, b"\x00" * 32]):
        if wrong != proof:
            with pytest.raises(ValueError, match="too"):
                merkle.root_from_inclusion(index, len(leaves), leaf, wrong)
            with pytest.raises(ValueError, match="too"):
                verifier.root_from_inclusion(index, len(leaves), leaf, wrong)


@given(trees, st.data())
def test_consistency(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    proof = merkle.consistency_proof(old, len(leaves), node_of(leaves))
    before, after = naive_root(leaves[:old]), naive_root(leaves)
    assert proof == naive_proof(old, leaves)
    for check in (merkle.consistent, verifier.consistent):
        assert check(old, len(leaves), before, after, proof)
        assert not check(old, len(leaves), b"\x00" * 32, after, proof)
        assert not check(old, len(leaves), before, b"\x00" * 32, proof)
        assert not check(old, len(leaves), before, after, [*proof, b"\x00" * 32])
        if proof:
            assert not check(old, len(leaves), before, after, proof[:-1])
            changed = [*proof[:-1], bytes([proof[-1][0] ^ 1]) + proof[-1][1:]]
            assert not check(old, len(leaves), before, after, changed)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_no_consistency_proof_without_an_older_tree(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no consistency proof"):
        merkle.consistency_proof(old, new, node_of(LEAVES))
