"""Discord, from close by: calls, who asks and where, first answers, uploads."""
