"""The demonstration's world: two facilities, their people and a week of history."""
