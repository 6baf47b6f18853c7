//! What is in a row: Zeek's columns in Zeek's order, then our own. A line each.

use super::uid::uid;
use super::{Row, Value};
use crate::tcp::{Connection, End};
use std::borrow::Cow;

/// Zeek's types, as the header names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Seconds since 1970.
    Time,
    /// Text.
    String,
    /// An address.
    Addr,
    /// A port.
    Port,
    /// One of a list of names.
    Enum,
    /// Seconds.
    Interval,
    /// A number from 0.
    Count,
    /// T or F.
    Bool,
    /// Texts, with commas between them.
    Set,
}

impl ColumnKind {
    /// Its name in the header.
    pub fn name(self) -> &'static str {
        match self {
            ColumnKind::Time => "time",
            ColumnKind::String => "string",
            ColumnKind::Addr => "addr",
            ColumnKind::Port => "port",
            ColumnKind::Enum => "enum",
            ColumnKind::Interval => "interval",
            ColumnKind::Count => "count",
            ColumnKind::Bool => "bool",
            ColumnKind::Set => "set[string]",
        }
    }
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Its name in the header, and its key in JSON.
    pub name: &'static str,
    /// Its type.
    pub kind: ColumnKind,
    /// What it has in a row; `None` where that is not known.
    pub value: for<'a> fn(&'a Row<'a>) -> Option<Value<'a>>,
}

const fn column(name: &'static str, kind: ColumnKind, value: for<'a> fn(&'a Row<'a>) -> Option<Value<'a>>) -> Column {
    Column { name, kind, value }
}

/// The columns of a row, in their order. Zeek's have its meanings (`scripts/base/protocols/conn/main.zeek`); the originator
/// is our client, and a duration goes to the last packet, while Zeek's ends with the last that has a part in the close.
pub static COLUMNS: &[Column] = &[
    column("ts", ColumnKind::Time, |row| Some(Value::Micros(row.first_micros()))),
    column("uid", ColumnKind::String, |row| text(uid(row))),
    column("id.orig_h", ColumnKind::Addr, |row| row.address(row.originator())),
    column("id.orig_p", ColumnKind::Port, |row| row.port(row.originator())),
    column("id.resp_h", ColumnKind::Addr, |row| row.address(row.responder())),
    column("id.resp_p", ColumnKind::Port, |row| row.port(row.responder())),
    column("proto", ColumnKind::Enum, |_| text("tcp")),
    column("service", ColumnKind::String, |row| text(service(row.protocol?))),
    column("duration", ColumnKind::Interval, |row| row.duration().map(Value::Micros)),
    column("orig_bytes", ColumnKind::Count, |row| row.bytes(row.originator())),
    column("resp_bytes", ColumnKind::Count, |row| row.bytes(row.responder())),
    column("conn_state", ColumnKind::String, |row| text(row.connection?.zeek().conn_state())),
    column("local_orig", ColumnKind::Bool, |_| None),
    column("local_resp", ColumnKind::Bool, |_| None),
    column("missed_bytes", ColumnKind::Count, |row| Some(Value::Number(row.connection?.zeek().missed_bytes()))),
    column("history", ColumnKind::String, |row| row.history()),
    column("orig_pkts", ColumnKind::Count, |row| Some(Value::Number(row.traffic.volumes[row.originator()].packets))),
    column("orig_ip_bytes", ColumnKind::Count, |row| {
        Some(Value::Number(row.traffic.volumes[row.originator()].ip_bytes))
    }),
    column("resp_pkts", ColumnKind::Count, |row| Some(Value::Number(row.traffic.volumes[row.responder()].packets))),
    column("resp_ip_bytes", ColumnKind::Count, |row| {
        Some(Value::Number(row.traffic.volumes[row.responder()].ip_bytes))
    }),
    column("tunnel_parents", ColumnKind::Set, |_| None),
    column("tcpshake.stream", ColumnKind::Count, |row| Some(Value::Number(row.stream.0.into()))),
    column("tcpshake.first_frame", ColumnKind::Count, |row| Some(Value::Number(row.traffic.first_frame.get().into()))),
    column("tcpshake.verdict", ColumnKind::String, |row| text(row.finding.as_ref()?.verdict.name())),
    column("tcpshake.where", ColumnKind::String, |row| text(row.finding.as_ref()?.suspect?.name())),
    column("tcpshake.certain", ColumnKind::Bool, |row| Some(Value::Bool(row.finding.as_ref()?.certain))),
    column("tcpshake.outcome", ColumnKind::String, |row| text(row.connection?.outcome(Some(row.until)).name())),
    column("tcpshake.opening_duration", ColumnKind::Interval, |row| opening_duration(row.connection?)),
    column("tcpshake.syn_count", ColumnKind::Count, |row| {
        Some(Value::Number(row.connection?.opening().syn_count().into()))
    }),
    column("tcpshake.closing_kind", ColumnKind::String, |row| text(row.connection?.closing_kind()?.name())),
    column("tcpshake.closing_initiator", ColumnKind::String, |row| text(row.connection?.closed_first()?.name())),
    column("tcpshake.completeness", ColumnKind::Count, |row| {
        Some(Value::Number(row.connection?.completeness().bits().into()))
    }),
];

fn text<'a>(text: impl Into<Cow<'a, str>>) -> Option<Value<'a>> {
    Some(Value::Text(text.into()))
}

fn opening_duration(connection: &Connection) -> Option<Value<'static>> {
    connection.opening().duration().span().map(|span| Value::Nanos(span.0))
}

impl Row<'_> {
    /// Zeek counts in microseconds, and leaves off what is less.
    fn first_micros(&self) -> i64 {
        { self.traffic.first.0 }.div_euclid(1000)
    }

    /// Zeek leaves a duration of 0 out, and with it both ends' bytes.
    fn duration(&self) -> Option<i64> {
        let last = { self.traffic.last.0 }.div_euclid(1000);
        Some(last - self.first_micros()).filter(|&duration| duration > 0)
    }

    fn bytes(&self, end: End) -> Option<Value<'_>> {
        self.duration()?;
        Some(Value::Number(self.connection?.zeek().bytes(end)))
    }

    /// Zeek leaves out one without letters.
    fn history(&self) -> Option<Value<'_>> {
        let history = self.connection?.zeek().history();
        if history.is_empty() { None } else { text(history) }
    }

    fn address(&self, end: End) -> Option<Value<'_>> {
        text(self.hosts[end].as_ref()?.address.as_str())
    }

    fn port(&self, end: End) -> Option<Value<'_>> {
        Some(Value::Number(self.hosts[end].as_ref()?.port.into()))
    }
}

/// What Zeek calls a protocol that Wireshark calls otherwise.
const SERVICES: [(&str, &str); 7] = [
    ("tls", "ssl"),
    ("pop", "pop3"),
    ("kerberos", "krb_tcp"),
    ("pgsql", "postgresql"),
    ("mbtcp", "modbus"),
    ("vnc", "rfb"),
    ("smb2", "smb"),
];

fn service(protocol: &str) -> &str {
    SERVICES.iter().find(|(wiresharks, _)| *wiresharks == protocol).map_or(protocol, |(_, zeeks)| zeeks)
}
