"""How Replicate says no: problem+json."""

from __future__ import annotations

from aiohttp import web

from playground.models import Complaint


def problem(status: int, detail: str, title: str | None = None, **more: object) -> web.Response:
    body = {"detail": detail, "status": status, **({"title": title} if title else {}), **more}
    return web.json_response(body, status=status, content_type="application/problem+json")


def invalid(wrong: list[Complaint]) -> web.Response:
    lines = "".join(f"- {field + ': ' if field else ''}{what}\n" for _, field, what in wrong)
    fields = [{"type": kind, "field": field, "description": what} for kind, field, what in wrong]
    return problem(422, lines, "Input validation failed", invalid_fields=fields)
