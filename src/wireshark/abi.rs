//! The functions that the C shim calls. None lets a panic out: it is caught and printed on stderr, and the frame gets an expert
//! item instead of what would have been shown.
//!
//! A panic while a segment is taken in may leave its connection half updated, so nothing more is shown of that connection:
//! all its frames get the expert item. A panic while a segment is shown leaves no trace but on that frame.

use super::bindings as ws;
use super::fields::{Field, Fields};
use super::guard::{self, panic_if_asked, with};
use super::reports::conn::{self, Format};
use super::reports::tapped::Tapped;
use super::reports::{flow, statistics, stories, tables, window};
use super::session::{Recalled, SESSION, Session};
use super::sheet::{Sheet, Wanted};
use super::show::{self, Looks, Subject, View};
use super::{experts, intake, preferences, printed};
use crate::tcp::{Completeness, FrameNumber, Side, StreamNumber, Timestamp};
use libc::c_uint;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};

/// Forgets everything: another capture file, or the same one from the start.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_forget() {
    stories::print_rest();
    conn::print_rest();
    tables::print_rest();
    with(&SESSION, Session::forget);
    statistics::forget();
}

/// What will be read of a tree that Wireshark made for someone to look at.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_printed() -> ws::tcpshake_printed {
    guard::or(ws::TCPSHAKE_ALL_PRINTED, || match printed::only() {
        None => ws::TCPSHAKE_ALL_PRINTED,
        Some(Fields::NONE) => ws::TCPSHAKE_NONE_PRINTED,
        Some(_) => ws::TCPSHAKE_SOME_PRINTED,
    })
}

/// Whether the user wants the narration in the Info column.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_wants_info_column() -> bool {
    guard::or(false, preferences::info_column)
}

/// A frame begins in the first pass: what is kept of frames with its number or a later one is of frames that were dropped.
///
/// # Safety
/// `frame` has to be valid for the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_begin_frame(frame: *const ws::tcpshake_frame_t) {
    // SAFETY: the caller's promise.
    let frame = unsafe { &*frame };
    let Some(number) = FrameNumber::new(frame.number) else { return };
    with(&SESSION, |session| session.begin_frame(number, Timestamp(frame.time)));
}

/// Takes in a TCP header in the first pass.
///
/// # Safety
/// Both pointers have to be valid for the call, and so have those in the header: `captured` bytes at `bytes`, the ICMP error's
/// eight, and the addresses with the bytes that they say they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_see(frame: *const ws::tcpshake_frame_t, header: *const ws::tcpshake_header_t) {
    // SAFETY: the shim passes its own variables, and the bytes of the part of the frame that it has just looked up.
    let (frame, header, bytes) = unsafe {
        let header = &*header;
        (&*frame, header, std::slice::from_raw_parts(header.bytes, header.captured as usize))
    };
    if with(&SESSION, |session| intake::see(session, frame, header, bytes)).is_none() {
        with(&SESSION, |session| intake::give_up(session, frame, header));
    }
}

/// Where a segment of this frame stands, and whether there is one more; false if no more are kept.
///
/// # Safety
/// `place` and `more` have to be valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_segment_place(
    frame: c_uint,
    index: usize,
    place: *mut ws::tcpshake_place_t,
    more: *mut bool,
) -> bool {
    let Some(frame) = FrameNumber::new(frame) else { return false };
    let found = with(&SESSION, |session| {
        let mut records = session.records.of_frame(frame).skip(index);
        Some((*records.next()?, records.next().is_some()))
    });
    let Some(Some((record, is_followed))) = found else { return false };
    let found =
        ws::tcpshake_place_t { source: record.place.source(), offset: record.place.offset(), length: record.length };
    // SAFETY: the caller's promise.
    unsafe {
        place.write(found);
        more.write(is_followed);
    }
    true
}

thread_local! {
    /// The items last handed to the shim. They stay until the next call: when Wireshark throws while adding them, nothing
    /// is lost and nothing leaks.
    static SHEET: RefCell<Sheet> = const { RefCell::new(Sheet::new()) };
}

