# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that have less than what happened: what is left of a scenario's capture, and what that still shows.

A cut is made of the frames of the one connection that a scenario is about."""

import dataclasses

from conversation import *
from segments import Segment, is_tcp


def segments(frames):
    return [(frame, Segment(frame[1])) for frame in frames if is_tcp(frame[1])]


def from_where(frames, wanted, number=1):
    """From the `number`th frame on that is wanted."""
    found = [at for at, (_, frame) in enumerate(frames) if is_tcp(frame) and wanted(Segment(frame))]
    return frames[found[number - 1] :] if len(found) >= number else []


def up_to(frames, wanted, number=1):
    """The frames before that."""
    kept = len(from_where(frames, wanted, number))
    return frames[: len(frames) - kept] if kept else []


def is_payload(segment):
    return segment.size > 0


def is_end(segment):
    return bool(segment.flags & (FIN | RST))


def is_syn(segment):
    return segment.flags & (SYN | ACK) == SYN


def is_syn_ack(segment):
    return segment.flags & (SYN | ACK) == SYN | ACK


def alone(frames, case):
    return frames


def late(frames, case):
    """It begins with the first data, after the handshake."""
    return from_where(frames, is_payload)


def later(frames, case):
    """It begins with the last data."""
    count = sum(is_payload(segment) for _, segment in segments(frames))
    return from_where(frames, is_payload, count) if count else []


def early(frames, case):
    """It ends before the first FIN or RST."""
    return up_to(frames, is_end)


def flags(frames, case):
    """A capture filter lets only SYN, FIN and RST through."""
    return [frame for frame, segment in segments(frames) if segment.flags & (SYN | FIN | RST)]


def from_client(frames, case):
    return [frame for frame, segment in segments(frames) if segment.ends()[0] == case.client]


def from_server(frames, case):
    return [frame for frame, segment in segments(frames) if segment.ends()[0] == case.server]


def two_segments(frames, case):
    return frames[:2]


def unrepeated(frames, case):
    """It ends before anything is sent for the second time."""
    seen = set()
    for at, (_, frame) in enumerate(frames):
        segment = Segment(frame)
        if segment.size or segment.flags & (SYN | FIN):
            key = (segment.ends(), segment.seq, int(segment.flags & (SYN | FIN)))
            if key in seen:
                return frames[:at]
            seen.add(key)
    return []


def before_data_after_rst(frames, case):
    """It ends with the RST."""
    return up_to(frames, lambda segment: segment.flags & RST) + from_where(frames, lambda segment: segment.flags & RST)[:1]


FINE_SO_FAR = likely(FINE, NOWHERE).or_else((UNDECIDED, CAPTURE), (NOT_ALL, CAPTURE))
HALF = proven(NOT_ALL, CAPTURE)
TOO_SHORT = proven(UNDECIDED, CAPTURE)

# scenario -> (name of the cut, what is left, what is true of it at each point where the whole has a truth)
CUTS = {
    "refused": [
        # Nothing of the host to compare with.
        ("alone", alone, likely(REFUSED, SERVER)),
        ("from-client", from_client, TOO_SHORT.or_else((NOT_ALL, CAPTURE))),
    ],
    # It is a firewall's RST, but it looks like the host's.
    "rejected-reset": [("alone", alone, likely(REFUSED, SERVER).or_else((REJECTED, NETWORK)))],
    # One direction only is captured, as where the answer takes another way (answer-not-received-from-client).
    "no-answer": [("alone", alone, likely(NO_ANSWER, UNKNOWN).or_else((NOT_ALL, CAPTURE)))],
    "answer-not-received": [
        ("from-client", from_client, likely(NO_ANSWER, UNKNOWN).or_else((NOT_ALL, CAPTURE))),
        ("unrepeated", unrepeated, TOO_SHORT),
    ],
    "client-silent": [("unrepeated", unrepeated, TOO_SHORT)],
    "plain": [
        ("late", late, FINE_SO_FAR),
        ("early", early, IN_ORDER),
        ("flags", flags, FINE_SO_FAR),
        ("from-client", from_client, HALF),
        ("from-server", from_server, HALF),
        ("two-segments", two_segments, TOO_SHORT),
    ],
    "plain-upload": [("later", later, FINE_SO_FAR), ("flags", flags, FINE_SO_FAR), ("from-client", from_client, HALF)],
    "four-way-close": [("late", late, FINE_SO_FAR), ("flags", flags, FINE_SO_FAR)],
    "slow-syn-ack-lost": [
        ("late", late, FINE_SO_FAR),
        ("flags", flags, likely(SLOW, NETWORK).or_else((NOT_ALL, CAPTURE), (FINE, NOWHERE))),
    ],
    "handshake-ack-lost-once": [("flags", flags, FINE_SO_FAR)],
    "reset-by-server": [
        ("late", late, proven(BY_SERVER, SERVER)),
        ("early", early, IN_ORDER),
        ("flags", flags, likely(BY_SERVER, SERVER).or_else((NOT_ALL, CAPTURE))),
        ("from-server", from_server, likely(BY_SERVER, SERVER).or_else((NOT_ALL, CAPTURE))),
        ("from-client", from_client, HALF),
    ],
    "reset-by-client": [
        ("late", late, proven(BY_CLIENT, CLIENT)),
        # Without the data it looks like a probe; the RST's number shows that there was some.
        ("flags", flags, likely(BY_CLIENT, CLIENT).or_else((NOT_ALL, CAPTURE))),
    ],
    # Without the silence nothing tells that it was forgotten.
    "forgotten-by-server": [
        ("late", late, proven(FORGOTTEN, SERVER)),
        ("later", later, likely(BY_SERVER, SERVER).or_else((FORGOTTEN, SERVER), (NOT_ALL, CAPTURE))),
    ],
    # Only the TTL is left; nothing goes on.
    "third-party-and-on": [("until-rst", before_data_after_rst, likely(THIRD_PARTY, NETWORK))],
    "went-silent": [
        ("late", late, proven(WENT_SILENT, UNKNOWN)),
        ("unrepeated", unrepeated, TOO_SHORT.or_else((FINE, NOWHERE))),
        ("from-client", from_client, likely(NOT_ALL, CAPTURE).or_else((WENT_SILENT, UNKNOWN))),
    ],
    "stalled": [("late", late, proven(STALLED, SERVER))],
    "half-closed": [("alone", alone, TOO_SHORT)],  # nothing shows how long the capture went on
    "idle-and-on": [("late", late, FINE_SO_FAR), ("later", later, FINE_SO_FAR)],
}


def made_of(scenario, case, point, frames):
    """(name, frames, case) of each cut of a scenario's capture."""
    for name, cut, truth in CUTS.get(scenario, []):
        whole = case.truths.get(point)
        # Where the capture point did not see the fault, less of the capture shows even less.
        if whole is None or (whole.verdict, whole.provable) == (LOOKS_FINE.verdict, LOOKS_FINE.provable):
            continue
        if scenario == "third-party-and-on" and whole.verdict != THIRD_PARTY:
            continue
        if scenario == "answer-not-received" and whole.verdict != NOT_RECEIVED:
            continue
        left = cut(frames, case)
        if left:
            yield f"{scenario}-{name}", left, dataclasses.replace(case, truths={point: truth})
