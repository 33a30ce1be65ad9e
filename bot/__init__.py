"""Imagine: a Discord bot that turns `/imagine` into an attached image and an exact ledger line."""

__version__ = "0.1.0"
