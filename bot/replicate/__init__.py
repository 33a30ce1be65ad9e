"""The predictions API: Replicate's own, or a gateway that speaks like it."""
