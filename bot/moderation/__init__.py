"""The review desk, reports, removals, and what is kept as evidence."""
