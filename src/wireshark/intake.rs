//! The first pass: a header is read, its connection takes it in, and what it is there is kept.

use super::bindings as ws;
use super::guard::panic_if_asked;
use super::packed::Packed;
use super::place::Place;
use super::read::{self, Reading};
use super::records::{PeerWindow, Record, Records};
use super::repeats::Sending;
use super::session::{Others, Session};
use crate::narrate::Before;
use crate::tcp::{
    Around, Connection, Flags, FrameNumber, Hosts, Packet, Segment, Sighting, Standing, Step, StreamNumber, Timestamp,
};

/// Takes in a header, which shows what its connection is now.
pub fn see(session: &mut Session, frame: &ws::tcpshake_frame_t, header: &ws::tcpshake_header_t, bytes: &[u8]) {
    let Some(number) = FrameNumber::new(frame.number) else { return };
    let stream_number = StreamNumber(header.stream);
    let new_conversation = header.new_conversation && session.known(stream_number).is_none();
    let (stream, others) = session.parts(stream_number);
    // SAFETY: Wireshark keeps it until the capture file is closed; then it calls `tcpshake_forget` first.
    unsafe { stream.note(header.conversation) };
    let Some(connection) = &mut stream.connection else { return give_up(session, frame, header) };
    if let Some(error) = read::icmp(number, header, bytes) {
        connection.quoted(error);
        others.errors.push((stream_number, error));
    }
    match read::header(number, Timestamp(frame.time), header, new_conversation, bytes) {
        Reading::Segment(segment, sighting) => {
            let packet = read::packet(header, &segment, bytes);
            let arrival = Arrival { header, segment, sighting, packet };
            let taken = take(connection, others, &arrival);
            keep(session, frame, header, Some(&taken));
            note_for_words(session, &arrival, &taken);
        }
        Reading::Overheard(sighting) => connection.overhear(&sighting),
        Reading::Nothing => {}
    }
}

/// Notes that nothing is to be shown of this segment and its connection: a panic has left it half updated.
pub fn give_up(session: &mut Session, frame: &ws::tcpshake_frame_t, header: &ws::tcpshake_header_t) {
    session.stream(StreamNumber(header.stream)).connection = None;
    keep(session, frame, header, None);
}

/// A segment, and what shows more of it than its numbers.
struct Arrival<'a> {
    header: &'a ws::tcpshake_header_t,
    segment: Segment,
    sighting: Sighting,
    packet: Packet,
}

/// What a segment turned out to be.
struct Taken {
    standing: Standing,
    /// Whether it is its connection's first.
    first: bool,
    /// The connection before it.
    before: Before,
    /// The frame in which its packet was captured first, if it was captured before.
    original: Option<FrameNumber>,
    /// Whether its receiver has acknowledged all of it, if that has acknowledged anything.
    acked: Option<bool>,
}

/// Lets the connection take in a segment.
fn take(connection: &mut Connection, others: Others, arrival: &Arrival) -> Taken {
    let Arrival { segment, sighting, packet, .. } = arrival;
    let first = connection.is_unseen();
    let mut before = Before::of(connection, segment);
    let original = others.copies.original_of(packet);
    if original.is_some() {
        // A copy repeats nothing: it was sent once.
        let standing = connection.see_again(segment, sighting);
        return Taken { standing, first, before, original, acked: None };
    }
    let around = around(connection, &others, arrival);
    before.peers_ack = around.peers_ack;
    note_server(others.hosts, arrival);
    others.acks.note(packet.stream, segment);
    let standing = connection.see_in(segment, sighting, &around);
    panic_if_asked(format_args!("see:{}", segment.frame.get()));
    compare_sizes(connection, others.records, arrival);
    let receiver = connection.by_end(segment.from.peer());
    let acked = receiver.acked().map(|acked| !acked.is_before(segment.next_seq()));
    Taken { standing, first, before, original, acked }
}

/// What stands around a segment that its connection has not taken in yet.
fn around(connection: &Connection, others: &Others, arrival: &Arrival) -> Around {
    let Arrival { header, segment, packet, .. } = arrival;
    let mut around = Around {
        network: packet.network,
        repeats: others.repeats.earlier(packet.stream, segment),
        to_itself: segment.is_syn() && read::is_to_itself(header, segment),
        ..Around::default()
    };
    if segment.has(Flags::RST) {
        around.host = read::sender_address(header);
        let peer = segment.from.peer();
        if connection.by_end(peer).was_heard() {
            around.peers_ack = others.acks.of(packet.stream, peer);
            around.before = others.records.before_answer_of(segment.from, packet.stream, others.records.len());
        }
    }
    around
}

/// Who sends a SYN-ACK is a server of the capture.
fn note_server(hosts: &mut Hosts, Arrival { header, segment, packet, .. }: &Arrival) {
    if !segment.is_syn_ack() {
        return;
    }
    if let (Some(network), Some(host)) = (packet.network, read::sender_address(header)) {
        hosts.note(host, network.hops);
    }
}

/// Finds out what the connection asks about payload that was repeated twice.
fn compare_sizes(connection: &mut Connection, records: &Records, Arrival { header, segment, packet, .. }: &Arrival) {
    if let Some(before) = connection.asks_for_sizes(segment) {
        let larger = records.have_as_much(segment.from, packet.stream, before, header.place.length);
        connection.note_sizes(segment.from, larger);
    }
}

/// Keeps where a segment stands and what it is; without `taken`, that the plugin failed on it.
fn keep(session: &mut Session, frame: &ws::tcpshake_frame_t, header: &ws::tcpshake_header_t, taken: Option<&Taken>) {
    if let (Some(place), Some(number)) = (place(header), FrameNumber::new(frame.number)) {
        let (stream, length) = (StreamNumber(header.stream), header.place.length);
        let peer_window = PeerWindow::new(taken.and_then(|taken| taken.before.peer_window));
        let standing = taken.and_then(|taken| Some(Packed::new(taken.standing)?.mark_first(taken.first)));
        let record = Record { frame: number, stream, place, length, standing, peer_window };
        session.records.push(record, taken.and_then(|taken| taken.original));
    }
}

/// Notes what words have to know of a segment later.
fn note_for_words(session: &mut Session, Arrival { header, segment, packet, .. }: &Arrival, taken: &Taken) {
    let &Taken { standing, ref before, original, acked, .. } = taken;
    if let (Some(place), None) = (place(header), original) {
        let (back, late) = (before.goes_back(segment), standing.step == Step::OutOfOrderData);
        let sending = Sending { acked, back, late, header: packet.header };
        session.repeats.see(packet.stream, place, segment, sending);
        session.note(before, packet.stream, place, segment, standing, header.in_flight);
    }
}

fn place(header: &ws::tcpshake_header_t) -> Option<Place> {
    Place::new(header.place.source, header.place.offset, read::sender(header))
}
