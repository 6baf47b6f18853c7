//! *Statistics > TCP Handshake Connections*, *Clients* and *Servers*: `tshark -q -z tcpshake,connections[,filter]` and the like.
//!
//! Wireshark owns the tables and draws them, in its window, tshark and sharkd alike; here are their rows. A connection's row is
//! made once: at the first of its segments that passes the filter in a later pass, where the whole capture is known, or else
//! when all was read.

use super::super::bindings as ws;
use super::super::guard::with;
use super::super::session::{SESSION, Session};
use super::listener::listen;
use super::tapped::Tapped;
use crate::rows::tables::{CLIENTS, CONNECTIONS, Cell, Column, Entry, SERVERS, Tally, Value};
use crate::tcp::{Side, StreamNumber};
use libc::c_void;
use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// What is known of a table's rows.
#[derive(Default)]
struct Rows {
    count: u32,
    /// Whether each connection, by its number, is to be in the table. Wireshark numbers them from 0 on.
    met: Vec<bool>,
    /// Those of them that are not in it yet.
    waiting: Vec<StreamNumber>,
    /// The rows of clients or servers, by what they are called.
    tallies: HashMap<String, (u32, Tally)>,
}

/// The rows of all tables, by the table's number.
static ROWS: Mutex<Vec<Rows>> = Mutex::new(Vec::new());

/// A table begins anew.
pub fn begin(table: ws::tcpshake_table) {
    with(&ROWS, |rows| {
        rows.resize_with(ws::TCPSHAKE_TABLES as usize, Rows::default);
        rows[table as usize] = Rows::default();
    });
}

/// The connection of a segment or event is to be in a table.
pub fn meet(table: ws::tcpshake_table, tapped: &Tapped) {
    with(&ROWS, |rows| {
        with(&SESSION, |session| {
            let rows = &mut rows[table as usize];
            let Some((number, _)) = tapped.stream(session) else { return };
            if rows.meets_first(number) {
                rows.waiting.push(number);
                if tapped.is_revisited() {
                    rows.finish(table, session);
                }
            }
        });
    });
    if !tapped.is_revisited() {
        fill_before_drawing();
    }
}

/// Makes the rows that are missing before the connections are forgotten, as the stories do. The tables go on with the next ones.
pub fn print_rest() {
    finish_all();
    with(&ROWS, |rows| rows.iter_mut().for_each(|rows| rows.met.clear()));
}

/// Has the missing rows made before the tables are drawn. Of the listeners Wireshark calls the youngest first, so this one is
/// registered when the tables' own are (epan/tap.c).
fn fill_before_drawing() {
    static IS_REGISTERED: AtomicBool = AtomicBool::new(false);
    if !IS_REGISTERED.swap(true, Relaxed) {
        let own = ptr::from_ref(&IS_REGISTERED).cast();
        // SAFETY: a constant address; without a filter, nothing is compiled.
        unsafe { listen("tcpshake", own, None, None, [None, Some(draw)]) };
    }
}

unsafe extern "C" fn draw(_: *mut c_void) {
    finish_all();
}

fn finish_all() {
    with(&ROWS, |rows| {
        with(&SESSION, |session| {
            for (table, rows) in rows.iter_mut().enumerate() {
                rows.finish(table as ws::tcpshake_table, session);
            }
        });
    });
}

impl Rows {
    /// Whether this connection is met for the first time.
    fn meets_first(&mut self, number: StreamNumber) -> bool {
        let index = number.0 as usize;
        if index >= self.met.len() {
            self.met.resize(index + 1, false);
        }
        !std::mem::replace(&mut self.met[index], true)
    }

    /// Makes the rows of the connections that wait for theirs.
    fn finish(&mut self, table: ws::tcpshake_table, session: &mut Session) {
        for number in std::mem::take(&mut self.waiting) {
            let Some(entry) = entry(session, number) else { continue };
            match table {
                ws::TCPSHAKE_CLIENTS => self.count_end(table, CLIENTS, &entry, Side::Client),
                ws::TCPSHAKE_SERVERS => self.count_end(table, SERVERS, &entry, Side::Server),
                _ => {
                    set_row(table, self.count, CONNECTIONS, &entry);
                    self.count += 1;
                }
            }
        }
    }

