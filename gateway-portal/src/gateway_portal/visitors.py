"""Who is asking, as far as the network tells: whom a proxy of ours vouches for, else the peer. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_HOUSEHOLD = 64
"""Bits of an IPv6 address that belong to one household; the rest it chooses as it likes."""


def visitor(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The nearest address that is not one of our proxies; of IPv6 its network."""
    hops = [*(hop.strip() for hop in forwarded_for.split(",") if hop.strip()), peer]
    found = peer
    for hop in reversed(hops):
        try:
            address = ip_address(hop)
        except ValueError:
            break
        found = hop
        if not any(address in network for network in trusted):
            break
    return _household(found)


def _household(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, _HOUSEHOLD), strict=False))
