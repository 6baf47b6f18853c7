//! A list of tree items for the shim, and their texts.

mod cut;
mod item;

use super::bindings as ws;
use super::experts::Expert;
use super::fields::{Field, Fields};
use super::subtrees::Subtree;
use crate::tcp::{FrameNumber, Span};
use libc::c_int;
use std::borrow::Cow;
use std::net::IpAddr;
use std::ops::Range;

use cut::{LINE, pieces, sentences};
use item::{Item, Kept};

/// Which fields someone will see.
#[derive(Clone, Copy)]
pub enum Wanted {
    /// All of them: the tree is made for someone to look at.
    Everything,
    /// Those that are asked for in a tree that nobody looks at.
    Only(Fields),
}

impl Wanted {
    fn any_of(self, fields: Fields) -> bool {
        match self {
            Wanted::Everything => true,
            Wanted::Only(asked) => asked.any_of(fields),
        }
    }

    fn has(self, field: Field) -> bool {
        self.any_of(Fields::of(&[field]))
    }
}

/// A list of items for the shim, and their texts.
///
/// Fields that nobody asks for are left out. Wireshark would not keep them either, but finds that out one by one, and only
/// after their values and texts have been made. What is kept is written once, into buffers that are used again.
pub struct Sheet {
    items: Vec<Item>,
    /// The same for the shim, once no more are added.
    handed_out: Vec<ws::tcpshake_item_t>,
    /// The texts, each with a zero byte behind it, and the addresses.
    kept: Vec<u8>,
    /// The text that is being written.
    draft: String,
    wanted: Wanted,
}

impl Sheet {
    /// A sheet without items.
    pub const fn new() -> Sheet {
        Sheet {
            items: Vec::new(),
            handed_out: Vec::new(),
            kept: Vec::new(),
            draft: String::new(),
            wanted: Wanted::Everything,
        }
    }

    /// Whether someone asks for the field.
    pub fn wants(&self, field: Field) -> bool {
        self.wanted.has(field)
    }

    /// Whether someone asks for any of the fields.
    pub fn wants_any(&self, fields: Fields) -> bool {
        self.wanted.any_of(fields)
    }

    /// Whether the tree is made for someone to look at.
    pub fn is_visible(&self) -> bool {
        matches!(self.wanted, Wanted::Everything)
    }

    /// Empties it, and takes what is wanted from now on: of a tree that nobody looks at without its groups.
    pub fn begin(&mut self, wanted: Wanted) {
        self.items.clear();
        self.kept.clear();
        self.wanted = wanted;
    }

    /// The items, to which none is added any more. Their texts are valid until the sheet is begun anew or dropped.
    pub fn finish(&mut self) -> &[ws::tcpshake_item_t] {
        let kept = self.kept.as_ptr().cast();
        self.handed_out.clear();
        self.handed_out.extend(self.items.iter().map(|item| item.hand_out(kept)));
        &self.handed_out
    }

    /// Where what is kept next begins.
    fn next_place(&self) -> Kept {
        Kept(self.kept.len())
    }

    /// Keeps a text of these pieces until the sheet is begun anew. No text of ours holds a zero byte; one would end there.
    fn join(&mut self, pieces: &[&str]) -> Kept {
        let place = self.next_place();
        pieces.iter().for_each(|piece| self.kept.extend_from_slice(piece.as_bytes()));
        self.kept.push(0);
        place
    }

    /// Keeps what is written until the sheet is begun anew.
    pub fn text(&mut self, write: impl FnOnce(&mut String)) -> Kept {
        self.written(write, |sheet, text| sheet.join(&[text]))
    }

    /// Has a text written, and uses it.
    fn written<T>(&mut self, write: impl FnOnce(&mut String), with: impl FnOnce(&mut Sheet, &str) -> T) -> T {
        let mut draft = std::mem::take(&mut self.draft);
        draft.clear();
        write(&mut draft);
        let result = with(self, &draft);
        self.draft = draft;
        result
    }

    /// Adds an item of any kind.
    pub fn push(&mut self, kind: ws::tcpshake_kind, field: c_int, tree: c_int, number: i64, text: Option<Kept>) {
        self.items.push(Item { field, tree, number, text, ..Item::new(kind) });
    }

    fn value(&mut self, kind: ws::tcpshake_kind, field: Field, value: i64) {
        if self.wanted.has(field) {
            self.push(kind, field.id(), 0, value, None);
        }
    }

    /// A number.
    pub fn number(&mut self, field: Field, number: u32) {
        self.value(ws::TCPSHAKE_NUMBER, field, number.into());
    }

    /// A number, which in a tree that someone looks at has this line instead, if there is one.
    pub fn number_as(&mut self, field: Field, number: u32, line: impl FnOnce() -> Option<Cow<'static, str>>) {
        self.number(field, number);
        let line = if self.is_visible() { line() } else { None };
        if let Some(line) = line {
            let text = self.join(&[&line]);
            if let Some(item) = self.items.last_mut() {
                item.text = Some(text);
            }
        }
    }

    /// A number that opens a tree inside, in a tree that someone looks at: until the next [`end`](Self::end). It has this line
    /// instead, if there is one.
    pub fn number_tree(
        &mut self,
        field: Field,
        tree: Subtree,
        number: u32,
        line: impl FnOnce() -> Option<Cow<'static, str>>,
    ) {
        if self.is_visible() {
            let text = line().map(|line| self.join(&[&line]));
            self.push(ws::TCPSHAKE_NUMBER_TREE, field.id(), tree.id(), number.into(), text);
        } else {
            self.number(field, number);
        }
    }

