//! Connections as the rows of a table: one by one, or gathered by client or server.

use super::Host;
use crate::tcp::{Connection, Finding, FrameNumber, Side, Span, StreamNumber, Suspect, Timestamp, Verdict};
use std::borrow::Cow;
use std::ffi::CStr;

/// A column of a table of `T`.
pub struct Column<T> {
    /// Its title.
    pub title: &'static CStr,
    /// How C's printf writes its values.
    pub format: &'static CStr,
    /// What it has in a row.
    pub value: Value<T>,
}

/// How a column gets its values, and so of which type they all are.
pub enum Value<T> {
    /// A number from 0.
    Count(fn(&T) -> u32),
    /// A text.
    Text(for<'a> fn(&'a T) -> Cow<'a, str>),
    /// A number with decimals; `None` where there is none, which only the last column may have: behind an empty cell tshark
    /// prints no other (ui/cli/tap-simple_stattable.c), and what the window saves has one value less.
    Decimal(fn(&T) -> Option<f64>),
}

/// What stands in one row of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// A number.
    Count(u32),
    /// A text.
    Text(Cow<'a, str>),
    /// A number with decimals.
    Decimal(f64),
    /// Nothing.
    Empty,
}

impl<T> Column<T> {
    const fn new(title: &'static CStr, format: &'static CStr, value: Value<T>) -> Column<T> {
        Column { title, format, value }
    }

    /// What it has in the row of `item`.
    pub fn cell<'a>(&self, item: &'a T) -> Cell<'a> {
        match self.value {
            Value::Count(count) => Cell::Count(count(item)),
            Value::Text(text) => Cell::Text(text(item)),
            Value::Decimal(decimal) => decimal(item).map_or(Cell::Empty, Cell::Decimal),
        }
    }
}

/// A connection in a table.
#[derive(Clone, Debug)]
pub struct Entry {
    stream: StreamNumber,
    client: Option<Host>,
    server: Option<Host>,
    verdict: Verdict,
    suspect: Option<Suspect>,
    syns: u16,
    closed_first: Option<Side>,
    /// From its first segment to its last; `None` where that is not known.
    duration: Option<Span>,
    first_frame: FrameNumber,
    /// How long its opening took.
    opening: Option<Span>,
}

impl Entry {
    /// A connection, with the verdict on it, its ends (`None` where Wireshark's conversation is not known), its first frame, and
    /// when that was captured.
    pub fn new(
        stream: StreamNumber,
        connection: &Connection,
        finding: &Finding,
        [client, server]: [Option<Host>; 2],
        first_frame: FrameNumber,
        began: Option<Timestamp>,
    ) -> Entry {
        let lasted = |began: Timestamp| Some((connection.last()? - began).max(Span(0))); // clocks may go backwards
        Entry {
            stream,
            client,
            server,
            verdict: finding.verdict,
            suspect: finding.suspect,
            syns: connection.opening().syn_count(),
            closed_first: connection.closed_first(),
            duration: began.and_then(lasted),
            first_frame,
            opening: connection.opening().duration().span(),
        }
    }

    /// An end's row in the table of such ends: clients by address, servers by address and port.
    pub fn end(&self, side: Side) -> String {
        match side {
            Side::Client => self.client.as_ref().map_or_else(String::new, |client| client.address.clone()),
            Side::Server => text(&self.server),
        }
    }
}

fn text(host: &Option<Host>) -> String {
    host.as_ref().map_or_else(String::new, Host::to_string)
}

fn milliseconds(Span(nanoseconds): Span) -> f64 {
    nanoseconds as f64 / 1e6
}

/// The table of connections.
pub static CONNECTIONS: &[Column<Entry>] = &[
    Column::new(c"Stream", c"%6u", Value::Count(|entry| entry.stream.0)),
    Column::new(c"Client", c"%-21s", Value::Text(|entry| text(&entry.client).into())),
    Column::new(c"Server", c"%-21s", Value::Text(|entry| text(&entry.server).into())),
    Column::new(c"Verdict", c"%-23s", Value::Text(|entry| entry.verdict.name().into())),
    Column::new(c"Where", c"%-7s", Value::Text(|entry| entry.suspect.map_or("", Suspect::name).into())),
    Column::new(c"SYNs", c"%4u", Value::Count(|entry| entry.syns.into())),
    Column::new(c"Closed by", c"%-9s", Value::Text(|entry| entry.closed_first.map_or("", Side::name).into())),
    Column::new(c"Duration (s)", c"%12.6f", Value::Decimal(|entry| Some(milliseconds(entry.duration?) / 1e3))),
    Column::new(c"First frame", c"%11u", Value::Count(|entry| entry.first_frame.get())),
    Column::new(c"Opened in (ms)", c"%14.3f", Value::Decimal(|entry| entry.opening.map(milliseconds))),
];

