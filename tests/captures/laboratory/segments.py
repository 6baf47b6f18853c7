# SPDX-License-Identifier: GPL-2.0-or-later
"""TCP segments in Ethernet frames: taken apart, and forged."""

import enum
import socket
import struct


class Flag(enum.IntFlag):
    FIN = 1
    SYN = 2
    RST = 4
    PSH = 8
    ACK = 16
    URG = 32


FIN, SYN, RST, PSH, ACK, URG = Flag

V4, V6 = socket.AF_INET, socket.AF_INET6
HEADERS = {V4: 14 + 20, V6: 14 + 40}  # no kernel here sends IP options or IPv6 extension headers in front of TCP


def family_of(frame):
    return {b"\x08\x00": V4, b"\x86\xdd": V6}.get(bytes(frame[12:14]))


def protocol_of(frame):
    return {V4: lambda: frame[23], V6: lambda: frame[20]}.get(family_of(frame), lambda: None)()


def addresses_in(packet, family):
    """The source and destination of an IP packet (without its Ethernet header)."""
    if family == V4:
        return tuple(socket.inet_ntop(family, packet[at : at + 4]) for at in (12, 16))
    return tuple(socket.inet_ntop(family, packet[at : at + 16]) for at in (8, 24))


class Segment:
    """The TCP segment in a frame."""

    def __init__(self, frame):
        self.frame, self.family = frame, family_of(frame)
        start = HEADERS[self.family]
        length = int.from_bytes(frame[16:18] if self.family == V4 else frame[18:20], "big")
        end = 14 + length + (0 if self.family == V4 else 40)
        self.ttl = frame[22] if self.family == V4 else frame[21]
        self.source, self.destination = addresses_in(frame[14:], self.family)
        tcp = frame[start:end]
        self.sport, self.dport, self.seq, self.ack, offset, flags, self.window = struct.unpack("!HHIIBBH", tcp[:16])
        self.flags = Flag(flags & 63)
        self.size = end - start - 4 * (offset >> 4)  # also of a frame that was cut by a snap length
        self.next_seq = (self.seq + self.size + (SYN in self.flags) + (FIN in self.flags)) % 2**32

    def ends(self):
        return (self.source, self.sport), (self.destination, self.dport)


def is_tcp(frame):
    return protocol_of(frame) == socket.IPPROTO_TCP


def is_icmp_error(frame):
    """An ICMP error of the kinds that routers and hosts send about a TCP segment."""
    if protocol_of(frame) == socket.IPPROTO_ICMP:
        return frame[34] in (3, 11)
    return protocol_of(frame) == socket.IPPROTO_ICMPV6 and frame[54] < 128


def quoted_ends(frame):
    """The two ends of the TCP segment that an ICMP error quotes."""
    family = family_of(frame)
    quoted = frame[HEADERS[family] + 8 :]
    ports = struct.unpack("!HH", quoted[HEADERS[family] - 14 :][:4])
    return tuple(zip(addresses_in(quoted, family), ports))


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


MSS = bytes([2, 4, 5, 180])


def forge(macs, source, destination, flags, seq, ack=0, ttl=64, ip_id=0):
    """A frame with a segment that looks as if `source` had sent it: ends are (address, port)."""
    family = V6 if ":" in source[0] else V4
    raw = [socket.inet_pton(family, end[0]) for end in (source, destination)]
    options = MSS if flags & SYN else b""
    length = 20 + len(options)
    fields = [source[1], destination[1], seq % 2**32, ack % 2**32, length // 4 << 4, flags, 64240, 0, 0]
    pseudo = b"".join(raw) + struct.pack("!IHBB", length, 0, 0, socket.IPPROTO_TCP)
    fields[7] = checksum(pseudo + struct.pack("!HHIIBBHHH", *fields) + options)
    tcp = struct.pack("!HHIIBBHHH", *fields) + options
    if family == V6:
        return macs + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, length, socket.IPPROTO_TCP, ttl) + b"".join(raw) + tcp
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, ip_id, 0x4000, ttl, socket.IPPROTO_TCP, 0) + b"".join(raw)
    return macs + b"\x08\x00" + ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp
