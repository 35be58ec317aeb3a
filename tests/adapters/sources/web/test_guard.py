# ruff: noqa: RUF001, S104 - the table is full of spellings that mislead
"""No URL found in data leads to an address that is not public, whatever its spelling and whatever a resolver says."""

import ipaddress
import socket
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given, strategies as st

from stonks.adapters.sources.web.answer import Due
from stonks.adapters.sources.web.client import Endpoint, open_web
from stonks.adapters.sources.web.connection import Gate
from stonks.adapters.sources.web.guard import check_url, is_public, read_url
from stonks.model.errors import Refused
from tests.fakes.web import Site, open_site, respond, some_outlets

# Each is asked with the port of a server that really listens on loopback, and with that port allowed.
EVIL_HOSTS = [
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "127.1",
    "127.0.1",
    "2130706433",
    "02130706433",
    "0x7f000001",
    "0x7F.0x0.0x0.0x1",
    "0x7f.1",
    "0177.0.0.1",
    "0177.0.0.01",
    "017700000001",
    "0x7f.0.0.0x1",
    "127.0.0.1.",
    "127.0.0.1..",
    "0",
    "0.0.0.0",
    "0.0.0.1",
    "256.256.256.256",
    "127.0.0.256",
    "4294967297",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127．0．0．1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "app.localhost",
    "printer.local",
    "metadata.google.internal",
    "router.lan",
    "nas.home.arpa",
    "intranet",
    "metadata",
    "127.0.0.1.nip.test",
    "loopback.evil.test",
    "mixed.evil.test",
    "inner6.evil.test",
    "mapped.evil.test",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[2001:db8::1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[::1",
    "[127.0.0.1]",
    "[v1.127]",
    "user@127.0.0.1",
    "user:secret@example.com",
    "example.com@127.0.0.1",
    "127.0.0.1#@example.com",
    "127.0.0.1%2f@example.com",
    "127.0.0.1%00.example.com",
    "127.0.0.1\\@example.com",
    "127.0.0.1\t",
    "exa mple.com",
    "-bad.example.com",
    "a..b.example.com",
    "",
]

EVIL_URLS = [
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "dict://127.0.0.1:6379/info",
    "ftp://127.0.0.1/",
    "ldap://127.0.0.1/",
    "unix:///var/run/docker.sock",
    "data:text/html,hello",
    "javascript:alert(1)",
    "jar:http://127.0.0.1!/",
    "//127.0.0.1/",
    "127.0.0.1",
    "http:127.0.0.1",
    "http:/127.0.0.1/",
    "http:///127.0.0.1/",
    "http://",
    "https://",
    "",
    "http://example.com:22/",
    "http://example.com:6379/",
    "http://example.com:0/",
    "http://example.com:-80/",
    "http://example.com:99999/",
    "http://example.com:８０/",
    "http://example.com:80:80/",
    "http://example.com:80@127.0.0.1/",
    "http://example.com\r\nHost: 127.0.0.1/",
    "http://example.com/" + "a" * 3000,
]


class Names(AbstractResolver):
    """Answers as told, and counts the questions; what it is not told is a name that leads to loopback."""

    told: dict[str, list[list[str]]]

    def __init__(self, **told: list[list[str]]) -> None:
        self.told = {name.replace("_", "."): answers for name, answers in told.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, _family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self.told.get(host, [["127.0.0.1"]])
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [self._result(host, address, port) for address in addresses]

    def _result(self, host: str, address: str, port: int) -> ResolveResult:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return ResolveResult(
            hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
        )

    async def close(self) -> None:
        pass


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        site.otherwise(lambda _: respond("<p>inside</p>", headers={"Content-Type": "text/html"}))
        yield site


def gate_to(site: Site, names: Names, allows: Callable[[str], bool] = is_public) -> Gate:
    return Gate(ports=frozenset({80, 443, site.port}), allows=allows, resolver=lambda: names)


async def fetch(url: str, gate: Gate) -> str:
    async with open_web(some_outlets(gate=gate)) as web:
        return (await web.follow(url, due=Due.PAGE)).body.decode()


# ------------------------------------------------------------------------------------------------ evil URLs


def test_the_table_of_evil_urls_is_long_enough() -> None:
    assert len(set(EVIL_HOSTS)) + len(set(EVIL_URLS)) >= 100


async def test_no_evil_url_is_connected_to(site: Site) -> None:
    names = Names(
        mixed_evil_test=[["93.184.216.34", "127.0.0.1"]],
        inner6_evil_test=[["::1"]],
        mapped_evil_test=[["::ffff:127.0.0.1"]],
    )
    urls = [f"{scheme}://{host}:{site.port}/" for host in EVIL_HOSTS for scheme in ("http", "https")]
    urls += [f"http://{host}/" for host in EVIL_HOSTS]
    urls += EVIL_URLS

    let_through = []
    for url in urls:
        try:
            await fetch(url, gate_to(site, names))
        except Refused:
            continue
        let_through.append(url)

    assert let_through == []
    assert site.connections == 0


async def test_the_same_server_is_reached_where_loopback_is_allowed(site: Site) -> None:
    """What the test above proves is the gate's doing, not the server's."""
    gate = gate_to(site, Names(), allows=lambda _: True)

    assert await fetch(f"http://loopback.evil.test:{site.port}/", gate) == "<p>inside</p>"
    assert site.connections == 1


# ------------------------------------------------------------------------------------------------ resolving


async def test_a_connection_is_made_to_the_address_that_was_checked_whatever_the_resolver_says_next(
    site: Site,
) -> None:
    names = Names(rebinding_evil_test=[["93.184.216.34"], ["127.0.0.1"]])

    # The closed network of the tests tells where the connection was going.
    with pytest.raises(RuntimeError, match=r"93\.184\.216\.34"):
        await fetch(f"http://rebinding.evil.test:{site.port}/", gate_to(site, names))

    assert names.asked == ["rebinding.evil.test"]
    with pytest.raises(Refused, match="not public"):
        await fetch(f"http://rebinding.evil.test:{site.port}/", gate_to(site, names))
    assert site.connections == 0


async def test_a_resolver_that_passes_the_check_and_then_lies_is_stopped_on_dialling(site: Site) -> None:
    """Between the check and the connection nobody gets another word: the address dialled is judged itself."""
    verdicts = iter([True])
    gate = gate_to(site, Names(), allows=lambda _: next(verdicts, False))

    with pytest.raises(Refused, match=r"127\.0\.0\.1 is not a public address"):
        await fetch(f"http://liar.evil.test:{site.port}/", gate)
    assert site.connections == 0


async def test_the_server_is_asked_under_its_own_name(site: Site) -> None:
    await fetch(f"http://www.münchen.test:{site.port}/a?b=ü", gate_to(site, Names(), allows=lambda _: True))

    (request,) = site.asked
    assert request.headers["Host"] == f"www.xn--mnchen-3ya.test:{site.port}"
    assert request.path_qs == "/a?b=%C3%BC"


async def test_a_server_on_another_port_is_not_dialled(site: Site) -> None:
    gate = Gate(allows=lambda _: True, resolver=Names)

    with pytest.raises(Refused, match=f"port {site.port}"):
        await fetch(f"http://loopback.evil.test:{site.port}/", gate)


# ------------------------------------------------------------------------------------------------ redirects


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/inside",
        "http://localhost:{port}/inside",
        "//127.0.0.1:{port}/inside",
        "http://2130706433:{port}/",
        "http://inner.evil.test:{port}/",
        "file:///etc/passwd",
        "http://user@door.test:{port}/",
        "http://door.test:22/",
    ],
)
async def test_a_redirect_is_checked_like_any_url(site: Site, location: str) -> None:
    site.script("/door", lambda _: respond("", 302, {"Location": location.format(port=site.port)}))
    # door.test stands for a public server; every other name and address is judged as ever.
    names = Names(door_test=[["127.0.0.1"]], inner_evil_test=[["10.0.0.1"]])
    dialled: list[str] = []

    def allows(address: str) -> bool:
        dialled.append(address)
        return address == "127.0.0.1" and names.asked == ["door.test"]

    with pytest.raises(Refused):
        await fetch(f"http://door.test:{site.port}/door", gate_to(site, names, allows))

    assert [request.path for request in site.asked] == ["/door"]


async def test_three_redirects_are_followed_and_no_fourth(site: Site) -> None:
    for step in range(4):
        site.script(f"/{step}", lambda _, step=step: respond("", 301, {"Location": f"/{step + 1}"}))  # type: ignore[misc]
    gate = gate_to(site, Names(), allows=lambda _: True)

    assert await fetch(f"http://door.test:{site.port}/1", gate) == "<p>inside</p>"
    with pytest.raises(Refused, match="more than 3 redirects"):
        await fetch(f"http://door.test:{site.port}/0", gate)


async def test_a_configured_endpoint_is_trusted_but_not_where_it_redirects_to(site: Site) -> None:
    async with open_site() as inner:
        inner.answer("/secret", "<p>secret</p>", headers={"Content-Type": "text/html"})
        site.answer("/away", status=302, headers={"Location": f"{inner.base}/secret"})
        site.answer("/home", status=302, headers={"Location": "/"})
        endpoint = Endpoint(name="feed", base=site.base, setting="STONKS_MACRO_FEEDS", secrets={"X-Key": "k3y"})
        async with open_web(some_outlets(gate=gate_to(inner, Names()))) as web:
            assert (await web.ask(endpoint, "/home", due=Due.PAGE)).body == b"<p>inside</p>"
            with pytest.raises(Refused, match="not a public address"):
                await web.ask(endpoint, "/away", due=Due.PAGE)

        assert inner.connections == 0


async def test_keys_stay_behind_when_a_redirect_leaves_the_endpoint(site: Site) -> None:
    async with open_site() as other:
        other.answer("/", "<p>other</p>", headers={"Content-Type": "text/html"})
        site.answer("/away", status=302, headers={"Location": f"http://other.test:{other.port}/"})
        endpoint = Endpoint(name="feed", base=site.base, setting="X", secrets={"X-Key": "k3y"})
        async with open_web(some_outlets(gate=gate_to(other, Names(), allows=lambda _: True))) as web:
            await web.ask(endpoint, "/away", due=Due.PAGE)

        assert site.asked[0].headers["X-Key"] == "k3y"
        assert "X-Key" not in other.asked[0].headers


# ------------------------------------------------------------------------------------------------ laws

HOSTILE = st.text(alphabet="0123456789abcdefx.:@%[]/\\?#-_１２。ⓛlocalhost ", max_size=40)


@given(text=st.one_of(HOSTILE, st.text(max_size=40)))
def test_whatever_is_let_through_is_a_public_looking_name_or_address(text: str) -> None:
    for url in (text, f"http://{text}", f"https://{text}/", f"http://{text}@example.com", f"http://example.com{text}"):
        try:
            target = check_url(url)
        except Refused:
            continue
        assert target.scheme in {"http", "https"}
        assert target.port in {80, 443}
        name = target.host.rstrip(".")
        assert name.isascii()
        assert name == name.lower()
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            assert "." in name
            assert not name.rpartition(".")[2].isdigit()
        else:
            assert address.is_global
        assert read_url(target.url) == target


@given(address=st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_an_address_is_public_only_where_the_registries_say_so(address: ipaddress.IPv4Address) -> None:
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_private


@pytest.mark.parametrize(
    "url",
    [
        "https://www.federalreserve.gov/newsevents/pressreleases/monetary20250507a.htm",
        "http://example.com",
        "https://example.com:443/a?b=c#d",
        "HTTPS://WWW.EXAMPLE.COM/",
        "https://bücher.example/über",
        "http://93.184.216.34/",
        "https://[2606:2800:220:1:248:1893:25c8:1946]/",
        "https://[64:ff9b::5db8:d822]/",
        "https://under_score.example.com/",
        "https://example.com./",
    ],
)
def test_what_is_public_is_let_through(url: str) -> None:
    assert check_url(url).path.startswith("/")


def test_a_host_is_asked_for_in_the_spelling_that_was_checked() -> None:
    assert check_url("https://BÜCHER.example:443/ü?q=ä b".replace(" ", "+")).url == (
        "https://xn--bcher-kva.example/%C3%BC?q=%C3%A4+b"
    )
