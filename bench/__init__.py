"""Measurements of the bot beside two others, over real sockets: `python -m bench`.

It reaches the bots only from outside, as Discord and a predictions API would.
"""
