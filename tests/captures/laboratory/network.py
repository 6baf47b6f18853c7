# SPDX-License-Identifier: GPL-2.0-or-later
"""Client, two routers and server: real kernels in network namespaces, and the links between them.

    client --a-- r1 --b-- r2 --c-- server

Each letter is a link that this program plays: it carries each frame to its other end a while later, and can lose or hold
some. Captures are made at the client's interface, at r2's interface to the client ("router"), and at the server's.
"""

import contextlib
import ctypes
import fcntl
import heapq
import itertools
import os
import random
import select
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

from segments import V4, V6, Segment, family_of, is_icmp_error, is_tcp

POINTS = ("client", "router", "server")
HOSTS = ("client", "r1", "r2", "server")
LINKS = {"a": (("client", "eth0"), ("r1", "left")), "b": (("r1", "right"), ("r2", "left")),
         "c": (("r2", "right"), ("server", "eth0"))}
TAPS = {"client": ("client", "eth0"), "router": ("r2", "left"), "server": ("server", "eth0")}

# Linux's numbers of options that the socket module does not name.
SOL_PACKET, PACKET_IGNORE_OUTGOING, ETH_P_ALL = 263, 23, 3
SO_TIMESTAMPNS = 35
CLONE_NEWNET = 0x40000000
SIOCETHTOOL = 0x8946
OFFLOADS = (0x15, 0x17, 0x1F, 0x24, 0x2C)  # ETHTOOL_S: RXCSUM, TXCSUM, TSO, GSO, GRO


def run(*command, **more):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **more)


