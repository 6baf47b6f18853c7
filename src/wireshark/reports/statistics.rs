//! *Statistics > TCP Handshake*: what became of the connections, counted. `tshark -q -z tcpshake,tree`.
//!
//! A connection is counted from its first tapped segment on, and counted differently when more becomes known of it: what it
//! counts as is compared with what it counted as before, and the difference is added to the tree.

use super::super::bindings as ws;
use super::super::guard::with;
use super::super::session::{SESSION, Session, Stream};
use super::tapped::Tapped;
use crate::tcp::named;
use crate::tcp::{
    CLOSE_TIMEOUT, Capture, ClosingKind, Completeness, Connection, Outcome, Reason, Side, Span, StreamNumber,
    Timestamp, Verdict,
};
use libc::{c_int, c_void};
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::ffi::{CStr, CString};
use std::sync::Mutex;

/// The line that holds all others.
const CONNECTIONS: &CStr = c"Connections";

named! {
    /// A heading of the tree, in the order of the window.
    Heading {
        /// What became of the connections.
        Outcome = 1 c"Outcome",
        /// Why they failed, or that they are fine.
        Verdict = 2 c"Verdict",
        /// How they were closed.
        Closing = 3 c"Closing",
        /// Who began to close.
        ClosedFirstBy = 4 c"Closed first by",
        /// How often a SYN was sent.
        Syns = 5 c"SYNs sent",
        /// How often a SYN-ACK was sent.
        SynAcks = 6 c"SYN-ACKs sent",
        /// Beside Wireshark's.
        Completeness = 7 c"Completeness",
        /// By address and port.
        Servers = 8 c"Servers",
        /// From the first SYN to the ACK.
        OpeningTime = 9 c"Opening time (ms)",
    }
}

named! {
    /// How it went at a server.
    Fate {
        /// No connection came about.
        Failed = 1 c"Failed to open",
        /// A RST ended it.
        Aborted = 2 c"Aborted",
        /// Neither.
        Well = 3 c"Opened and not aborted",
    }
}

named! {
    /// Our completeness beside Wireshark's.
    Comparison {
        /// The same.
        Agrees = 1 c"Agrees with Wireshark's",
        /// Another, and a reason is named.
        Explained = 2 c"Differs, for a known reason",
        /// Another, and no reason fits.
        Unexplained = 3 c"Differs, for no known reason",
    }
}

/// Ranges of the opening time: below this many milliseconds, and the title.
const RANGES: [(f32, &CStr); 5] = [
    (1.0, c"below 1"),
    (10.0, c"1 to 10"),
    (100.0, c"10 to 100"),
    (1000.0, c"100 to 1000"),
    (f32::INFINITY, c"1000 and more"),
];

/// What a connection counts as under one heading: a line, and below a server's its fate.
type Line = (Heading, Cow<'static, CStr>, Option<Fate>);

/// What became of a connection in a capture, and the verdict on it. The end of what was read is taken for the end of the
/// capture, so that silence is an answer.
fn judge(connection: &Connection, capture: Capture) -> (Outcome, Verdict) {
    (connection.outcome(Some(capture.until)), connection.verdict(capture).verdict)
}

/// What a connection counts as that was judged so.
fn entries(
    number: StreamNumber,
    stream: &Stream,
    connection: &Connection,
    (outcome, verdict): (Outcome, Verdict),
) -> Vec<Line> {
    let opening = connection.opening();
    let mut entries = vec![
        (Heading::Outcome, Cow::Borrowed(outcome.c_name()), None),
        (Heading::Verdict, Cow::Borrowed(verdict.c_name()), None),
        (Heading::Syns, times(opening.syn_count()), None),
        (Heading::SynAcks, times(opening.syn_ack_count()), None),
        (Heading::Servers, text(server(stream, connection)), fate(outcome)),
    ];
    if let Some(kind) = connection.closing_kind() {
        entries.push((Heading::Closing, kind.c_name().into(), None));
    }
    if let Some(side) = connection.closed_first() {
        entries.push((Heading::ClosedFirstBy, side.c_name().into(), None));
    }
    if let Some(wiresharks) = stream.wiresharks_completeness(number) {
        entries.push((Heading::Completeness, compare(connection, wiresharks).c_name().into(), None));
    }
    entries
}

fn server(stream: &Stream, connection: &Connection) -> String {
    stream.address(connection.end_of(Side::Server))
}

fn text(text: String) -> Cow<'static, CStr> {
    CString::new(text).unwrap_or_default().into()
}

/// How often something was sent.
fn times(count: u16) -> Cow<'static, CStr> {
    match TIMES.get(usize::from(count)) {
        Some(&name) => name.into(),
        None => text(format!("{count} times")),
    }
}

const TIMES: [&CStr; 3] = [c"none captured", c"once", c"twice"];

