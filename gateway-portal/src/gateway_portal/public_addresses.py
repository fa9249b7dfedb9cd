"""Which addresses webhooks may go to: public ones, and the private ones that a deployment names. Pure."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Networks = Iterable[IPv4Network | IPv6Network]
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""An IPv4 address that a translator (NAT64) stands in front of."""
_TUNNELS: Final = (IPv6Network("2002::/16"), IPv6Network("2001::/32"), IPv6Network("64:ff9b:1::/48"))
"""IPv4 addresses in disguise that nobody's receiver has today."""


def named(address: Address, networks: Networks) -> bool:
    """Whether the deployment lets webhooks go there whatever it is."""
    address = _plain(address)
    return any(address in network for network in networks if network.version == address.version)


def allowed(address: Address, networks: Networks) -> bool:
    """Whether a webhook may go there."""
    return named(address, networks) or _is_public(_plain(address))


def literal(host: str) -> Address | None:
    """The address that a host's name is already, if it is one."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def fits(url: str, networks: Networks) -> bool:
    """Whether an address may be set up; where its name leads to is looked at each time that it is gone to."""
    networks = tuple(networks)
    parts = urlsplit(url)
    address = literal(parts.hostname or "")
    if parts.scheme != "https":
        return bool(networks) if address is None else named(address, networks)
    return address is None or allowed(address, networks)


def fault_of(url: str) -> str | None:
    """What is wrong with the form of an address, if something is."""
    try:
        parts = urlsplit(url)
        fits_form = bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits_form = False
    if not fits_form:
        return "is no address with a host"
    if parts.username is not None or parts.password is not None:
        return "must not carry a name or a password"
    return "must not carry a fragment" if "#" in url else None


def _plain(address: Address) -> Address:
    """Without the disguise that an IPv4 address may wear."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_public(address: Address) -> bool:
    if address.is_multicast or address.is_reserved or address.is_unspecified or not address.is_global:
        return False
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return not any(address in tunnel for tunnel in _TUNNELS)
