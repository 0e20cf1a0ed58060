"""Rules of reports: states, writing direction. No Django, no clock."""
