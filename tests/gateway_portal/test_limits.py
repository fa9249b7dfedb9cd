"""How often one may ask, and who one is."""

from ipaddress import ip_network

import pytest

from gateway_portal.limiter import Limiter
from gateway_portal.visitors import visitor

OURS = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def test_the_bucket_fills_again_while_one_waits():
    limiter = Limiter(6)
    assert [limiter.wait("a", 0) for _ in range(7)] == [0] * 6 + [11]
    assert limiter.wait("a", 9.9) == 1
    assert limiter.wait("a", 10.1) == 0
    assert limiter.wait("a", 10.1) > 0
    assert [limiter.wait("a", 1000) for _ in range(7)][:6] == [0] * 6


def test_the_memory_is_bounded():
    limiter = Limiter(1)
    for number in range(60_000):
        limiter.wait(str(number), 0)
    assert len(limiter._left) == 50_000


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "6.6.6.6", "198.51.100.7"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 10.2.3.4", "198.51.100.7"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "", "198.51.100.7"),
        ("fd00::1", "2001:db8::1", "2001:db8::/64"),
        ("", "", "unknown"),
    ],
)
def test_who_asks_is_whom_a_proxy_of_ours_vouches_for(peer, forwarded, who):
    assert visitor(peer, forwarded, OURS) == who
