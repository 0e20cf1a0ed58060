"""Speed against its targets."""
