"""Secrets of the demonstration that are published on purpose; production refuses its settings."""

# Accounts on loopback only.
PASSWORD = "reading-room-demo"  # noqa: S105  see above
# Opens virtual doors only.
STAFF_PIN = "246810"
