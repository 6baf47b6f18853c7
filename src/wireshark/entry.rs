//! The functions that the C shim calls. None lets a panic out: it is caught, told on stderr, and answered with `false` or
//! nothing, which the shim turns into an expert item on that frame.

use super::bindings as ws;
use super::read::{self, Reading};
use super::session::{Place, Record, SESSION, Session};
use super::show::{self, Sheet};
use crate::tcp::{Analysis, Completeness, FrameNumber, StreamNumber, Timestamp};
use libc::c_uint;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;

/// Runs `work` on the session. A panic in it leaves the session as it stands: at worst one connection is half updated.
fn with_session<T>(work: impl FnOnce(&mut Session) -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(|| {
        let mut session = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut session)
    }))
    .ok()
}

/// Forgets everything: another capture file, or the same one from the start.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_forget() {
    with_session(Session::forget);
}

/// A frame begins in the first pass: what is kept of frames with its number or a later one is of frames that were dropped.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_begin_frame(frame: c_uint) {
    with_session(|session| session.drop_from(frame));
}

/// Takes in a TCP header in the first pass; false if that failed.
///
/// # Safety
/// Both pointers have to be valid for the call, and so have `captured` bytes at `bytes`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_see(
    frame: *const ws::tcpshake_frame_t,
    header: *const ws::tcpshake_header_t,
) -> bool {
    // SAFETY: the shim passes its own variables, and the bytes of the part of the frame that it has just looked up.
    let (frame, header, bytes) = unsafe {
        let header = &*header;
        (&*frame, header, std::slice::from_raw_parts(header.bytes, header.captured as usize))
    };
    with_session(|session| see(session, frame, header, bytes)).is_some()
}

fn see(session: &mut Session, frame: &ws::tcpshake_frame_t, header: &ws::tcpshake_header_t, bytes: &[u8]) {
    let Some(number) = FrameNumber::new(frame.number) else { return };
    let stream_number = StreamNumber(header.stream);
    let stream = session.stream(stream_number);
    // SAFETY: Wireshark keeps its notes until the capture file is closed; then it calls `tcpshake_forget` first.
    unsafe { stream.note(header.analysis) };
    if header.unreachable {
        if let Some((from, seq)) = read::quoted(header, bytes) {
            stream.connection.unreachable(number, from, seq);
        }
    }
    match read::header(number, Timestamp(frame.time), header, bytes) {
        Reading::Segment(segment, sighting) => {
            let verdict = stream.connection.see(&segment, &sighting);
            let place = Place::new(header.place.source, header.place.offset, segment.from);
            if let Some(place) = place {
                let length = header.place.length;
                session.keep(Record { frame: number, stream: stream_number, place, length, verdict });
            }
        }
        Reading::Overheard(sighting) => stream.connection.overhear(&sighting),
        Reading::Nothing => {}
    }
}

/// How many segments of this frame are kept.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_segments(frame: c_uint) -> usize {
    let Some(frame) = FrameNumber::new(frame) else { return 0 };
    with_session(|session| session.of_frame(frame).len()).unwrap_or(0)
}

/// Where a segment of this frame stands; false if there is none.
///
/// # Safety
/// `place` has to be valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_segment_place(frame: c_uint, index: usize, place: *mut ws::tcpshake_place_t) -> bool {
    let Some(frame) = FrameNumber::new(frame) else { return false };
    let record = with_session(|session| session.of_frame(frame).nth(index).copied()).flatten();
    let Some(record) = record else { return false };
    let found =
        ws::tcpshake_place_t { source: record.place.source(), offset: record.place.offset(), length: record.length };
    // SAFETY: the caller's promise.
    unsafe { place.write(found) };
    true
}

thread_local! {
    /// The items last handed to the shim. They stay until the next call: when Wireshark throws while adding them, nothing
    /// is lost and nothing leaks.
    static SHEET: RefCell<Sheet> = RefCell::new(Sheet::default());
}

/// The items that show a segment, valid until the next call; null if that failed.
///
/// # Safety
/// `asked` has to be valid, with a tree of its frame and as many bytes as it says, and `count` valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_show(
    asked: *const ws::tcpshake_shown_t,
    count: *mut usize,
) -> *const ws::tcpshake_item_t {
    // SAFETY: the shim passes its own variable, and bytes of the data source that it has just looked up.
    let (asked, bytes) = unsafe {
        let asked = &*asked;
        (asked, std::slice::from_raw_parts(asked.bytes, asked.captured as usize))
    };
    let shown = with_session(|session| {
        SHEET.with_borrow_mut(|sheet| {
            // SAFETY: the caller's promise about the tree.
            let wanted = unsafe { show::Wanted::of(asked.tree.cast()) };
            sheet.clear();
            fill(sheet, session, &wanted, asked, bytes);
            (sheet.items().as_ptr(), sheet.items().len())
        })
    });
    let Some((items, length)) = shown else { return std::ptr::null() };
    // SAFETY: the caller's promise.
    unsafe { count.write(length) };
    items
}

/// Fills the sheet; leaves it empty where the segment is not known, or its header is not what it was.
fn fill(sheet: &mut Sheet, session: &Session, wanted: &show::Wanted, asked: &ws::tcpshake_shown_t, bytes: &[u8]) {
    let Some(frame) = FrameNumber::new(asked.frame) else { return };
    let Some((record, stream)) = session.segment(frame, asked.index) else { return };
    // Time and analysis have done their work in the verdict; words need only what the header says.
    let segment = read::segment(bytes, frame, Timestamp(0), record.place.from(), record.length, Analysis::empty());
    let Some(segment) = segment else { return };
    // What the user sees beside our items, if it is there; in the first pass that leaves the segment itself out.
    let seen = u8::try_from(asked.completeness).ok().filter(|_| asked.revisited).map(Completeness::from_bits_truncate);
    let shown = show::Shown {
        number: record.stream,
        verdict: &record.verdict,
        segment: &segment,
        connection: &stream.connection,
        revisited: asked.revisited,
        visible: asked.visible,
        wiresharks_completeness: seen.or_else(|| stream.wiresharks_completeness()),
    };
    show::fill(sheet, wanted, &shown);
}
