//! All connections as rows: `tshark -q -z tcpshake,conn.log[,filter]`, as Zeek's logs have them, and
//! `-z tcpshake,conn.json[,filter]`, as JSON.
//!
//! What a row has beyond what the plugin knows of a connection anyway is counted here, where the report was asked for.

use super::super::bindings as ws;
use super::super::chunks::Chunks;
use super::super::guard::with;
use super::super::records::Record;
use super::super::session::{SESSION, Session};
use super::listener::{Choice, listen};
use super::tapped::Tapped;
use crate::rows::{Row, Traffic, json, log};
use crate::tcp::{End, PerEnd, StreamNumber, Timestamp};
use libc::{c_int, c_void};
use std::ffi::{CStr, CString};
use std::ptr;
use std::sync::Mutex;

/// How the rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Zeek's ASCII logs.
    Log,
    /// An object a line.
    Json,
}

impl Format {
    /// The report's name.
    fn report(self) -> &'static str {
        match self {
            Format::Log => "tcpshake,conn.log",
            Format::Json => "tcpshake,conn.json",
        }
    }
}

/// A `-z tcpshake,conn.log` or `conn.json`. Wireshark distinguishes listeners by its address.
struct RowReport {
    format: Format,
    choice: &'static Choice,
    noted: Mutex<Noted>,
}

/// What one of them has noted.
struct Noted {
    /// By stream number; `None` where nothing of the stream was tapped.
    counted: Chunks<Option<Tallied>>,
    /// Whether the header is printed, and not the last line.
    is_open: bool,
}

/// What is counted of a connection.
struct Tallied {
    traffic: Traffic,
    /// Wireshark's number of the first protocol that was found in its payload; -1 before.
    protocol: c_int,
}

/// All that were begun.
static REPORTS: Mutex<Vec<&RowReport>> = Mutex::new(Vec::new());

/// How much text is printed at once, in bytes.
const PIECE: usize = 1 << 16;

/// Registers the listeners. False, with a message on stderr, if the filter is invalid.
///
/// # Safety
/// To be called while Wireshark takes its arguments.
pub unsafe fn begin(format: Format, filter: Option<&CStr>) -> bool {
    // SAFETY: the caller's promise.
    let Some(choice) = (unsafe { Choice::begin(format.report(), filter) }) else { return false };
    let noted = Mutex::new(Noted { counted: Chunks::new(), is_open: false });
    let report: &RowReport = Box::leak(Box::new(RowReport { format, choice, noted }));
    with(&REPORTS, |reports| reports.push(report));
    // SAFETY: it is never freed.
    unsafe { listen(format.report(), ptr::from_ref(report).cast(), None, Some(note), [Some(reset), Some(draw)]) }
}

/// Counts a segment.
unsafe extern "C" fn note(
    report: *mut c_void,
    pinfo: *mut ws::packet_info,
    _: *mut ws::epan_dissect_t,
    data: *const c_void,
    _: ws::tap_flags_t,
) -> ws::tap_packet_status {
    // SAFETY: the report that was registered.
    let report: &RowReport = unsafe { &*report.cast() };
    // SAFETY: the data of our own tap.
    let tapped = unsafe { Tapped::of(data.cast()) };
    let record = with(&SESSION, |session| tapped.record(session).copied()).flatten();
    if let Some(record) = record {
        // SAFETY: Wireshark's record of the frame, valid for the call; the function only reads it.
        with(&report.noted, |noted| noted.count(&tapped, &record, || unsafe { ws::tcpshake_service(pinfo.cast()) }));
    }
    ws::TAP_PACKET_REDRAW
}

/// Another capture, or the same from the start.
unsafe extern "C" fn reset(report: *mut c_void) {
    // SAFETY: the report that was registered.
    let report: &RowReport = unsafe { &*report.cast() };
    report.clear();
}

/// Prints what was noted.
unsafe extern "C" fn draw(report: *mut c_void) {
    // SAFETY: the report that was registered.
    let report: &RowReport = unsafe { &*report.cast() };
    report.print();
    report.close();
}

/// Prints what is left before the connections are forgotten, as the stories do. The log goes on with the next ones.
pub fn print_rest() {
    for report in with(&REPORTS, |reports| reports.clone()).unwrap_or_default() {
        if with(&report.noted, |noted| noted.counted.len() > 0).unwrap_or(false) {
            report.print();
            report.clear();
        }
    }
}

