"""Every kind of socket: to the harness's own listeners, and such as no homework needs."""

import socket

from attempts import attempt
from facts import ABSTRACT, TCP_PORT, UDP_PORT, UNIX_SOCKET


def tcp(address, family=socket.AF_INET):
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.settimeout(0.5)
        sock.connect(address)
        return sock.send(b"tcp")


def fast_open():
    with socket.socket() as sock:
        sock.settimeout(0.5)
        return sock.sendto(b"fast open", socket.MSG_FASTOPEN, ("127.0.0.1", TCP_PORT))


def udp(family=socket.AF_INET, host="127.0.0.1"):
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        return sock.sendto(b"udp", (host, UDP_PORT))


def listen(address, family=socket.AF_INET):
    with socket.socket(family) as sock:
        sock.bind(address)
        sock.listen()
        return sock.getsockname()


attempt("TCP", lambda: tcp(("127.0.0.1", TCP_PORT)))
attempt("TCP with data in the first packet", fast_open)
attempt("TCP over IPv6", lambda: tcp(("::1", TCP_PORT), socket.AF_INET6))
attempt("TCP to the outside", lambda: tcp(("192.0.2.1", 80)))
attempt("UDP", udp)
attempt("UDP over IPv6", lambda: udp(socket.AF_INET6, "::1"))
attempt("Unix socket", lambda: tcp(UNIX_SOCKET, socket.AF_UNIX))
attempt("abstract Unix socket", lambda: tcp("\0" + ABSTRACT, socket.AF_UNIX))
attempt("D-Bus", lambda: tcp("/run/dbus/system_bus_socket", socket.AF_UNIX))
attempt("Docker", lambda: tcp("/run/docker.sock", socket.AF_UNIX))
attempt("listen on TCP", lambda: listen(("127.0.0.1", 0)))
attempt("listen on an abstract name", lambda: listen("\0hostile-listener", socket.AF_UNIX))
attempt("look up a name", lambda: socket.getaddrinfo("example.org", 80))
for name, family, kind, protocol in (
    ("vsock", 40, socket.SOCK_STREAM, 0),
    ("netlink", 16, socket.SOCK_RAW, 0),
    ("packet", 17, socket.SOCK_RAW, 3),
    ("raw", 2, socket.SOCK_RAW, 1),
    ("ping", 2, socket.SOCK_DGRAM, 1),
    ("crypto", 38, socket.SOCK_SEQPACKET, 0),
    ("bluetooth", 31, socket.SOCK_RAW, 0),
    ("can", 29, socket.SOCK_RAW, 1),
    ("XDP", 44, socket.SOCK_RAW, 0),
    ("SMC", 43, socket.SOCK_STREAM, 0),
):
    attempt(f"{name} socket", lambda f=family, k=kind, p=protocol: socket.socket(f, k, p).fileno())
