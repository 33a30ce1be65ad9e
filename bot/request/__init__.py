"""From what a person chose to a reservation: every rule, in order."""
