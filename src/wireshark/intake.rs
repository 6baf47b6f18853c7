//! The first pass: a header is read, its connection takes it in, and what it is there is kept.

use super::bindings as ws;
use super::guard::panic_if_asked;
use super::packed::Packed;
use super::place::Place;
use super::read::{self, Reading};
use super::records::{PeerWindow, Record};
use super::repeats::Sending;
use super::session::{Parts, Session};
use crate::narrate::Before;
use crate::tcp::{Around, Flags, FrameNumber, Standing, Step, StreamNumber, Timestamp};

/// Takes in a header, which shows what its connection is now.
pub fn see(session: &mut Session, frame: &ws::tcpshake_frame_t, header: &ws::tcpshake_header_t, bytes: &[u8]) {
    let Some(number) = FrameNumber::new(frame.number) else { return };
    let stream_number = StreamNumber(header.stream);
    let new_conversation = header.new_conversation && session.known(stream_number).is_none();
    let Parts { stream, acks, copies, repeats, hosts, records, errors } = session.parts(stream_number);
    // SAFETY: Wireshark keeps it until the capture file is closed; then it calls `tcpshake_forget` first.
    unsafe { stream.note(header.conversation) };
    let Some(connection) = &mut stream.connection else { return give_up(session, frame, header) };
    let first = connection.is_unseen();
    if let Some(error) = read::icmp(number, header, bytes) {
        connection.quoted(error);
        errors.push((stream_number, error));
    }
    match read::header(number, Timestamp(frame.time), header, new_conversation, bytes) {
        Reading::Segment(segment, sighting) => {
            let packet = read::packet(header, &segment, bytes);
            let original = copies.original_of(&packet);
            let mut before = Before::of(connection, &segment);
            if original.is_some() {
                // A copy repeats nothing: it was sent once.
                let standing = connection.see_again(&segment, &sighting);
                let kept = Taken { standing, first, peer_window: before.peer_window };
                return keep(session, frame, header, Some(kept), original);
            }
            let repeats = repeats.earlier(stream_number, &segment);
            let to_itself = segment.is_syn() && read::is_to_itself(header, &segment);
            let mut around = Around { network: packet.network, repeats, to_itself, ..Around::default() };
            if segment.has(Flags::RST) {
                around.host = read::sender_address(header);
                let peer = segment.from.peer();
                if connection.by_end(peer).was_heard() {
                    before.peers_ack = acks.of(stream_number, peer);
                    around.peers_ack = before.peers_ack;
                    around.before = records.before_answer_of(segment.from, stream_number, records.len());
                }
            } else if let (true, Some(network), Some(host)) =
                (segment.is_syn_ack(), packet.network, read::sender_address(header))
            {
                hosts.note(host, network.hops);
            }
            acks.note(stream_number, &segment);
            let standing = connection.see_in(&segment, &sighting, &around);
            panic_if_asked(format_args!("see:{}", number.get()));
            if let Some(before) = connection.asks_for_sizes(&segment) {
                let length = header.place.length;
                connection.note_sizes(segment.from, records.have_as_much(segment.from, stream_number, before, length));
            }
            let receiver = connection.by_end(segment.from.peer());
            let acked = receiver.acked().map(|acked| !acked.is_before(segment.next_seq()));
            keep(session, frame, header, Some(Taken { standing, first, peer_window: before.peer_window }), None);
            if let Some(place) = place(header) {
                let (back, late) = (before.goes_back(&segment), standing.step == Step::OutOfOrderData);
                session.repeats.see(
                    stream_number,
                    place,
                    &segment,
                    Sending { acked, back, late, header: packet.header },
                );
                session.note(&before, stream_number, place, &segment, standing, header.in_flight);
            }
        }
        Reading::Overheard(sighting) => connection.overhear(&sighting),
        Reading::Nothing => {}
    }
}

/// Notes that nothing is to be shown of this segment and its connection: a panic has left it half updated.
pub fn give_up(session: &mut Session, frame: &ws::tcpshake_frame_t, header: &ws::tcpshake_header_t) {
    session.stream(StreamNumber(header.stream)).connection = None;
    keep(session, frame, header, None, None);
}

/// What is kept of a segment beside its place.
struct Taken {
    standing: Standing,
    /// Whether it is its connection's first.
    first: bool,
    peer_window: Option<u32>,
}

fn keep(
    session: &mut Session,
    frame: &ws::tcpshake_frame_t,
    header: &ws::tcpshake_header_t,
    found: Option<Taken>,
    original: Option<FrameNumber>,
) {
    if let (Some(place), Some(number)) = (place(header), FrameNumber::new(frame.number)) {
        let (stream, length) = (StreamNumber(header.stream), header.place.length);
        let peer_window = PeerWindow::new(found.as_ref().and_then(|kept| kept.peer_window));
        let standing = found.and_then(|kept| Some(Packed::new(kept.standing)?.mark_first(kept.first)));
        let record = Record { frame: number, stream, place, length, standing, peer_window };
        session.records.push(record, original);
    }
}

fn place(header: &ws::tcpshake_header_t) -> Option<Place> {
    Place::new(header.place.source, header.place.offset, read::sender(header))
}
