"""Which URLs found in data may be asked for: public web addresses only, in whatever way they are spelled.

Two gates: a URL is read here, strictly and by one reader, before anything is asked; and ``is_public`` judges the
address that a connection is about to be made to, so that no other reading of a name leads anywhere else.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from stonks.model.errors import Refused

WEB_PORTS = frozenset({80, 443})
LONGEST_URL = 2048

_LAST_PORT = 65_535

_DEFAULT_PORTS = {"http": 80, "https": 443}
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))+")
_NUMERIC = re.compile(r"(?:\d+|0x[0-9a-f]*)")
_INNER_NAMES = ("localhost", "local", "internal", "home.arpa", "lan", "intranet")

_CLOSED_4 = tuple(
    map(
        ip_network,
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24"
        " 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4"
        " 240.0.0.0/4".split(),
    )
)
"""168.63.129.16 is public by its number and the inside of one cloud by its use."""

_GLOBAL_6 = ip_network("2000::/3")
_CLOSED_6 = tuple(map(ip_network, "2001::/23 2001:db8::/32 2002::/16 3ffe::/16 3fff::/20".split()))
_TRANSLATED = ip_network("64:ff9b::/96")


class Target(NamedTuple):
    """A URL that was read: scheme, host in ASCII without brackets, port, and path with query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What two URLs share that lead to the same server."""
        return (self.scheme, self.host, self.port)

    @property
    def url(self) -> str:
        """The URL in its plainest spelling."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def read_url(url: str) -> Target:
    """Return what a URL says, read strictly.

    Raises:
        Refused: its scheme is not http or https, it carries user information, or it can be read in two ways.
    """
    if len(url) > LONGEST_URL or _FORBIDDEN.search(url):
        raise Refused("a URL holds blanks, backslashes or control characters, or is too long")
    try:
        parts = urlsplit(url)
    except ValueError as wrong:
        raise Refused("a URL cannot be read") from wrong
    if parts.scheme not in _DEFAULT_PORTS:
        raise Refused(f"a URL's scheme must be http or https, not {parts.scheme[:20]!r}")
    if "@" in parts.netloc or "%" in parts.netloc:
        raise Refused("a URL with user information, a zone or an escaped host is not asked for")
    host, port = _authority(parts.netloc, _DEFAULT_PORTS[parts.scheme])
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]")
    return Target(parts.scheme, host, port, f"{path}?{query}" if query else path)


def check_url(url: str, *, ports: frozenset[int] = WEB_PORTS) -> Target:
    """Return what a URL found in data says, if it may lead to the public web; names are judged when they are resolved.

    Raises:
        Refused: it cannot be read, or names another port, an inner name or an address that is not public.
    """
    target = read_url(url)
    if target.port not in ports:
        raise Refused(f"port {target.port} is not asked for: a URL found in data may name only the web's")
    name = target.host.rstrip(".")
    if _is_address(name):
        if not is_public(name):
            raise Refused(f"{name} is not a public address")
    elif not _NAME.fullmatch(name) or any(name == inner or name.endswith(f".{inner}") for inner in _INNER_NAMES):
        raise Refused(f"{name[:80]!r} is not a public name")
    return target


def is_public(address: str) -> bool:
    """Return whether an address in canonical form is one of the public internet's single hosts."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return ip.is_global and not any(ip in closed for closed in _CLOSED_4)
    if ip.scope_id is not None:
        return False
    inner = ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else None)
    if inner is not None:
        return is_public(str(inner))
    return ip in _GLOBAL_6 and ip.is_global and not any(ip in closed for closed in _CLOSED_6)


def _authority(netloc: str, default_port: int) -> tuple[str, int]:
    host, port = _bracketed(netloc) if netloc.startswith("[") else _named(netloc)
    if port is None:
        return host, default_port
    if not port.isascii() or not port.isdigit() or not 0 < int(port) <= _LAST_PORT:
        raise Refused("a URL's port is no port")
    return host, int(port)


def _bracketed(netloc: str) -> tuple[str, str | None]:
    inside, closing, rest = netloc[1:].partition("]")
    try:
        host = str(IPv6Address(inside))
    except ValueError as wrong:
        raise Refused("a URL's brackets hold no IPv6 address") from wrong
    if not closing or (rest and not rest.startswith(":")):
        raise Refused("a URL's host cannot be read")
    return host, rest[1:] or None


def _named(netloc: str) -> tuple[str, str | None]:
    name, colon, port = netloc.partition(":")
    try:
        # The codec folds wide digits, ideographic full stops and the like: what is judged is what will be resolved.
        host = name.encode("idna").decode("ascii").lower()
    except UnicodeError as wrong:
        raise Refused("a URL's host is no name") from wrong
    if not host.rstrip("."):
        raise Refused("a URL names no host")
    last = host.rstrip(".").rpartition(".")[2]
    if _NUMERIC.fullmatch(last) and not _is_address(host):
        raise Refused("a URL's host is a number in a spelling that is not the plain one")
    return host, (port or None) if colon else None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