    /// Counts a connection in the row of one of its ends.
    fn count_end(&mut self, table: ws::tcpshake_table, columns: &[Column<Tally>], entry: &Entry, side: Side) {
        let end = entry.end(side);
        let (row, tally) = self.tallies.entry(end).or_insert_with_key(|end| {
            self.count += 1;
            (self.count - 1, Tally::new(end.clone()))
        });
        tally.add(entry);
        set_row(table, *row, columns, tally);
    }
}

/// A connection as a table has it; `None` where nothing of it was captured, or the plugin failed on it.
fn entry(session: &mut Session, number: StreamNumber) -> Option<Entry> {
    let first = session.first(number)?;
    let stream = session.known(number)?;
    let connection = stream.connection.as_ref()?;
    let ends = [Side::Client, Side::Server].map(|side| stream.host(connection.end_of(side)));
    let finding = connection.verdict(session.capture());
    Some(Entry::new(number, connection, &finding, ends, first, stream.began(number)))
}

fn set_row<T>(table: ws::tcpshake_table, row: u32, columns: &[Column<T>], item: &T) {
    let mut texts = Vec::new();
    let cells: Vec<ws::tcpshake_cell_t> = columns.iter().map(|column| cell(column.cell(item), &mut texts)).collect();
    // SAFETY: a cell for each column of the table, of its kind; the texts are there until the end of the call, which copies them.
    unsafe { ws::tcpshake_table_set_row(table, row, cells.as_ptr()) };
}

/// A cell as C has it; its text is kept in `texts`.
fn cell(cell: Cell, texts: &mut Vec<CString>) -> ws::tcpshake_cell_t {
    let empty = ws::tcpshake_cell_t { kind: ws::TCPSHAKE_CELL_EMPTY, ..Default::default() };
    match cell {
        Cell::Count(count) => ws::tcpshake_cell_t { kind: ws::TCPSHAKE_CELL_COUNT, count, ..empty },
        Cell::Decimal(decimal) => ws::tcpshake_cell_t { kind: ws::TCPSHAKE_CELL_DECIMAL, decimal, ..empty },
        Cell::Text(text) => {
            texts.push(CString::new(text.into_owned()).unwrap_or_default());
            let text = texts[texts.len() - 1].as_ptr(); // stays where it is when the list grows
            ws::tcpshake_cell_t { kind: ws::TCPSHAKE_CELL_TEXT, text, ..empty }
        }
        Cell::Empty => empty,
    }
}

/// Offers the tables.
///
/// # Safety
/// To be called when all protocols are registered, once.
pub unsafe fn register() {
    use ws::{TCPSHAKE_CLIENTS, TCPSHAKE_CONNECTIONS, TCPSHAKE_SERVERS};
    // SAFETY: the caller's promise.
    unsafe {
        offer(TCPSHAKE_CONNECTIONS, c"tcpshake,connections", c"TCP Handshake Connections", CONNECTIONS);
        offer(TCPSHAKE_CLIENTS, c"tcpshake,clients", c"TCP Handshake Clients", CLIENTS);
        offer(TCPSHAKE_SERVERS, c"tcpshake,servers", c"TCP Handshake Servers", SERVERS);
    }
}

/// # Safety
/// As [`register`].
unsafe fn offer<T>(table: ws::tcpshake_table, name: &'static CStr, title: &'static CStr, columns: &[Column<T>]) {
    let columns: Vec<_> = columns
        .iter()
        .map(|column| ws::tcpshake_column_t {
            title: column.title.as_ptr(),
            format: column.format.as_ptr(),
            kind: match column.value {
                Value::Count(_) => ws::TCPSHAKE_CELL_COUNT,
                Value::Text(_) => ws::TCPSHAKE_CELL_TEXT,
                Value::Decimal(_) => ws::TCPSHAKE_CELL_DECIMAL,
            },
        })
        .collect();
    // SAFETY: the texts are constants; the columns are valid for the call.
    unsafe { ws::tcpshake_register_table(table, name.as_ptr(), title.as_ptr(), columns.as_ptr(), columns.len()) };
}