fn fate(outcome: Outcome) -> Option<Fate> {
    match outcome {
        Outcome::NoAnswer | Outcome::Refused | Outcome::Unreachable | Outcome::HalfOpen => Some(Fate::Failed),
        Outcome::AbortedByClient | Outcome::AbortedByServer => Some(Fate::Aborted),
        Outcome::Established | Outcome::ClosedNormally | Outcome::HalfClosed => Some(Fate::Well),
        Outcome::InProgress | Outcome::OpeningNotCaptured => None,
    }
}

fn compare(connection: &Connection, wiresharks: Completeness) -> Comparison {
    if connection.completeness() == wiresharks {
        Comparison::Agrees
    } else if connection.differences(wiresharks).contains(&Reason::Unexplained) {
        Comparison::Unexplained
    } else {
        Comparison::Explained
    }
}

/// A statistics tree of Wireshark's.
#[derive(Clone, Copy)]
struct StatsTree(*mut ws::stats_tree);

#[allow(clippy::useless_conversion)] // gboolean in 4.0, bool from 4.4 on
impl StatsTree {
    /// A line below the line `parent`, made if it is not there, with `count` added to it; returns the line. Lines have
    /// room for others below them.
    fn add(self, name: &CStr, parent: c_int, count: i32) -> c_int {
        // SAFETY: Wireshark passed the tree to the callback that this is called from, and copies the name.
        unsafe { ws::stats_tree_manip_node_int(ws::MN_INCREASE, self.0, name.as_ptr(), parent, true.into(), count) }
    }

    /// The same for a line that shows the average, the least and the greatest of its values.
    fn average(self, name: &CStr, parent: c_int, value: f32) -> c_int {
        // SAFETY: as above.
        unsafe { ws::stats_tree_manip_node_float(ws::MN_AVERAGE, self.0, name.as_ptr(), parent, true.into(), value) }
    }

    /// Keeps a line above its neighbours, however they are sorted.
    fn keep_on_top(self, name: &CStr, parent: c_int) {
        let flag = ws::ST_FLG_SORT_TOP as c_int;
        // SAFETY: as above.
        unsafe { ws::stats_tree_manip_node_int(ws::MN_SET_FLAGS, self.0, name.as_ptr(), parent, true.into(), flag) };
    }

    /// A new line.
    fn make(self, name: &CStr, parent: c_int, kind: ws::stat_node_datatype) -> c_int {
        // SAFETY: as above.
        unsafe { ws::stats_tree_create_node(self.0, name.as_ptr(), parent, kind, true.into()) }
    }
}

/// What one tree has counted.
struct Census {
    /// The line that holds all others.
    all: c_int,
    counted: HashMap<StreamNumber, Placed>,
    /// Connections of which silence may make another outcome or verdict, and when to look again.
    waiting: VecDeque<(Timestamp, StreamNumber)>,
}

/// After how much silence an outcome or verdict does not change any more, but for a stall: a close waits longest.
const SETTLED: Span = CLOSE_TIMEOUT;

#[derive(Default)]
struct Placed {
    entries: Vec<Line>,
    timed: bool,
}

impl Census {
    /// Makes the lines that are there from the start, so that they show a zero where nothing is counted.
    fn new(tree: StatsTree) -> Census {
        let all = tree.make(CONNECTIONS, 0, ws::STAT_DT_INT);
        for &heading in Heading::ALL {
            let kind = if heading == Heading::OpeningTime { ws::STAT_DT_FLOAT } else { ws::STAT_DT_INT };
            let line = tree.make(heading.c_name(), all, kind);
            for name in fixed_lines(heading) {
                tree.make(name, line, kind);
            }
        }
        tree.keep_on_top(Heading::Outcome.c_name(), all);
        Census { all, counted: HashMap::new(), waiting: VecDeque::new() }
    }

    /// Counts the connection of a segment, and those again of which nothing has come for long enough. A report may be made while
    /// the capture is read for the first time, and then its end is known to none of them yet.
    fn take_in(&mut self, tree: StatsTree, number: StreamNumber, stream: &Stream, session: &Session) {
        let capture = session.capture();
        if let Some(connection) = &stream.connection {
            let now = judge(connection, capture);
            self.count(tree, number, stream, connection, now);
            if now != judge(connection, Capture { until: Timestamp(i64::MAX), ..capture }) {
                self.waiting.push_back((Timestamp(capture.until.0.saturating_add(SETTLED.0)), number));
            }
        }
        while let Some(&(_, number)) = self.waiting.front().filter(|(due, _)| *due <= capture.until) {
            self.waiting.pop_front();
            let stream = session.known(number);
            if let Some((stream, connection)) = stream.and_then(|it| Some((it, it.connection.as_ref()?))) {
                self.count(tree, number, stream, connection, judge(connection, capture));
            }
        }
    }

