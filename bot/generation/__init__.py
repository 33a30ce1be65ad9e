"""A generation's life: bought, watched, stored, carried on after a restart."""
