"""One cog per noun; each parses an interaction and makes one call."""