/// The items that show a segment, valid until the next call: none where it is not known, or its header is not what it was.
/// Null if that failed, or if the connection has been given up.
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
    // SAFETY: the caller's promise.
    unsafe { hand_out(asked.visible, count, |sheet, session| fill(sheet, session, asked, bytes)) }
}

/// The items that `fill` makes; null if it says false, or fails.
///
/// # Safety
/// `count` has to be valid for writing.
unsafe fn hand_out(
    visible: bool,
    count: *mut usize,
    fill: impl FnOnce(&mut Sheet, &Session) -> bool,
) -> *const ws::tcpshake_item_t {
    let shown = with(&SESSION, |session| {
        SHEET.with_borrow_mut(|sheet| {
            sheet.begin(if visible { Wanted::Everything } else { Wanted::Only(printed::asked_for()) });
            fill(sheet, session).then(|| {
                let items = sheet.finish();
                (items.as_ptr(), items.len())
            })
        })
    });
    let Some(Some((items, length))) = shown else { return std::ptr::null() };
    // SAFETY: the caller's promise.
    unsafe { count.write(length) };
    items
}

/// What is looked at beside fields. Filters and columns can ask for our expert items too.
fn looks(line: bool, experts: bool) -> Looks {
    Looks { line, experts: experts || experts::are_referenced() }
}

/// Fills the sheet; false if the connection has been given up.
fn fill(sheet: &mut Sheet, session: &Session, asked: &ws::tcpshake_shown_t, bytes: &[u8]) -> bool {
    let Some(frame) = FrameNumber::new(asked.frame) else { return true };
    let words = preferences::info_column() || sheet.wants_any(show::WORDS);
    match session.recall(frame, asked.index, bytes, Timestamp(0), words) {
        Recalled::Segment(mut scene, stream) => {
            panic_if_asked(format_args!("show:{}", frame.get()));
            scene.evidence.ip_header = (asked.ip_header_least > 0).then_some(asked.ip_header_least);
            scene.evidence.all_seen = asked.revisited;
            let same = asked.beside.stream == i64::from(scene.stream.0);
            let completeness = u8::try_from(asked.beside.completeness).ok().filter(|_| same);
            let until = asked.revisited.then(|| session.capture().until);
            let completeness = completeness.map(Completeness::from_bits_truncate);
            let original = || session.records.original_of(frame, asked.index);
            let duplicate_of = sheet.wants(Field::DuplicateOf).then(original).flatten();
            let looks = looks(asked.line, asked.experts);
            show::fill(
                sheet,
                &scene,
                stream,
                &View { until, capture: session.capture(), duplicate_of, looks, completeness },
            );
            true
        }
        Recalled::GivenUp => false,
        Recalled::Unknown => true,
    }
}

/// The items that show an ICMP error about a segment, valid until the next call: none if there are no more, or its connection
/// has been given up. Null if that failed.
///
/// # Safety
/// `asked` has to be valid, and `count` valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_show_error(
    asked: *const ws::tcpshake_shown_error_t,
    count: *mut usize,
) -> *const ws::tcpshake_item_t {
    // SAFETY: the shim passes its own variable.
    let asked = unsafe { &*asked };
    let Some(frame) = FrameNumber::new(asked.frame) else { return std::ptr::null() };
    if with(&SESSION, |session| session.error(frame, asked.index).is_none()) == Some(true) {
        return std::ptr::dangling();
    }
    let looks = looks(asked.line, asked.experts);
    let fill = |sheet: &mut Sheet, session: &Session| {
        let Some((error, number, stream)) = session.error(frame, asked.index) else { return true };
        let Some(connection) = &stream.connection else { return true };
        show::fill_error(sheet, error, Subject { number, stream, connection }, session.capture(), looks);
        true
    };
    // SAFETY: the caller's promise.
    unsafe { hand_out(asked.visible, count, fill) }
}

