"""No URL leads a message into our own network (SSRF), however it is written."""

from __future__ import annotations

import pytest

from domain.errors import Invalid
from engine.webhooks.egress_policy import EgressPolicy, Refused, is_public

PRIVATE = {
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"],
    "link-local": ["169.254.0.1", "fe80::1", "fe80::1%1", "fec0::1"],
    "metadata": ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "unspecified and reserved": ["0.0.0.1", "0.1.2.3", "240.0.0.1", "255.255.255.255", "::", "100::1"],
    "shared, test and documentation": ["100.64.0.1", "198.18.0.1", "192.0.2.1", "203.0.113.1", "2001:db8::1"],
    "IPv4 inside IPv6": [
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:7f00:1::",
    ],
}
PUBLIC = [
    "1.1.1.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "169.253.255.255",
    "100.63.255.255",
    "223.255.255.255",
    "168.63.129.15",
    "2606:4700::1111",
    "::ffff:1.1.1.1",
    "64:ff9b::1.1.1.1",
]


@pytest.mark.parametrize(
    ("kind", "address"), [(kind, address) for kind, of in PRIVATE.items() for address in of]
)
def test_an_address_that_is_not_of_the_internet_is_not_public(kind, address):
    assert not is_public(address), kind


@pytest.mark.parametrize("address", PUBLIC)
def test_its_neighbours_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://hooks.example.com/a/b?c=d%2Fe",
        "https://hooks.example.com:8443/",
        "https://1.1.1.1/",
        "https://[2606:4700::1111]:8443/",
        "https://bücher.example/hooks",
        "https://my_host.example/",
    ],
)
def test_https_to_the_internet_is_allowed(url):
    assert EgressPolicy().check(url).scheme == "https"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "0",
        "127。0。0。1",  # the dots of another script become dots
        "10.0.0.1",
        "169.254.169.254",
        "2852039166",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:169.254.169.254]",
        "[64:ff9b::127.0.0.1]",
        "[fe80::1]",
    ],
)
def test_an_address_that_is_not_public_is_refused_in_every_spelling(host):
    with pytest.raises(Refused, match=r"public|not a URL: Invalid IPv4"):
        EgressPolicy(allow_http=True).check(f"http://{host}/")


@pytest.mark.parametrize(
    ("url", "because"),
    [
        ("http://hooks.example.com", "https://"),
        ("ftp://hooks.example.com", "https URL"),
        ("file:///etc/passwd", "https URL"),
        ("gopher://hooks.example.com:70", "https URL"),
        ("hooks.example.com", "https URL"),
        ("//hooks.example.com", "https URL"),
        ("https:///hooks", "https URL"),
        ("https:hooks.example.com", "https URL"),
        ("https://exa mple.com", "https URL"),
        ("https://ex%61mple.com", "https URL"),
        ("https://a\n.com", "not a URL"),
        ("https://①.com", "not a URL"),
        ("https://[::1", "not a URL"),
        ("https://x.example:0/", "port"),
        ("https://x.example:65536/", "port"),
        ("https://ada:secret@hooks.example.com", "user"),
        ("https://hooks.example.com@127.0.0.1/", "user"),
        ("https://hooks.example.com/#part", "fragment"),
    ],
)
def test_a_url_that_is_not_plain_https_is_refused_with_a_reason(url, because):
    with pytest.raises(Refused, match=because):
        EgressPolicy().check(url)


def test_http_is_allowed_by_a_setting():
    assert EgressPolicy(allow_http=True).check("http://hooks.example.com").scheme == "http"


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9999/hooks"),
        ("127.0.0.1:9999", "http://127.0.0.1:9999/hooks"),
        ("a.internal, localhost:80 ,", "http://localhost/hooks"),
        ("localhost:443", "https://LOCALHOST./hooks"),
        ("LOCALHOST", "https://localhost/hooks"),
        ("[::1]:8080", "http://[::1]:8080/"),
        ("bücher.internal", "http://bücher.internal/"),
    ],
)
def test_a_host_that_the_settings_exempt_is_allowed(allowed, url):
    assert EgressPolicy(allowed_hosts=allowed).check(url)


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("127.0.0.1:9999", "http://127.0.0.1:9998/"),
        ("127.0.0.1:443", "https://127.0.0.1:444/"),
        ("127.0.0.1", "http://127.0.0.2/"),
        ("127.0.0.1", "http://2130706433/"),
        ("internal", "http://a.internal/"),
        ("a.internal", "ftp://a.internal/"),
        ("a.internal", "http://me@a.internal/"),
    ],
)
def test_exempting_one_host_allows_no_other_and_nothing_but_http(allowed, url):
    with pytest.raises(Refused):
        EgressPolicy(allowed_hosts=allowed).check(url)


@pytest.mark.parametrize(
    "allowed",
    ["http://a.internal", "a.internal/hooks", "*.internal", "a b", "a:b", "::1", "me@host", "10.0.0.0/8"],
)
def test_a_setting_that_names_no_host_is_refused_by_name(allowed):
    with pytest.raises(Invalid, match="WEBHOOK_ALLOWED_HOSTS"):
        EgressPolicy(allowed_hosts=allowed)
