//! The story of each connection: `tshark -q -z tcpshake,story[,filter]`.
//!
//! A filter chooses connections, not segments: whoever asks for `tcp.flags.reset == 1` wants to read the whole story of the
//! connections that were reset. So one listener notes every connection, and another, with the filter, which of them to print.

use super::super::bindings as ws;
use super::super::guard::with;
use super::super::preferences;
use super::super::session::{SESSION, Session};
use super::tapped::Tapped;
use crate::narrate::{Ladder, Story};
use crate::tcp::{Side, StreamNumber};
use libc::c_void;
use std::collections::{BTreeMap, HashSet};
use std::ffi::{CStr, CString};
use std::io::Write;
use std::ptr::{self, null};
use std::sync::Mutex;

/// What one `-z tcpshake,story` has noted.
struct Noted {
    /// By stream number.
    stories: BTreeMap<u32, Story>,
    /// Which to print; all if there is no filter.
    chosen: Option<HashSet<u32>>,
}

/// What a listener notes in. Wireshark distinguishes listeners by its address.
struct Report(Mutex<Noted>);

/// What the listener with the filter chooses for.
struct Chooser(&'static Report);

/// All reports that were begun.
static REPORTS: Mutex<Vec<&Report>> = Mutex::new(Vec::new());

/// Registers the listeners. False, with a message on stderr, if the filter is none.
///
/// # Safety
/// To be called while Wireshark takes its arguments.
pub unsafe fn begin(filter: Option<&CStr>) -> bool {
    let chosen = filter.map(|_| HashSet::new());
    let report: &Report = Box::leak(Box::new(Report(Mutex::new(Noted { stories: BTreeMap::new(), chosen }))));
    let chooser: &Chooser = Box::leak(Box::new(Chooser(report)));
    with(&REPORTS, |reports| reports.push(report));
    // SAFETY: neither is ever freed.
    unsafe {
        listen(ptr::from_ref(report).cast(), None, note, Some(reset), Some(draw))
            && (filter.is_none() || listen(ptr::from_ref(chooser).cast(), filter, choose, None, None))
    }
}

/// # Safety
/// `data` has to stay valid as long as the program.
unsafe fn listen(
    data: *const c_void,
    filter: Option<&CStr>,
    packet: PacketCallback,
    reset: Option<unsafe extern "C" fn(*mut c_void)>,
    draw: Option<unsafe extern "C" fn(*mut c_void)>,
) -> bool {
    // SAFETY: the strings are valid for the call, in which Wireshark compiles the filter.
    let error = unsafe {
        ws::register_tap_listener(
            c"tcpshake".as_ptr(),
            data.cast_mut(),
            filter.map_or(null(), CStr::as_ptr),
            ws::TL_REQUIRES_NOTHING,
            reset,
            Some(packet),
            draw,
            None,
        )
    };
    if error.is_null() {
        return true;
    }
    // SAFETY: Wireshark's message, which is ours to free.
    #[allow(clippy::useless_conversion)] // gboolean in 4.0, bool from 4.4 on
    unsafe {
        // Unlike eprintln!, which panics where stderr can't be written.
        let _ = writeln!(std::io::stderr(), "tcpshake,story: {}", CStr::from_ptr((*error).str_).to_string_lossy());
        ws::g_string_free(error, true.into());
    }
    false
}

type PacketCallback = unsafe extern "C" fn(
    *mut c_void,
    *mut ws::packet_info,
    *mut ws::epan_dissect_t,
    *const c_void,
    ws::tap_flags_t,
) -> ws::tap_packet_status;

/// Notes a segment in its connection's story.
unsafe extern "C" fn note(
    report: *mut c_void,
    _: *mut ws::packet_info,
    _: *mut ws::epan_dissect_t,
    data: *const c_void,
    _: ws::tap_flags_t,
) -> ws::tap_packet_status {
    // SAFETY: the report that was registered.
    let Report(noted) = unsafe { &*report.cast() };
    // SAFETY: the data of our own tap.
    let tapped = unsafe { Tapped::of(data.cast()) };
    with(noted, |noted| {
        with(&SESSION, |session| {
            let Some(scene) = tapped.scene(session) else { return };
            let story = noted.stories.entry(scene.stream.0).or_insert_with(|| Story::new(scene.segment.time));
            story.note(&scene.segment, &scene.standing, scene.evidence);
        });
    });
    ws::TAP_PACKET_REDRAW
}

/// Notes that the connection of a segment is to be printed.
unsafe extern "C" fn choose(
    chooser: *mut c_void,
    _: *mut ws::packet_info,
    _: *mut ws::epan_dissect_t,
    data: *const c_void,
    _: ws::tap_flags_t,
) -> ws::tap_packet_status {
    // SAFETY: the chooser that was registered.
    let Chooser(Report(noted)) = unsafe { &*chooser.cast() };
    // SAFETY: the data of our own tap.
    let tapped = unsafe { Tapped::of(data.cast()) };
    let number = with(&SESSION, |session| tapped.stream(session).map(|(number, _)| number)).flatten();
    with(noted, |noted| {
        if let (Some(number), Some(chosen)) = (number, &mut noted.chosen) {
            chosen.insert(number.0);
        }
    });
    ws::TAP_PACKET_DONT_REDRAW
}

/// Prints what is left before the connections are forgotten. Nothing is, where Wireshark resets its listeners before; but
/// tshark forgets its connections without a word to them when it goes on from file to file in a live capture (`-b`), and
/// every so many frames if asked (`-M`).
pub fn print_rest() {
    for Report(noted) in with(&REPORTS, |reports| reports.clone()).unwrap_or_default() {
        with(noted, |noted| {
            noted.print();
            noted.clear();
        });
    }
}

/// Another capture, or the same from the start.
unsafe extern "C" fn reset(report: *mut c_void) {
    // SAFETY: the report that was registered.
    let Report(noted) = unsafe { &*report.cast() };
    with(noted, Noted::clear);
}

/// Prints what was noted.
unsafe extern "C" fn draw(report: *mut c_void) {
    // SAFETY: the report that was registered.
    let Report(noted) = unsafe { &*report.cast() };
    with(noted, |noted| noted.print());
}

impl Noted {
    fn clear(&mut self) {
        self.stories.clear();
        if let Some(chosen) = &mut self.chosen {
            chosen.clear();
        }
    }

    fn print(&self) {
        with(&SESSION, |session| self.print_from(session));
    }

    fn print_from(&self, session: &Session) {
        for (&number, story) in &self.stories {
            if self.chosen.as_ref().is_some_and(|chosen| !chosen.contains(&number)) {
                continue;
            }
            let Some(stream) = session.known(StreamNumber(number)) else { continue };
            let Some(connection) = &stream.connection else { continue };
            let [client, server] = [Side::Client, Side::Server].map(|side| stream.address(connection.end_of(side)));
            let (client, server) = (client.as_str(), server.as_str());
            let (stream, until) = (StreamNumber(number), session.until());
            let ladder = Ladder { stream, connection, story, until, client, server };
            let mut text = String::new();
            ladder.write(&mut text, preferences::language());
            text.push('\n');
            let text = CString::new(text).unwrap_or_default();
            // SAFETY: a string that ends with a zero byte.
            unsafe { ws::tcpshake_print(text.as_ptr()) };
        }
    }
}
