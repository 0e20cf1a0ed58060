"""What every part needs and nothing else provides: clock, identifiers, actor, events. No Django."""
