//! The user's preferences (Edit > Preferences > Protocols > TCP Handshake; `tshark -o tcpshake.language:ko`).

use super::{bindings as ws, locale};
use crate::narrate::Language;
use libc::c_int;
use std::cell::UnsafeCell;
use std::ffi::CStr;
use std::ptr::null;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

/// Automatic, English, Korean: as registered below.
static LANGUAGE: AtomicI32 = AtomicI32::new(AUTOMATIC);

const AUTOMATIC: c_int = 0;
const ENGLISH: c_int = 1;
const KOREAN: c_int = 2;

/// A preference that is on or off, in Wireshark's own type: a `gboolean` in 4.0 and 4.2, a `bool` from 4.4 on.
struct Switch(UnsafeCell<ws::tcpshake_boolean_t>);

// SAFETY: Wireshark writes it between dissections, on the thread that dissects.
unsafe impl Sync for Switch {}

#[allow(clippy::useless_conversion, clippy::unnecessary_cast)] // a number or a bool
impl Switch {
    const fn new(on: bool) -> Switch {
        Switch(UnsafeCell::new(on as ws::tcpshake_boolean_t))
    }

    fn is_on(&self) -> bool {
        // SAFETY: as above.
        unsafe { *self.0.get() != ws::tcpshake_boolean_t::default() }
    }
}

static EXPLAIN: Switch = Switch::new(true);
static INFO_COLUMN: Switch = Switch::new(false);
static EXPERT_DIFFERENCES: Switch = Switch::new(true);

/// The language to narrate in.
pub fn language() -> Language {
    match LANGUAGE.load(Relaxed) {
        ENGLISH => Language::English,
        KOREAN => Language::Korean,
        _ => locale::language(),
    }
}

/// Whether to add the explanations of header items.
pub fn explain() -> bool {
    EXPLAIN.is_on()
}

/// Whether the narration is to stand in the Info column too.
pub fn info_column() -> bool {
    INFO_COLUMN.is_on()
}

/// Whether an explained difference from Wireshark's completeness is worth an expert note.
pub fn expert_differences() -> bool {
    EXPERT_DIFFERENCES.is_on()
}

/// Registers them.
///
/// # Safety
/// To be called by Wireshark's registration, once.
pub unsafe fn register(protocol: c_int) {
    let choice = |name: &'static CStr, description: &'static CStr, value| ws::enum_val_t {
        name: name.as_ptr(),
        description: description.as_ptr(),
        value,
    };
    let languages = vec![
        choice(c"auto", c"Automatic (from the locale)", AUTOMATIC),
        choice(c"en", c"English", ENGLISH),
        choice(c"ko", c"한국어", KOREAN),
        ws::enum_val_t { name: null(), description: null(), value: 0 },
    ];
    #[allow(clippy::useless_conversion)] // a number in 4.0, a bool from 4.4 on
    let as_radio_buttons = false.into();
    // SAFETY: the strings, the list and the variables live as long as the program.
    unsafe {
        let module = ws::prefs_register_protocol(protocol, None);
        ws::prefs_register_enum_preference(
            module,
            c"language".as_ptr(),
            c"Language".as_ptr(),
            c"The language of the narration, the dialogue and the explanations. Names of phases, steps and states are the same in every language.".as_ptr(),
            LANGUAGE.as_ptr(),
            languages.leak().as_ptr(),
            as_radio_buttons,
        );
        ws::prefs_register_bool_preference(
            module,
            c"explain".as_ptr(),
            c"Explain the header on handshake segments".as_ptr(),
            c"Adds a line for each item of the TCP header that a learner asks about, on segments of the opening and closing handshake.".as_ptr(),
            EXPLAIN.0.get(),
        );
        ws::prefs_register_bool_preference(
            module,
            c"info_column".as_ptr(),
            c"Narration in the Info column".as_ptr(),
            c"Puts the narration in front of Wireshark's own text in the Info column of the packet list.".as_ptr(),
            INFO_COLUMN.0.get(),
        );
        ws::prefs_register_bool_preference(
            module,
            c"expert_differences".as_ptr(),
            c"Expert notes for explained differences".as_ptr(),
            c"Adds an expert note where the completeness differs from Wireshark's for a known reason. An unexplained difference always gets a warning.".as_ptr(),
            EXPERT_DIFFERENCES.0.get(),
        );
    }
}
