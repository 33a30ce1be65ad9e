"""Which network addresses an output may come from."""

from __future__ import annotations

import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

# Networks that carry an IPv4 address inside an IPv6 one; the standard library calls them global.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(OSError):
    """A host is, or resolves to, an address that is not on the public internet."""


def is_public(address: str) -> bool:
    """Whether `address` (a literal IP) is on the public internet, seen through IPv6 embeddings."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            embedded = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if embedded is not None:
            return is_public(str(embedded))
    return ip.is_global and not ip.is_multicast


def is_literal(host: str) -> bool:
    """Whether `host` is an IP address, for which aiohttp never asks a resolver."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def leads_inside(host: str, resolver: AbstractResolver) -> bool:
    """Whether `host` is or resolves to a private address; a host that does not resolve is not."""
    if is_literal(host):
        return not is_public(host)
    try:
        found = await resolver.resolve(host, 0, socket.AF_UNSPEC)
    except OSError:
        return False
    return any(not is_public(entry["host"]) for entry in found)


class PublicResolver(AbstractResolver):
    """Resolves to public addresses only.

    The connector connects to what this returns, so a name that answers differently the second
    time (DNS rebinding) gains nothing: there is no second time.
    """

    def __init__(self, resolver: AbstractResolver) -> None:
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if any(not is_public(entry["host"]) for entry in found):
            raise AddressRefused(f"{host} resolves to a private address")
        return found

    async def close(self) -> None:
        """Leave the resolver behind open: it is shared."""