    /// True or false.
    pub fn boolean(&mut self, field: Field, value: bool) {
        self.value(ws::TCPSHAKE_BOOLEAN, field, value.into());
    }

    /// A text, made only if someone asks for the field.
    pub fn string(&mut self, field: Field, write: impl FnOnce(&mut String)) {
        if self.wanted.has(field) {
            let text = self.text(write);
            self.push(ws::TCPSHAKE_TEXT, field.id(), 0, 0, Some(text));
        }
    }

    /// Adds items for those who filter or export, which say nothing on the screen.
    pub fn off_screen(&mut self, add: impl FnOnce(&mut Sheet)) {
        let before = self.items.len();
        add(self);
        self.items[before..].iter_mut().for_each(|item| item.hidden = true);
    }

    /// A text that may be too long for one line of the window, in a visible tree: the field has all of it, its line and
    /// those after it show one piece each.
    pub fn lines(&mut self, field: Field, name: &str, write: impl FnOnce(&mut String)) {
        self.written(write, |sheet, text| {
            let whole = sheet.join(&[text]);
            sheet.push(ws::TCPSHAKE_TEXT, field.id(), 0, 0, Some(whole));
            let mut pieces = pieces(text, LINE - name.len());
            let Some(first) = pieces.next() else { return };
            let label = sheet.join(&[name, ": ", first]);
            if let Some(item) = sheet.items.last_mut() {
                item.label = Some(label);
            }
            for piece in pieces {
                let line = sheet.join(&["    ", piece]);
                sheet.push(ws::TCPSHAKE_LINE, 0, 0, 0, Some(line));
            }
        });
    }

    /// A text about these bytes of the TCP header, if someone asks for the field: of a long one each line is a value of its own.
    pub fn pieces_about(&mut self, field: Field, bytes: Range<u8>, write: impl FnOnce(&mut String)) {
        if !self.wanted.has(field) {
            return;
        }
        self.written(write, |sheet, text| {
            for (index, piece) in sentences(text).enumerate() {
                let value = sheet.join(&[piece]);
                let label = if index > 0 { sheet.join(&["    ", piece]) } else { value };
                sheet.push(ws::TCPSHAKE_TEXT, field.id(), 0, 0, Some(value));
                if let Some(item) = sheet.items.last_mut() {
                    (item.label, item.start, item.length) = (Some(label), bytes.start, bytes.end - bytes.start);
                }
            }
        });
    }

    /// A frame to link to, if there is one.
    pub fn frame(&mut self, field: Field, frame: Option<FrameNumber>) {
        if let Some(frame) = frame {
            self.number(field, frame.get());
        }
    }

    /// A stretch of time, if it is known.
    pub fn span(&mut self, field: Field, span: Option<Span>) {
        if let Some(Span(nanoseconds)) = span {
            self.value(ws::TCPSHAKE_TIME, field, nanoseconds);
        }
    }

    /// An address: in the first field if it is IPv4, in the second if it is IPv6.
    pub fn address(&mut self, v4: Field, v6: Field, address: IpAddr) {
        let (field, kind) = if address.is_ipv4() { (v4, ws::TCPSHAKE_IPV4) } else { (v6, ws::TCPSHAKE_IPV6) };
        if !self.wanted.has(field) {
            return;
        }
        let place = self.next_place();
        match address {
            IpAddr::V4(address) => self.kept.extend(address.octets()),
            IpAddr::V6(address) => self.kept.extend(address.octets()),
        }
        self.push(kind, field.id(), 0, 0, Some(place));
    }

    /// Opens a group, in a tree that someone looks at.
    pub fn group(&mut self, tree: Subtree, title: &str) {
        if self.is_visible() {
            let title = self.join(&[title]);
            self.push(ws::TCPSHAKE_GROUP, -1, tree.id(), 0, Some(title));
        }
    }

    /// Closes what was opened last.
    pub fn end(&mut self) {
        if self.is_visible() {
            self.push(ws::TCPSHAKE_END, 0, 0, 0, None);
        }
    }

    /// An expert item on the protocol's line.
    pub fn expert(&mut self, expert: Expert, text: String) {
        let text = Some(self.join(&[&text]));
        self.items.push(Item { text, expert: expert as usize, ..Item::new(ws::TCPSHAKE_EXPERT) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    /// The texts of items stay where they are while more are added, whatever is in them.
    #[test]
    fn items_point_to_their_texts() {
        let mut sheet = Sheet::new();
        for round in 0..3 {
            sheet.begin(Wanted::Everything);
            let texts: Vec<String> =
                (0..500).map(|index| format!("{round} {index} 가나다").repeat(index % 40)).collect();
            texts.iter().for_each(|text| sheet.lines(Field::Narration, "Narration", |out| out.push_str(text)));
            sheet.string(Field::Narration, |out| out.push_str("before\0behind"));
            // SAFETY: the sheet has not been begun anew since.
            let text_of =
                |item: &ws::tcpshake_item_t| unsafe { CStr::from_ptr(item.text) }.to_str().unwrap().to_owned();
            let whole: Vec<String> =
                sheet.finish().iter().filter(|item| item.kind == ws::TCPSHAKE_TEXT).map(text_of).collect();
            assert_eq!(whole.len(), texts.len() + 1);
            assert!(whole.iter().zip(&texts).all(|(kept, text)| kept == text));
            assert_eq!(whole.last().unwrap(), "before");
        }
    }
}
