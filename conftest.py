"""What all tests share, wherever they lie."""

from hypothesis import settings

pytest_plugins = ["tests.reliability"]

# `make chaos` runs the tests marked `fuzz` with it.
settings.register_profile("chaos", max_examples=10_000, deadline=None)
