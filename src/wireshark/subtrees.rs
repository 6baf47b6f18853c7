//! Wireshark's numbers for the protocol and for the trees inside its tree (`ett`).

use libc::c_int;
use once_cell::sync::OnceCell;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

/// The protocol's number, once it is registered.
static PROTOCOL: OnceCell<c_int> = OnceCell::new();

/// The trees inside the protocol's tree.
#[derive(Clone, Copy)]
pub enum Subtree {
    Protocol,
    Verdict,
    Header,
    States,
    Connection,
    Completeness,
}

static IDS: [AtomicI32; 6] = [const { AtomicI32::new(-1) }; 6];

impl Subtree {
    /// Wireshark's number for it.
    pub fn id(self) -> c_int {
        IDS[self as usize].load(Relaxed)
    }

    /// Where Wireshark writes the numbers of all of them.
    pub fn id_slots() -> impl Iterator<Item = *mut c_int> {
        IDS.iter().map(AtomicI32::as_ptr)
    }
}

/// The protocol's number; −1 before it is registered.
pub fn protocol() -> c_int {
    PROTOCOL.get().copied().unwrap_or(-1)
}

/// Notes the protocol's number. False if it was noted before.
pub fn note_protocol(number: c_int) -> bool {
    PROTOCOL.set(number).is_ok()
}
