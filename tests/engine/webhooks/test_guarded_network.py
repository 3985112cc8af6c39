"""The connection goes to an address that was checked, whatever the name resolves to the next time."""

from __future__ import annotations

import socket
import ssl

import pytest
import trustme

import engine.webhooks.guarded_network
from engine.webhooks.egress_policy import EgressPolicy, Refused
from engine.webhooks.guarded_network import GuardedNetwork
from engine.webhooks.sender import Sender
from tests.webhook_receiver import open_receiver

NAME = "hooks.example.test"
SECONDS = 5.0


class Names:
    """A name server that answers each question with the next list of addresses, and the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def loopback_is_public(monkeypatch):
    """127.0.0.1, where the receiver is, passes for an address of the internet; all others stay what they are."""
    check = engine.webhooks.guarded_network.is_public
    monkeypatch.setattr(
        engine.webhooks.guarded_network, "is_public", lambda address: address == "127.0.0.1" or check(address)
    )


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["1.1.1.1", "127.0.0.1"],
        ["127.0.0.1", "1.1.1.1"],
    ],
)
async def test_a_name_with_any_address_that_is_not_public_is_refused_without_a_connection(
    receiver, addresses
):
    sender = Sender(EgressPolicy(allow_http=True), SECONDS, resolve=Names(addresses))
    with pytest.raises(Refused, match="not public"):
        await sender.post(f"http://{NAME}:{receiver.port}/", {}, b"{}")
    assert receiver.connections == 0


LOCAL = ["localhost", "2130706433", "0x7f.1", "127.1"]


@pytest.mark.parametrize("host", [*LOCAL, "0177.0.0.1"])
async def test_what_the_system_takes_for_this_machine_is_refused(receiver, host):
    with pytest.raises(Refused, match="not public"):
        await GuardedNetwork(EgressPolicy(allow_http=True)).connect_tcp(host, receiver.port)
    assert receiver.connections == 0


@pytest.mark.parametrize("host", LOCAL)
async def test_control_the_same_is_reached_when_the_settings_exempt_it(receiver, host):
    network = GuardedNetwork(EgressPolicy(allowed_hosts=host))
    stream = await network.connect_tcp(host, receiver.port)
    assert stream.get_extra_info("server_addr") == ("127.0.0.1", receiver.port)
    await stream.aclose()


async def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(receiver, loopback_is_public):
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    sender = Sender(EgressPolicy(allow_http=True), SECONDS, resolve=names)
    assert (await sender.post(f"http://{NAME}:{receiver.port}/", {}, b"{}")).is_success
    assert names.asked == [(NAME, receiver.port)]
    assert receiver.requests[0].headers["host"] == f"{NAME}:{receiver.port}"


async def test_a_name_that_changes_to_a_private_address_is_refused_at_the_next_attempt(
    receiver, loopback_is_public
):
    sender = Sender(EgressPolicy(allow_http=True), SECONDS, resolve=Names(["127.0.0.1"], ["10.0.0.1"]))
    url = f"http://{NAME}:{receiver.port}/"
    assert (await sender.post(url, {}, b"{}")).is_success
    with pytest.raises(Refused):
        await sender.post(url, {}, b"{}")
    assert receiver.connections == 1


async def test_a_redirect_to_a_private_address_resolves_no_other_name(receiver, loopback_is_public):
    names = Names(["127.0.0.1"])
    receiver.will(receiver.answer(307, location="http://169.254.169.254/latest/meta-data/"))
    answer = await Sender(EgressPolicy(allow_http=True), SECONDS, resolve=names).post(
        f"http://{NAME}:{receiver.port}/", {}, b"{}"
    )
    assert answer.status == 307
    assert names.asked == [(NAME, receiver.port)]


async def test_the_next_address_is_tried_when_the_first_does_not_answer(
    receiver, loopback_is_public, monkeypatch
):
    closed = socket.create_server(("127.0.0.2", 0))
    closed.close()
    monkeypatch.setattr(engine.webhooks.guarded_network, "is_public", lambda address: True)
    sender = Sender(EgressPolicy(allow_http=True), SECONDS, resolve=Names(["127.0.0.2", "127.0.0.1"]))
    assert (await sender.post(f"http://{NAME}:{receiver.port}/", {}, b"{}")).is_success


async def test_a_name_without_addresses_is_a_failure(receiver):
    with pytest.raises(Exception, match="no address"):
        await Sender(EgressPolicy(), SECONDS, resolve=Names([])).post(f"https://{NAME}/", {}, b"{}")


@pytest.mark.parametrize("host", ["nothing.invalid", "a" * 64 + ".example", "a..b"])
async def test_a_name_that_cannot_be_resolved_is_a_failure(host):
    with pytest.raises(OSError):
        await Sender(EgressPolicy(), 5).post(f"https://{host}/", {}, b"{}")


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def trust(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
async def over_tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME).configure_cert(context)
    async with open_receiver(context) as receiver:
        yield receiver


async def test_over_tls_the_name_goes_into_sni_and_host_and_the_certificate_is_checked_against_it(
    over_tls, trust, loopback_is_public
):
    sender = Sender(EgressPolicy(), SECONDS, resolve=Names(["127.0.0.1"]), trust=trust)
    assert (await sender.post(f"https://{NAME}:{over_tls.port}/", {}, b"{}")).is_success
    assert over_tls.names == [NAME]
    assert over_tls.requests[0].headers["host"] == f"{NAME}:{over_tls.port}"


async def test_a_certificate_for_another_name_is_refused(over_tls, trust, loopback_is_public):
    sender = Sender(EgressPolicy(), SECONDS, resolve=Names(["127.0.0.1"]), trust=trust)
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        await sender.post(f"https://other.example.test:{over_tls.port}/", {}, b"{}")
    assert over_tls.requests == []


async def test_a_certificate_of_an_unknown_authority_is_refused(over_tls, loopback_is_public):
    sender = Sender(EgressPolicy(), SECONDS, resolve=Names(["127.0.0.1"]))
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        await sender.post(f"https://{NAME}:{over_tls.port}/", {}, b"{}")
    assert over_tls.requests == []


async def test_an_authority_of_the_environment_is_trusted(
    over_tls, authority, loopback_is_public, tmp_path, monkeypatch
):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    sender = Sender(EgressPolicy(), SECONDS, resolve=Names(["127.0.0.1"]))
    assert (await sender.post(f"https://{NAME}:{over_tls.port}/", {}, b"{}")).is_success