impl Noted {
    fn count(&mut self, tapped: &Tapped, record: &Record, protocol: impl FnOnce() -> c_int) {
        let Some(header) = tapped.header() else { return };
        let time = tapped.time();
        let counted = self
            .counted
            .reach(record.stream.0 as usize, || None)
            .get_or_insert_with(|| Tallied { traffic: Traffic::new(record.frame, header.seq, time), protocol: -1 });
        counted.traffic.count(record.place.from(), time, record.length.saturating_add(tapped.ip_header()));
        if counted.protocol < 0 && record.length > header.length {
            counted.protocol = protocol();
        }
    }

    fn streams(&self) -> impl Iterator<Item = (StreamNumber, &Tallied)> {
        let numbers = 0..self.counted.len();
        numbers.filter_map(|index| Some((StreamNumber(index as u32), self.counted[index].as_ref()?)))
    }
}

impl RowReport {
    fn clear(&self) {
        with(&self.noted, |noted| noted.counted = Chunks::new());
        self.choice.clear();
    }

    /// Prints the header, if it is not printed yet, and a row for each connection that is noted and chosen.
    fn print(&self) {
        with(&self.noted, |noted| {
            self.choice.with(|is_chosen| {
                with(&SESSION, |session| {
                    let mut text = String::new();
                    if !std::mem::replace(&mut noted.is_open, true) && self.format == Format::Log {
                        let first = noted.streams().map(|(_, counted)| counted.traffic.first).min();
                        log::write_header(&mut text, &date(first.unwrap_or(session.capture().until)));
                    }
                    self.write_rows(&mut text, noted, session, is_chosen);
                    print(text);
                })
            });
        });
    }

    fn write_rows(
        &self,
        text: &mut String,
        noted: &Noted,
        session: &Session,
        is_chosen: &dyn Fn(StreamNumber) -> bool,
    ) {
        for (stream, counted) in noted.streams().filter(|(number, _)| is_chosen(*number)) {
            let row = row(stream, counted, session);
            match self.format {
                Format::Log => log::write(text, &row),
                Format::Json => json::write(text, &row),
            }
            if text.len() >= PIECE {
                print(std::mem::take(text));
            }
        }
    }

    /// Prints the last line.
    fn close(&self) {
        with(&self.noted, |noted| {
            if std::mem::take(&mut noted.is_open) && self.format == Format::Log {
                let mut text = String::new();
                let until = with(&SESSION, |session| session.capture().until);
                log::write_close(&mut text, &date(until.unwrap_or(Timestamp(0))));
                print(text);
            }
        });
    }
}

fn row<'a>(stream: StreamNumber, counted: &'a Tallied, session: &'a Session) -> Row<'a> {
    let known = session.known(stream);
    let mut hosts = PerEnd::default();
    for end in [End::A, End::B] {
        hosts[end] = known.and_then(|stream| stream.host(end));
    }
    let connection = known.and_then(|stream| stream.connection.as_ref());
    Row {
        stream,
        connection,
        finding: connection.map(|connection| connection.verdict(session.capture())),
        traffic: &counted.traffic,
        hosts,
        protocol: protocol_name(counted.protocol),
        until: session.capture().until,
    }
}

/// A protocol's name in filters.
fn protocol_name(number: c_int) -> Option<&'static str> {
    if number < 0 {
        return None;
    }
    // SAFETY: the number is of a protocol of Wireshark's, which keeps their names.
    let name = unsafe { ws::proto_get_protocol_filter_name(number) };
    // SAFETY: a string that ends with a zero byte, kept as long as the program.
    (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_str().ok()).flatten()
}

/// A time as Zeek's logs have it; the start of 1970 where no frame was read.
fn date(Timestamp(nanoseconds): Timestamp) -> String {
    let seconds = if nanoseconds == i64::MIN { 0 } else { nanoseconds.div_euclid(1_000_000_000) };
    let mut text = [0_u8; 64];
    // SAFETY: the function writes no more than there is room for, which it is given.
    unsafe { ws::tcpshake_date(seconds, text.as_mut_ptr().cast(), text.len()) };
    CStr::from_bytes_until_nul(&text).unwrap_or_default().to_string_lossy().into_owned()
}

fn print(text: String) {
    let text = CString::new(text).unwrap_or_default();
    // SAFETY: a string that ends with a zero byte.
    unsafe { ws::tcpshake_print(text.as_ptr()) };
}