    /// Counts a connection as what it is now, and no longer as what it was.
    fn count(
        &mut self,
        tree: StatsTree,
        number: StreamNumber,
        stream: &Stream,
        connection: &Connection,
        judged: (Outcome, Verdict),
    ) {
        let entries = entries(number, stream, connection, judged);
        let counted = self.counted.entry(number).or_insert_with(|| {
            tree.add(CONNECTIONS, 0, 1);
            Placed::default()
        });
        let add = |&(heading, ref name, fate): &Line, count| {
            let heading = tree.add(heading.c_name(), self.all, count);
            let line = tree.add(name, heading, count);
            if fate.is_some() {
                for &one in Fate::ALL {
                    tree.add(one.c_name(), line, if Some(one) == fate { count } else { 0 });
                }
            }
        };
        for gone in counted.entries.iter().filter(|entry| !entries.contains(entry)) {
            add(gone, -1);
        }
        for new in entries.iter().filter(|entry| !counted.entries.contains(entry)) {
            add(new, 1);
        }
        counted.entries = entries;
        if let (Some(duration), false) = (connection.opening().duration().span(), counted.timed) {
            counted.timed = true;
            self.time(tree, duration, &server(stream, connection));
        }
    }

    /// Adds an opening time to the average of all, of its range, and of its server.
    fn time(&self, tree: StatsTree, Span(nanoseconds): Span, server: &str) {
        let milliseconds = (nanoseconds as f64 / 1e6) as f32;
        let title = Heading::OpeningTime.c_name();
        let line = tree.average(title, self.all, milliseconds);
        if let Some((_, range)) = RANGES.iter().find(|(below, _)| milliseconds < *below) {
            tree.average(range, line, milliseconds);
        }
        let servers = tree.add(Heading::Servers.c_name(), self.all, 0);
        let server = tree.add(&text(server.to_owned()), servers, 0);
        tree.average(title, server, milliseconds);
    }
}

/// The lines of a heading that are there from the start.
fn fixed_lines(heading: Heading) -> Vec<&'static CStr> {
    match heading {
        Heading::Outcome => Outcome::ALL.iter().filter(|o| **o != Outcome::InProgress).map(|o| o.c_name()).collect(),
        Heading::Closing => ClosingKind::ALL.iter().map(|kind| kind.c_name()).collect(),
        Heading::ClosedFirstBy => Side::ALL.iter().map(|side| side.c_name()).collect(),
        Heading::Syns | Heading::SynAcks => TIMES.to_vec(),
        Heading::Completeness => Comparison::ALL.iter().map(|comparison| comparison.c_name()).collect(),
        Heading::OpeningTime => RANGES.iter().map(|(_, title)| *title).collect(),
        Heading::Verdict | Heading::Servers => Vec::new(),
    }
}

/// What each open tree has counted, by the tree's address.
static CENSUSES: Mutex<Vec<(usize, Census)>> = Mutex::new(Vec::new());

/// Another capture: its connections are others, though the trees may go on counting.
pub fn forget() {
    with(&CENSUSES, |censuses| {
        censuses.iter_mut().for_each(|(_, census)| {
            census.counted.clear();
            census.waiting.clear();
        });
    });
}

extern "C" fn begin(tree: *mut ws::stats_tree) {
    with(&CENSUSES, |censuses| {
        censuses.retain(|(address, _)| *address != tree as usize);
        censuses.push((tree as usize, Census::new(StatsTree(tree))));
    });
}

extern "C" fn end(tree: *mut ws::stats_tree) {
    with(&CENSUSES, |censuses| censuses.retain(|(address, _)| *address != tree as usize));
}

extern "C" fn packet(
    tree: *mut ws::stats_tree,
    _: *mut ws::packet_info,
    _: *mut ws::epan_dissect_t,
    data: *const c_void,
    _: ws::tap_flags_t,
) -> ws::tap_packet_status {
    // SAFETY: the data of our own tap.
    let tapped = unsafe { Tapped::of(data.cast()) };
    let counted = with(&CENSUSES, |censuses| {
        let (_, census) = censuses.iter_mut().find(|(address, _)| *address == tree as usize)?;
        with(&SESSION, |session| {
            let (number, stream) = tapped.stream(session)?;
            census.take_in(StatsTree(tree), number, stream, session);
            Some(())
        })?
    });
    if counted.flatten().is_some() { ws::TAP_PACKET_REDRAW } else { ws::TAP_PACKET_DONT_REDRAW }
}

/// Offers the statistics. Not when Wireshark asks plugins for their taps, which sharkd never does.
///
/// # Safety
/// To be called when all protocols are registered, once.
pub unsafe fn register() {
    // SAFETY: the strings are constants.
    unsafe {
        ws::stats_tree_register_plugin(
            c"tcpshake".as_ptr(),
            c"tcpshake".as_ptr(),
            c"TCP Handshake".as_ptr(),
            ws::TL_REQUIRES_NOTHING,
            Some(packet),
            Some(begin),
            Some(end),
        );
    }
}
