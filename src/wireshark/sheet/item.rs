//! An item of the list while it is being made.

use crate::wireshark::bindings as ws;
use libc::c_int;
use std::ffi::c_char;
use std::ptr::null;

/// Where a text or an address begins among those that are kept. They move while more are added, so it is no pointer yet.
#[derive(Clone, Copy)]
pub struct Kept(pub(super) usize);

/// What becomes a [`tcpshake_item_t`](ws::tcpshake_item_t), whose members these are.
pub(super) struct Item {
    pub kind: ws::tcpshake_kind,
    pub field: c_int,
    pub tree: c_int,
    pub number: i64,
    pub text: Option<Kept>,
    pub label: Option<Kept>,
    pub expert: usize,
    pub hidden: bool,
    pub start: u8,
    pub length: u8,
}

impl Item {
    pub fn new(kind: ws::tcpshake_kind) -> Item {
        Item {
            kind,
            field: -1,
            tree: 0,
            number: 0,
            text: None,
            label: None,
            expert: 0,
            hidden: false,
            start: 0,
            length: 0,
        }
    }

    /// As the shim takes it, where what is kept begins at `kept`.
    pub fn hand_out(&self, kept: *const c_char) -> ws::tcpshake_item_t {
        let pointer = |place: Option<Kept>| place.map_or(null(), |Kept(start)| kept.wrapping_add(start));
        let &Item { kind, field, tree, number, text, label, expert, hidden, start, length } = self;
        ws::tcpshake_item_t {
            kind,
            field,
            tree,
            number,
            text: pointer(text),
            label: pointer(label),
            expert,
            hidden,
            start,
            length,
        }
    }
}
