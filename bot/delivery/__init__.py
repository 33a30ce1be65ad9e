"""Replies in Discord, from "thinking" to the image."""
