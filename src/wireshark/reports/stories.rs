//! The story of each connection: `tshark -q -z tcpshake,story[,filter]`.

use super::super::bindings as ws;
use super::super::guard::with;
use super::super::preferences;
use super::super::session::{SESSION, Session};
use super::listener::{Choice, listen};
use super::tapped::Tapped;
use crate::narrate::{Ladder, Scene, Story};
use crate::tcp::{Side, StreamNumber};
use libc::c_void;
use std::collections::BTreeMap;
use std::ffi::{CStr, CString};
use std::ptr;
use std::sync::Mutex;

/// A `-z tcpshake,story`. Wireshark distinguishes listeners by its address.
struct StoryReport {
    choice: &'static Choice,
    stories: Mutex<BTreeMap<StreamNumber, Story>>,
}

/// All reports that were begun.
static REPORTS: Mutex<Vec<&StoryReport>> = Mutex::new(Vec::new());

/// Registers the listeners. False, with a message on stderr, if the filter is invalid.
///
/// # Safety
/// To be called while Wireshark takes its arguments.
pub unsafe fn begin(filter: Option<&CStr>) -> bool {
    const NAME: &str = "tcpshake,story";
    // SAFETY: the caller's promise.
    let Some(choice) = (unsafe { Choice::begin(NAME, filter) }) else { return false };
    let report: &StoryReport = Box::leak(Box::new(StoryReport { choice, stories: Mutex::new(BTreeMap::new()) }));
    with(&REPORTS, |reports| reports.push(report));
    // SAFETY: it is never freed.
    unsafe { listen(NAME, ptr::from_ref(report).cast(), None, Some(note), [Some(reset), Some(draw)]) }
}

/// Notes a segment in its connection's story.
unsafe extern "C" fn note(
    report: *mut c_void,
    _: *mut ws::packet_info,
    _: *mut ws::epan_dissect_t,
    data: *const c_void,
    _: ws::tap_flags_t,
) -> ws::tap_packet_status {
    // SAFETY: the report that was registered.
    let report: &StoryReport = unsafe { &*report.cast() };
    // SAFETY: the data of our own tap.
    let tapped = unsafe { Tapped::of(data.cast()) };
    with(&report.stories, |stories| {
        with(&SESSION, |session| {
            if let Some(scene) = tapped.scene(session) {
                take_in(stories, &scene);
            }
        });
    });
    ws::TAP_PACKET_REDRAW
}

/// Notes a segment in the story of its connection.
pub fn take_in(stories: &mut BTreeMap<StreamNumber, Story>, scene: &Scene) {
    let story = stories.entry(scene.stream).or_insert_with(|| Story::new(scene.segment.time));
    story.note(&scene.segment, &scene.standing, scene.evidence);
}

/// Writes the story of a connection with an empty line behind it; nothing where the plugin failed on it.
pub fn write(text: &mut String, session: &Session, number: StreamNumber, story: &Story) {
    let Some(stream) = session.known(number) else { return };
    let Some(connection) = &stream.connection else { return };
    let [client, server] = [Side::Client, Side::Server].map(|side| stream.address(connection.end_of(side)));
    let (client, server, capture) = (client.as_str(), server.as_str(), session.capture());
    let ladder = Ladder { stream: number, connection, story, capture, client, server };
    ladder.write(text, preferences::language());
    text.push('\n');
}

/// Prints what is left before the connections are forgotten. Nothing is, where Wireshark resets its listeners before; but
/// tshark forgets its connections without a word to them when it goes on from file to file in a live capture (`-b`), and
/// every so many frames if asked (`-M`).
pub fn print_rest() {
    for report in with(&REPORTS, |reports| reports.clone()).unwrap_or_default() {
        report.print();
        report.clear();
    }
}

/// Another capture, or the same from the start.
unsafe extern "C" fn reset(report: *mut c_void) {
    // SAFETY: the report that was registered.
    let report: &StoryReport = unsafe { &*report.cast() };
    report.clear();
}

/// Prints what was noted.
unsafe extern "C" fn draw(report: *mut c_void) {
    // SAFETY: the report that was registered.
    let report: &StoryReport = unsafe { &*report.cast() };
    report.print();
}

impl StoryReport {
    fn clear(&self) {
        with(&self.stories, BTreeMap::clear);
        self.choice.clear();
    }

    fn print(&self) {
        with(&self.stories, |stories| {
            self.choice.with(|is_chosen| {
                with(&SESSION, |session| print_from(session, stories.iter().filter(|(number, _)| is_chosen(**number))));
            });
        });
    }
}

fn print_from<'a>(session: &Session, stories: impl Iterator<Item = (&'a StreamNumber, &'a Story)>) {
    for (&number, story) in stories {
        let mut text = String::new();
        write(&mut text, session, number, story);
        let text = CString::new(text).unwrap_or_default();
        // SAFETY: a string that ends with a zero byte.
        unsafe { ws::tcpshake_print(text.as_ptr()) };
    }
}
