"""The base of the words that rules compare and look up."""

from enum import StrEnum


class Word(StrEnum):
    """A state or reason as a word.

    It hashes as the text that it is. An ``Enum`` hashes its name in Python code, which would cost
    a decision at a door about as much as all of its rules.
    """

    __hash__ = str.__hash__
