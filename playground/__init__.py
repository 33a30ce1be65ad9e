"""A Discord and a Replicate on this machine, to try, rehearse and test the bot against.

Never imported by `bot/` or `cogs/`, and imports neither: the bot is reached over sockets only.
"""
