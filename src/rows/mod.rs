//! Connections as rows: what Zeek's `conn.log` says of each, with columns of our own behind it, for the tools that read
//! Zeek.
//!
//! [`COLUMNS`] says what is in a row; [`log`] writes rows as Zeek's ASCII format, [`json`] as JSON, a line each. [`tables`] has
//! what Wireshark shows in tables of its own.

#![forbid(unsafe_code)]

mod columns;
pub mod json;
pub mod log;
pub mod tables;
mod uid;

use crate::tcp::{Connection, End, Finding, FrameNumber, PerEnd, SeqNumber, Side, StreamNumber, Timestamp};
use std::borrow::Cow;
use std::fmt;

pub use columns::{COLUMNS, Column, ColumnKind};

/// What a column has in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text, as it is.
    Text(Cow<'a, str>),
    /// A number.
    Number(u64),
    /// A time or a stretch of it in seconds, written with six decimals, as Zeek does; here in microseconds.
    Micros(i64),
    /// A stretch of time in seconds, written with nine decimals; here in nanoseconds.
    Nanos(i64),
    /// True or false.
    Bool(bool),
}

/// An end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its address as text: `192.0.2.1`, `2001:db8::1`.
    pub address: String,
    /// Its port.
    pub port: u16,
}

/// Address and port in one text: `192.0.2.1:58512`, `[2001:db8::1]:58512`.
impl fmt::Display for Host {
    fn fmt(&self, text: &mut fmt::Formatter) -> fmt::Result {
        let Host { address, port } = self;
        if address.contains(':') { write!(text, "[{address}]:{port}") } else { write!(text, "{address}:{port}") }
    }
}

/// What an end sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// How many packets, those captured again included.
    pub packets: u64,
    /// How many bytes they had from the IP header on.
    pub ip_bytes: u64,
}

/// What is counted of a connection for its row.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// The frame of the first segment.
    pub first_frame: FrameNumber,
    /// Its sequence number.
    pub first_seq: SeqNumber,
    /// When the first segment was captured; the earliest, where the capture's clock went backwards.
    pub first: Timestamp,
    /// When the last one was.
    pub last: Timestamp,
    /// What each end sent.
    pub volumes: PerEnd<Volume>,
}

impl Traffic {
    /// Of a connection whose first segment is this one, before it is counted.
    pub fn new(first_frame: FrameNumber, first_seq: SeqNumber, time: Timestamp) -> Traffic {
        Traffic { first_frame, first_seq, first: time, last: time, volumes: PerEnd::default() }
    }

    /// Counts a segment; `ip_bytes` are those of its packet from the IP header on.
    pub fn count(&mut self, from: End, time: Timestamp, ip_bytes: u32) {
        self.first = self.first.min(time);
        self.last = self.last.max(time);
        let volume = &mut self.volumes[from];
        volume.packets += 1;
        volume.ip_bytes += u64::from(ip_bytes);
    }
}

/// A connection, as far as its row needs it.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Wireshark's number for it.
    pub stream: StreamNumber,
    /// What is known of it; `None` where the plugin failed on it.
    pub connection: Option<&'a Connection>,
    /// What was counted of it.
    pub traffic: &'a Traffic,
    /// Its ends; `None` where Wireshark's conversation is not known.
    pub hosts: PerEnd<Option<Host>>,
    /// The protocol that Wireshark found in its payload, by Wireshark's name.
    pub protocol: Option<&'a str>,
    /// The verdict on it.
    pub finding: Option<Finding>,
    /// When the capture ends, as far as it was read.
    pub until: Timestamp,
}

impl Row<'_> {
    /// The end that is Zeek's originator here: our client.
    fn originator(&self) -> End {
        self.connection.map_or(End::A, |connection| connection.end_of(Side::Client))
    }

    fn responder(&self) -> End {
        self.originator().peer()
    }
}

/// Seconds with decimals, of a count of their fractions.
fn write_seconds(text: &mut String, count: i64, decimals: usize) {
    use std::fmt::Write;
    let unit = 10_u64.pow(decimals as u32);
    let (sign, count) = (if count < 0 { "-" } else { "" }, count.unsigned_abs());
    let _ = write!(text, "{sign}{}.{:0decimals$}", count / unit, count % unit);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_all_their_decimals() {
        for (count, decimals, expected) in
            [(0, 6, "0.000000"), (1_000_001, 6, "1.000001"), (-1, 6, "-0.000001"), (10_659_000, 9, "0.010659000")]
        {
            let mut text = String::new();
            write_seconds(&mut text, count, decimals);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn traffic_is_counted_by_end() {
        let mut traffic = Traffic::new(FrameNumber::new(7).unwrap(), SeqNumber(1), Timestamp(50));
        for (from, time, bytes) in [(End::A, 50, 40), (End::B, 70, 1500), (End::B, 60, 52)] {
            traffic.count(from, Timestamp(time), bytes);
        }
        assert_eq!((traffic.first, traffic.last), (Timestamp(50), Timestamp(70)));
        assert_eq!(traffic.volumes[End::A], Volume { packets: 1, ip_bytes: 40 });
        assert_eq!(traffic.volumes[End::B], Volume { packets: 2, ip_bytes: 1552 });
    }
}
