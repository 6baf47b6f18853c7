//! The functions that the C shim calls. None lets a panic out: it is caught, told on stderr, and answered with `false` or
//! nothing, which the shim turns into an expert item on that frame.

use super::bindings as ws;
use super::preferences;
use super::read::{self, Reading};
use super::session::{Place, Record, SESSION, Session};
use super::show::{self, Sheet};
use super::{statistics, story, tapped};
use crate::narrate;
use crate::tcp::{Analysis, Completeness, FrameNumber, Moment, StreamNumber, Timestamp};
use libc::c_uint;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
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
    statistics::forget();
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
    // SAFETY: Wireshark keeps it until the capture file is closed; then it calls `tcpshake_forget` first.
    unsafe { stream.note(header.conversation) };
    if header.unreachable {
        if let Some((from, seq)) = read::quoted(header, bytes) {
            let at = Moment { frame: number, time: Timestamp(frame.time) };
            stream.connection.unreachable(at, from, seq);
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
    let record = with_session(|session| session.of_frame(frame).get(index).copied()).flatten();
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

/// Begins a story; false, with a message on stderr, if the filter is none.
///
/// # Safety
/// `filter` has to be null, or valid and end with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_begin_story(filter: *const c_char) -> bool {
    // SAFETY: the caller's promise.
    let filter = (!filter.is_null()).then(|| unsafe { CStr::from_ptr(filter) });
    // SAFETY: called while Wireshark takes its arguments, before it reads a capture.
    catch_unwind(|| unsafe { story::begin(filter) }).unwrap_or(false)
}

/// The texts of an arrow in a flow graph; false if the segment gets none.
///
/// # Safety
/// `asked` has to be valid, with as many bytes as it says; `label` and `comment` valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_flow_words(
    asked: *const ws::tcpshake_tapped_t,
    label: *mut *const c_char,
    comment: *mut *const c_char,
) -> bool {
    thread_local! {
        /// The texts last handed out. They stay until the next call.
        static TEXTS: RefCell<[CString; 2]> = RefCell::default();
    }
    let texts = with_session(|session| {
        // SAFETY: the caller's promise.
        let tapped = unsafe { tapped::segment(session, asked) }?;
        let scene = tapped.scene();
        let speech = narrate::speech(preferences::language(), &scene);
        let step = scene.verdict.step.name();
        narrate::story::opens_or_closes(scene.verdict).then(|| [speech.clone(), format!("{step}: {speech}")])
    });
    let Some(Some(texts)) = texts else { return false };
    TEXTS.with_borrow_mut(|kept| {
        *kept = texts.map(|text| CString::new(text).unwrap_or_default());
        // SAFETY: the caller's promise; the texts stay where they are until the next call.
        unsafe {
            label.write(kept[0].as_ptr());
            comment.write(kept[1].as_ptr());
        }
    });
    true
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
        stream,
        revisited: asked.revisited,
        visible: asked.visible,
        wiresharks_completeness: seen.or_else(|| stream.wiresharks_completeness()),
    };
    show::fill(sheet, wanted, &shown);
}
