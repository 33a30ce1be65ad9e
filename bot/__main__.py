"""`python -m bot`, also installed as `imagine`."""

from __future__ import annotations

import sys

from bot.cli.launch import explained, run


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["run"]:
        explained(run)
        return
    from bot.cli.commands import app

    explained(app)


if __name__ == "__main__":
    main()
