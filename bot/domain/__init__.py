"""The frozen values that cross boundaries. Pure."""
