//! The first pass: a header is read, its connection takes it in, and what it is there is kept.

use super::bindings as ws;
use super::guard::panic_if_asked;
use super::read::{self, Reading};
use super::session::{Place, Record, Session};
use crate::tcp::{FrameNumber, Standing, StreamNumber, Timestamp};

/// Takes in a header, which shows what its connection is now.
pub fn see(session: &mut Session, frame: &ws::tcpshake_frame_t, header: &ws::tcpshake_header_t, bytes: &[u8]) {
    let Some(number) = FrameNumber::new(frame.number) else { return };
    let stream_number = StreamNumber(header.stream);
    let new_conversation = header.new_conversation && session.known(stream_number).is_none();
    let stream = session.stream(stream_number);
    // SAFETY: Wireshark keeps it until the capture file is closed; then it calls `tcpshake_forget` first.
    unsafe { stream.note(header.conversation) };
    let Some(connection) = &mut stream.connection else { return give_up(session, frame, header) };
    if header.unreachable {
        if let Some((from, seq)) = read::quoted(header, bytes) {
            connection.unreachable(number, from, seq);
        }
    }
    match read::header(number, Timestamp(frame.time), header, new_conversation, bytes) {
        Reading::Segment(segment, sighting) => {
            let original = session.copies.original_of(&read::packet(header, &segment, bytes));
            let Some(connection) = &mut session.stream(stream_number).connection else { return };
            let standing = match original {
                None => connection.see(&segment, &sighting),
                Some(_) => connection.see_again(&segment, &sighting),
            };
            panic_if_asked(format_args!("see:{}", number.get()));
            keep(session, number, header, Some(standing), original);
        }
        Reading::Overheard(sighting) => connection.overhear(&sighting),
        Reading::Nothing => {}
    }
}

/// Notes that nothing is to be shown of this segment and its connection: a panic has left it half updated.
pub fn give_up(session: &mut Session, frame: &ws::tcpshake_frame_t, header: &ws::tcpshake_header_t) {
    let Some(number) = FrameNumber::new(frame.number) else { return };
    session.stream(StreamNumber(header.stream)).connection = None;
    keep(session, number, header, None, None);
}

fn keep(
    session: &mut Session,
    frame: FrameNumber,
    header: &ws::tcpshake_header_t,
    standing: Option<Standing>,
    original: Option<FrameNumber>,
) {
    let place = Place::new(header.place.source, header.place.offset, read::sender(header));
    if let Some(place) = place {
        let (stream, length) = (StreamNumber(header.stream), header.place.length);
        session.keep(Record { frame, stream, place, length, standing }, original);
    }
}
