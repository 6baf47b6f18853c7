//! The functions that the C shim calls. None lets a panic out: it is caught, told on stderr, and the frame gets an expert
//! item instead of what would have been told.
//!
//! A panic while a segment is taken in may leave its connection half updated, so nothing more is told of that connection:
//! all its frames get the expert item. A panic while a segment is shown leaves no trace but on that frame.

use super::bindings as ws;
use super::guard::with;
use super::preferences;
use super::read::{self, Reading};
use super::session::{Place, Record, SESSION, Session};
use super::show::{self, Sheet, Wanted};
use super::tapped::Tapped;
use super::{statistics, story};
use crate::narrate;
use crate::tcp::{Analysis, Completeness, FrameNumber, StreamNumber, Timestamp, Verdict};
use libc::c_uint;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::io::Write;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Forgets everything: another capture file, or the same one from the start.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_forget() {
    story::tell_rest();
    with(&SESSION, Session::forget);
    statistics::forget();
}

/// A frame begins in the first pass: what is kept of frames with its number or a later one is of frames that were dropped.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_begin_frame(frame: c_uint) {
    with(&SESSION, |session| session.drop_from(frame));
}

/// Takes in a TCP header in the first pass.
///
/// # Safety
/// Both pointers have to be valid for the call, and so have `captured` bytes at `bytes`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_see(frame: *const ws::tcpshake_frame_t, header: *const ws::tcpshake_header_t) {
    // SAFETY: the shim passes its own variables, and the bytes of the part of the frame that it has just looked up.
    let (frame, header, bytes) = unsafe {
        let header = &*header;
        (&*frame, header, std::slice::from_raw_parts(header.bytes, header.captured as usize))
    };
    if with(&SESSION, |session| see(session, frame, header, bytes)).is_none() {
        with(&SESSION, |session| give_up(session, frame, header));
    }
}

fn see(session: &mut Session, frame: &ws::tcpshake_frame_t, header: &ws::tcpshake_header_t, bytes: &[u8]) {
    let Some(number) = FrameNumber::new(frame.number) else { return };
    let stream_number = StreamNumber(header.stream);
    let stream = session.stream(stream_number);
    // SAFETY: Wireshark keeps it until the capture file is closed; then it calls `tcpshake_forget` first.
    unsafe { stream.note(header.conversation) };
    let Some(connection) = &mut stream.connection else { return give_up(session, frame, header) };
    if header.unreachable {
        if let Some((from, seq)) = read::quoted(header, bytes) {
            connection.unreachable(number, from, seq);
        }
    }
    match read::header(number, Timestamp(frame.time), header, bytes) {
        Reading::Segment(segment, sighting) => {
            let verdict = connection.see(&segment, &sighting);
            panic_if_asked("see", number);
            keep(session, number, header, Some(verdict));
        }
        Reading::Overheard(sighting) => connection.overhear(&sighting),
        Reading::Nothing => {}
    }
}

/// Notes that nothing is to be told of this segment and its connection.
fn give_up(session: &mut Session, frame: &ws::tcpshake_frame_t, header: &ws::tcpshake_header_t) {
    let Some(number) = FrameNumber::new(frame.number) else { return };
    session.stream(StreamNumber(header.stream)).connection = None;
    keep(session, number, header, None);
}

fn keep(session: &mut Session, frame: FrameNumber, header: &ws::tcpshake_header_t, verdict: Option<Verdict>) {
    let place = Place::new(header.place.source, header.place.offset, read::sender(header));
    if let Some(place) = place {
        let (stream, length) = (StreamNumber(header.stream), header.place.length);
        session.keep(Record { frame, stream, place, length, verdict });
    }
}

/// Panics where a test asks for it: `TCPSHAKE_PANIC=see:5` when frame 5 is taken in, `show:5` when it is shown. Only a build
/// with the feature `panic-on-frame` looks.
fn panic_if_asked(when: &str, frame: FrameNumber) {
    if cfg!(feature = "panic-on-frame") {
        let asked = std::env::var("TCPSHAKE_PANIC").unwrap_or_default();
        assert!(asked != format!("{when}:{}", frame.get()), "as asked by TCPSHAKE_PANIC={asked}");
    }
}

/// Tells the first panic on stderr, and no other: the same bug may strike on each frame of a capture.
pub fn tell_first_panic_only() {
    static TOLD: AtomicBool = AtomicBool::new(false);
    // The hook is this library's alone: it has its own copy of Rust's standard library.
    std::panic::set_hook(Box::new(|panic| {
        if !TOLD.swap(true, Relaxed) {
            // Unlike eprintln!, which panics where stderr can't be written.
            let _ = writeln!(
                std::io::stderr(),
                "tcpshake {panic}\nThis is a bug in the plugin. Frames that it strikes have the expert item \
                 tcpshake.expert.internal_error; no further one is told here."
            );
        }
    }));
}

/// Where a segment of this frame stands; false if no more are kept.
///
/// # Safety
/// `place` has to be valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_segment_place(frame: c_uint, index: usize, place: *mut ws::tcpshake_place_t) -> bool {
    let Some(frame) = FrameNumber::new(frame) else { return false };
    let record = with(&SESSION, |session| session.of_frame(frame).nth(index).copied()).flatten();
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

/// The items that show a segment, valid until the next call; null if that failed, or if the connection has been given up.
///
/// # Safety
/// `asked` has to be valid, with as many bytes as it says, and `count` valid for writing.
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
    let shown = with(&SESSION, |session| {
        SHEET.with_borrow_mut(|sheet| {
            sheet.begin(if asked.visible { Wanted::EVERYTHING } else { Wanted::referenced() });
            let told = prepare(sheet, session, asked, bytes);
            told.map(|()| (sheet.items().as_ptr(), sheet.items().len()))
        })
    });
    let Some(Some((items, length))) = shown else { return std::ptr::null() };
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
    // SAFETY: the caller's promise.
    let tapped = unsafe { Tapped::of(asked) };
    let texts = with(&SESSION, |session| {
        let seen = tapped.segment(session)?;
        let scene = seen.scene();
        narrate::opens_or_closes(scene.verdict).then(|| {
            let speech = narrate::speech(preferences::language(), &scene);
            let comment = format!("{}: {speech}", scene.verdict.step.name());
            [speech, comment]
        })
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

/// Fills the sheet; leaves it empty where the segment is not known, or its header is not what it was. `None` if the
/// connection has been given up.
fn prepare(sheet: &mut Sheet, session: &Session, asked: &ws::tcpshake_shown_t, bytes: &[u8]) -> Option<()> {
    let Some(frame) = FrameNumber::new(asked.frame) else { return Some(()) };
    let Some((record, stream)) = session.segment(frame, asked.index) else { return Some(()) };
    let (verdict, connection) = (record.verdict.as_ref()?, stream.connection.as_ref()?);
    panic_if_asked("show", frame);
    // Time and analysis have done their work in the verdict; words need only what the header says.
    let segment = read::segment(bytes, frame, Timestamp(0), record.place.from(), record.length, Analysis::empty());
    let Some(segment) = segment else { return Some(()) };
    // What the user sees beside our items, if it is there; in the first pass that leaves the segment itself out.
    let seen = u8::try_from(asked.completeness).ok().filter(|_| asked.revisited).map(Completeness::from_bits_truncate);
    let shown = show::Shown {
        number: record.stream,
        verdict,
        segment: &segment,
        connection,
        stream,
        revisited: asked.revisited,
        line: asked.line,
        wiresharks_completeness: seen.or_else(|| stream.wiresharks_completeness()),
    };
    show::fill(sheet, &shown);
    Some(())
}