def enter_namespace(file):
    if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Network:
    def __init__(self, scenario, number, seed, prefix):
        self.rngs = {family: random.Random(f"{seed} {scenario} {family}") for family in (None, V4, V6)}
        self.thread = threading.local()  # its `family`, where the thread plays a scenario for one
        self.prefix, self.number = f"{prefix}-{number}", number
        self.delays = {link: self.rng.uniform(0.001, 0.025) for link in LINKS}
        self.rtt = 2 * sum(self.delays.values())
        self.ttls = {host: self.rng.choice((64, 64, 128, 255)) for host in HOSTS}
        self.fault = self.rng.choice(("r1", "r2"))  # the router at fault, where one is
        self.place = self.rng.choice("abc")  # the link that loses, where one does
        self.lock = threading.Lock()
        self.kept, self.packet_sockets, self.used_ports = [], {}, set()  # kept: open to the end
        self.macs = {}
        for host in (*HOSTS, "wire"):
            run("ip", "netns", "add", self.namespace(host))
        self.addresses = {
            V4: dict(client=f"192.0.2.{number}", server=f"198.51.100.{number}", r1=f"203.0.113.{number}",
                     r2=f"203.0.113.{number + 128}", nobody=f"198.51.100.{number + 128}"),
            V6: dict(client=f"2001:db8:{number:x}:1::1", server=f"2001:db8:{number:x}:4::4", r1=f"2001:db8:{number:x}:2::2",
                     r2=f"2001:db8:{number:x}:3::3", nobody=f"2001:db8:{number:x}:4::5")}
        self.make_links()
        self.make_routes()
        self.wire = Wire(self)
        self.wire.start()

    @property
    def rng(self):
        return self.rngs[getattr(self.thread, "family", None)]

    def namespace(self, host):
        return f"{self.prefix}-{host}"

    @contextlib.contextmanager
    def inside(self, host):
        """This thread is in the host's namespace; a socket made here stays in it."""
        with open("/proc/thread-self/ns/net") as outside, open(f"/run/netns/{self.namespace(host)}") as namespace:
            enter_namespace(namespace)
            try:
                yield
            finally:
                enter_namespace(outside)

    def ip(self, host, lines, family=V4):
        run("ip", "-6" if family == V6 else "-4", "-n", self.namespace(host), "-batch", "-",
            input="\n".join(lines) + "\n", text=True)

    def make_links(self):
        lines, interfaces = [], itertools.count(1)
        for link, ends in LINKS.items():
            for side, (host, interface) in enumerate(ends):
                self.macs[host, interface] = mac = f"00:00:5e:00:53:{next(interfaces):02x}"
                lines.append(f"link add {interface} netns {self.namespace(host)} address {mac} type veth "
                             f"peer name {link}{side} netns {self.namespace('wire')}")
        run("ip", "-batch", "-", input="\n".join(lines) + "\n", text=True)
        # Without link-local addresses there is no neighbour discovery to record.
        self.ip("wire", [f"link set {link}{side} addrgenmode none up" for link in LINKS for side in (0, 1)])
        for host in HOSTS:
            self.set(host, "net/ipv6/conf/all/forwarding", int(host in ("r1", "r2")))
            self.set(host, "net/ipv4/ip_forward", int(host in ("r1", "r2")))
            self.set(host, "net/ipv4/ip_default_ttl", self.ttls[host])
            self.set(host, "net/ipv6/conf/all/hop_limit", self.ttls[host])
            interfaces = [interface for owner, interface in self.macs if owner == host]
            self.ip(host, ["link set lo up"] + [f"link set {name} addrgenmode none up" for name in interfaces])
            with self.inside(host):
                for name in interfaces:
                    self.set(host, f"net/ipv6/conf/{name}/hop_limit", self.ttls[host])
                    offloads_off(name)

    def make_routes(self):
        """Every host has its addresses on its first interface, and knows its neighbours without asking for them."""
        hops = {"client": [("eth0", "r1", "left", "default")], "server": [("eth0", "r2", "right", "default")],
                "r1": [("left", "client", "eth0", "client"), ("right", "r2", "left", "default")],
                "r2": [("left", "r1", "right", "default"), ("right", "server", "eth0", "server")]}
        for host, ways in hops.items():
            for family, bits in ((V4, 32), (V6, 128)):
                known = self.addresses[family]
                nodad = " nodad" if family == V6 else ""
                lines = [f"address add {known[host]}/{bits} dev {ways[0][0]}{nodad}"]
                for interface, neighbour, theirs, target in ways:
                    lines.append(f"neighbour add {known[neighbour]} lladdr {self.macs[neighbour, theirs]} dev {interface}")
                    if target == "default":
                        lines.append(f"route add default via {known[neighbour]} dev {interface} onlink")
                    else:
                        lines.append(f"route add {known[target]}/{bits} dev {interface}")
                if host == "r2":
                    lines.append(f"route add {known['nobody']}/{bits} dev right")
                self.ip(host, lines, family)

    def set(self, host, name, value):
        with self.inside(host):
            Path("/proc/sys", name).write_text(str(value))

    def filter(self, host, chain, *rules):
        """Firewall rules (nft) of a host, for `input`, `output` or `forward`."""
        body = "\n".join((f"type filter hook {chain} priority 0", *rules))
        with self.lock:
            run("ip", "netns", "exec", self.namespace(host), "nft", "-f", "-", text=True,
                input=f"table inet lab {{\nchain {chain} {{\n{body}\n}}\n}}\n")

    def new_socket(self, host, family, port=None, kind=socket.SOCK_STREAM):
        with self.inside(host):
            made = socket.socket(family, kind)
        made.settimeout(60)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((self.addresses[family][host], port or 0))
        return made

    def new_port(self, low=32768, high=60999):
        with self.lock:
            port = next(port for port in iter(lambda: self.rng.randint(low, high), None) if port not in self.used_ports)
            self.used_ports.add(port)
        return port

    def free_server_port(self, family, ports):
        """A port that no connection of this family goes to yet."""
        with self.lock:
            port = self.rng.choice([port for port in ports if (family, port) not in self.used_ports])
            self.used_ports.add((family, port))
        return port

    def inject(self, host, interface, frame):
        """Send a frame out of a host's interface, as a raw socket of it does."""
        with self.lock:
            if (host, interface) not in self.packet_sockets:
                with self.inside(host):
                    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
                made.bind((interface, 0))
                self.packet_sockets[host, interface] = made
            self.packet_sockets[host, interface].send(frame)

    def mac_header(self, host, interface):
        """The hardware addresses of a frame that leaves this interface: the destination's, the source's."""
        for ends in LINKS.values():
            if (host, interface) in ends:
                other = ends[1 - ends.index((host, interface))]
                return bytes.fromhex((self.macs[other] + self.macs[host, interface]).replace(":", ""))

    def stop(self):
        self.wire.stop()

    @staticmethod
    def remove(prefix):
        """Remove the namespaces whose names begin so."""
        for path in Path("/run/netns").glob(f"{prefix}-*"):
            run("ip", "netns", "delete", path.name)