/// Begins a report; false, with a message on stderr, if the filter is invalid.
///
/// # Safety
/// `filter` has to be null, or valid and end with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_begin_report(report: ws::tcpshake_report, filter: *const c_char) -> bool {
    // SAFETY: the caller's promise.
    let filter = (!filter.is_null()).then(|| unsafe { CStr::from_ptr(filter) });
    // SAFETY: called while Wireshark takes its arguments, before it reads a capture.
    let begin = || unsafe {
        match report {
            ws::TCPSHAKE_CONN_LOG => conn::begin(Format::Log, filter),
            ws::TCPSHAKE_CONN_JSON => conn::begin(Format::Json, filter),
            _ => stories::begin(filter),
        }
    };
    guard::or(false, begin)
}

/// A table begins anew.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_table_begin(table: ws::tcpshake_table) {
    tables::begin(table);
}

/// The connection of a segment or event is to be in a table.
///
/// # Safety
/// `tapped` has to be valid, with as many bytes as it says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_table_meet(table: ws::tcpshake_table, tapped: *const ws::tcpshake_tapped_t) {
    // SAFETY: the caller's promise.
    guard::or((), || tables::meet(table, &unsafe { Tapped::of(tapped) }));
}

/// Begins to collect stories for a window.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_stories_begin(which: ws::tcpshake_stories, stream: c_uint) {
    guard::or((), || window::begin(which, StreamNumber(stream)));
}

/// Takes a segment in.
///
/// # Safety
/// `tapped` has to be valid, with as many bytes as it says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_stories_take(tapped: *const ws::tcpshake_tapped_t) {
    // SAFETY: the caller's promise.
    window::take(&unsafe { Tapped::of(tapped) });
}

/// The text of what was collected, valid until the next one is made.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_stories_text() -> *const c_char {
    window::text()
}

/// A title or a button of the window with stories: a constant.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_caption_text(caption: ws::tcpshake_caption) -> *const c_char {
    guard::or(c"".as_ptr(), || window::caption(caption))
}

/// The stream of a frame's first segment; false if it has none.
///
/// # Safety
/// `stream` has to be valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_stream_of(frame: c_uint, stream: *mut c_uint) -> bool {
    let found = FrameNumber::new(frame).and_then(window::stream_of);
    // SAFETY: the caller's promise.
    found.map(|StreamNumber(number)| unsafe { stream.write(number) }).is_some()
}

/// The next stream that failed; false if none did.
///
/// # Safety
/// `stream` has to be valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_next_failed(behind: bool, stream: *mut c_uint) -> bool {
    // SAFETY: the caller's promise.
    let last = behind.then(|| StreamNumber(unsafe { stream.read() }));
    // SAFETY: the caller's promise.
    window::next_failed(last).map(|StreamNumber(number)| unsafe { stream.write(number) }).is_some()
}

/// The frame that shows best what became of a stream; 0 if that is not known.
#[unsafe(no_mangle)]
pub extern "C" fn tcpshake_frame_that_shows(stream: c_uint) -> c_uint {
    window::frame_that_shows(StreamNumber(stream)).map_or(0, FrameNumber::get)
}

/// The words for a segment that opens or closes, for flow graphs and for who follows a stream; false if it does neither.
///
/// # Safety
/// `asked` has to be valid, with as many bytes as it says; `words` valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcpshake_words(asked: *const ws::tcpshake_tapped_t, words: *mut ws::tcpshake_words_t) -> bool {
    thread_local! {
        /// The texts last handed out. They stay until the next call.
        static TEXTS: RefCell<[CString; 2]> = RefCell::default();
    }
    // SAFETY: the caller's promise.
    let tapped = unsafe { Tapped::of(asked) };
    let found = with(&SESSION, |session| flow::words(&tapped.scene(session)?));
    let Some(Some((texts, sender))) = found else { return false };
    guard::or(false, || {
        TEXTS.with_borrow_mut(|kept| {
            *kept = texts;
            let [label, comment] = kept.each_ref().map(|text| text.as_ptr());
            // SAFETY: the caller's promise; the texts stay where they are until the next call.
            unsafe { words.write(ws::tcpshake_words_t { label, comment, from_server: sender == Side::Server }) };
        });
        true
    })
}
