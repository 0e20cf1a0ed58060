"""Lists and records of the terminals in the officers' admin, registered on import."""

from terminals.admin import custody, proof, stop, terminal

__all__ = ["custody", "proof", "stop", "terminal"]