def offloads_off(interface):
    """The stack itself is to make segments and checksums, as on a real wire."""
    with socket.socket(V4, socket.SOCK_DGRAM) as any_socket:
        for command in OFFLOADS:
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            request = struct.pack("16sP16x", interface.encode(), ctypes.addressof(value))
            with contextlib.suppress(OSError):
                fcntl.ioctl(any_socket, SIOCETHTOOL, request)


class Rule:
    """What a link does with some segments: lose them (hold is None), or hold them for so many seconds."""

    def __init__(self, link, sender, family, wanted, times, hold):
        self.link, self.sender, self.family, self.wanted, self.left, self.hold = link, sender, family, wanted, times, hold

    def takes(self, link, sender, frame):
        if (link, sender) != (self.link, self.sender) or family_of(frame) != self.family or self.left == 0:
            return False
        if not is_tcp(frame) or not self.wanted(Segment(frame)):
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Wire(threading.Thread):
    """The three links, and the three taps."""

    def __init__(self, net):
        super().__init__(daemon=True)
        self.net, self.rules, self.stopped = net, [], False
        self.latest = {}  # (source, destination) -> the latest segment that this end sent
        self.frames = {(point, family): [] for point in POINTS for family in (V4, V6)}
        self.ended = set()  # families whose captures have ended
        self.ends, self.taps, self.by_name = {}, {}, {}
        for link in LINKS:
            for side in (0, 1):
                with net.inside("wire"):
                    end = packet_socket(f"{link}{side}")
                end.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
                self.ends[end] = (link, side)
                self.by_name[link, side] = end
        for point, (host, interface) in TAPS.items():
            with net.inside(host):
                tap = packet_socket(interface)
            tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self.taps[tap] = point

    def run(self):
        under_way, numbers = [], itertools.count()  # a heap of (when to deliver, number, socket, frame)
        while not self.stopped:
            wait = under_way[0][0] - time.monotonic() if under_way else 0.2
            for ready in select.select([*self.ends, *self.taps], [], [], max(wait, 0))[0]:
                if ready in self.taps:
                    self.record(ready)
                    continue
                frame, (link, side) = ready.recv(65535), self.ends[ready]
                delay = self.delay(link, "client" if side == 0 else "server", frame)
                if delay is not None:
                    entry = (time.monotonic() + delay, next(numbers), self.by_name[link, 1 - side], frame)
                    heapq.heappush(under_way, entry)
            while under_way and under_way[0][0] <= time.monotonic():
                _, _, receiver, frame = heapq.heappop(under_way)
                with contextlib.suppress(OSError):  # larger than the link's MTU
                    receiver.send(frame)

    def delay(self, link, sender, frame):
        """How long this frame takes over the link; None if it is lost. `sender`: the end of the link it comes from."""
        delay = self.net.delays[link]
        if is_tcp(frame) and (link, sender) in (("a", "client"), ("c", "server")):
            segment = Segment(frame)
            self.latest[segment.ends()] = segment
        for rule in list(self.rules):
            if rule.takes(link, sender, frame):
                if rule.hold is None:
                    return None
                delay += rule.hold
        return delay

    def record(self, tap):
        frame, control, _, _ = tap.recvmsg(65535, 64)
        family = family_of(frame)
        if family not in (V4, V6) or family in self.ended or not (is_tcp(frame) or is_icmp_error(frame)):
            return
        seconds, nanoseconds = struct.unpack("qq", control[0][2])
        self.frames[self.taps[tap], family].append((seconds * 10**9 + nanoseconds, frame))

    def lose(self, link, sender, family, wanted=lambda segment: True, times=None, hold=None):
        """From now on this link loses (or holds) what is wanted of what comes from this side, at most so many times."""
        self.rules.append(Rule(link, sender, family, wanted, times, hold))

    def stop(self):
        self.stopped = True
        self.join()


def packet_socket(interface):
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    made.bind((interface, ETH_P_ALL))
    return made
