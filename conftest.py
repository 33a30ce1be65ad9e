"""What all tests share, wherever they lie."""

from hypothesis import Phase, settings

pytest_plugins = ["tests.reliability"]

# `make chaos` runs the tests marked `fuzz` with it.
settings.register_profile("chaos", max_examples=10_000, deadline=None)
# `make mutants` runs with it: what fails is not made smaller, and not kept.
settings.register_profile(
    "mutants",
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