/// The connections of one client, or of one server.
#[derive(Clone, Debug)]
pub struct Tally {
    end: String,
    connections: u32,
    /// How many of them have each verdict, by its number.
    verdicts: [u32; Verdict::ALL.len() + 1],
    slowest: Option<Span>,
}

impl Tally {
    /// Of the client or server that is called so, without any.
    pub fn new(end: String) -> Tally {
        Tally { end, connections: 0, verdicts: [0; Verdict::ALL.len() + 1], slowest: None }
    }

    /// Counts one more.
    pub fn add(&mut self, entry: &Entry) {
        self.connections += 1;
        self.verdicts[usize::from(entry.verdict.number())] += 1;
        self.slowest = self.slowest.max(entry.opening);
    }

    /// How often each verdict was found by which a connection failed.
    fn failures(&self) -> impl Iterator<Item = (Verdict, u32)> {
        let failed = Verdict::ALL.iter().filter(|verdict| verdict.is_failure());
        failed.map(|&verdict| (verdict, self.verdicts[usize::from(verdict.number())]))
    }

    fn failed(&self) -> u32 {
        self.failures().map(|(_, count)| count).sum()
    }

    /// The most frequent of them, and how often; of those that are as frequent the first.
    fn by_what(&self) -> String {
        let found = self.failures().filter(|(_, count)| *count > 0);
        let most = found.reduce(|most, next| if next.1 > most.1 { next } else { most });
        most.map_or_else(String::new, |(verdict, count)| format!("{} ({count})", verdict.name()))
    }
}

/// The table of clients.
pub static CLIENTS: &[Column<Tally>] = &ends(c"Client");

/// The table of servers.
pub static SERVERS: &[Column<Tally>] = &ends(c"Server");

const fn ends(title: &'static CStr) -> [Column<Tally>; 5] {
    [
        Column::new(title, c"%-21s", Value::Text(|tally| tally.end.as_str().into())),
        Column::new(c"Connections", c"%11u", Value::Count(|tally| tally.connections)),
        Column::new(c"Failed", c"%6u", Value::Count(Tally::failed)),
        Column::new(c"By what", c"%-31s", Value::Text(|tally| tally.by_what().into())),
        Column::new(c"Slowest opening (ms)", c"%20.3f", Value::Decimal(|tally| tally.slowest.map(milliseconds))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(verdict: Verdict, opening: Option<Span>) -> Entry {
        Entry {
            stream: StreamNumber(0),
            client: Some(Host { address: "2001:db8::1".into(), port: 40000 }),
            server: None,
            verdict,
            suspect: None,
            syns: 1,
            closed_first: None,
            duration: Span(1_500_000_000),
            first_frame: FrameNumber::new(7).unwrap(),
            opening,
        }
    }

    #[test]
    fn only_the_last_column_has_empty_cells() {
        let entry = entry(Verdict::Refused, None);
        let cells: Vec<Cell> = CONNECTIONS.iter().map(|column| column.cell(&entry)).collect();
        assert_eq!(cells.iter().position(|cell| *cell == Cell::Empty), Some(CONNECTIONS.len() - 1));
        assert_eq!(cells[1], Cell::Text("[2001:db8::1]:40000".into()));
        assert_eq!(cells[7], Cell::Decimal(1.5));
    }

    #[test]
    fn what_does_not_count_as_failed_names_no_cause() {
        let mut tally = Tally::new("192.0.2.1".into());
        tally.add(&entry(Verdict::SlowOpening, Some(Span(2_000_000_000))));
        tally.add(&entry(Verdict::Fine, Some(Span(1_000_000))));
        assert_eq!((tally.failed(), tally.by_what()), (0, String::new()));
        assert_eq!(tally.slowest, Some(Span(2_000_000_000)));
        for verdict in [Verdict::Stalled, Verdict::NoAnswer, Verdict::Stalled, Verdict::NoAnswer, Verdict::Probe] {
            tally.add(&entry(verdict, None));
        }
        assert_eq!(
            (tally.connections, tally.failed(), tally.by_what()),
            (7, 5, "No answer (2)".into()),
            "the first of both"
        );
    }
}
