//! Listeners at the tap `tcpshake`, and the filter of a report, which chooses connections.
//!
//! A filter chooses connections, not segments: whoever asks for `tcp.flags.reset == 1` wants all of the connections that were
//! reset. So one listener of a report notes every connection, and another, with the filter, which of them to print.

use super::super::bindings as ws;
use super::super::guard::{print, with};
use super::super::session::SESSION;
use super::tapped::Tapped;
use crate::tcp::StreamNumber;
use libc::c_void;
use std::collections::HashSet;
use std::ffi::CStr;
use std::ptr::{self, null};
use std::sync::Mutex;

/// What Wireshark calls for each segment.
pub type PacketCallback = unsafe extern "C" fn(
    *mut c_void,
    *mut ws::packet_info,
    *mut ws::epan_dissect_t,
    *const c_void,
    ws::tap_flags_t,
) -> ws::tap_packet_status;

/// What Wireshark calls to begin anew, and to print.
pub type Call = unsafe extern "C" fn(*mut c_void);

/// Registers a listener of a report. False, with a message on stderr, if the filter is invalid.
///
/// # Safety
/// To be called while Wireshark takes its arguments. `data` has to stay valid as long as the program; Wireshark distinguishes
/// listeners by it.
pub unsafe fn listen(
    report: &str,
    data: *const c_void,
    filter: Option<&CStr>,
    packet: Option<PacketCallback>,
    [reset, draw]: [Option<Call>; 2],
) -> bool {
    // SAFETY: the strings are valid for the call, in which Wireshark compiles the filter.
    let error = unsafe {
        ws::register_tap_listener(
            c"tcpshake".as_ptr(),
            data.cast_mut(),
            filter.map_or(null(), CStr::as_ptr),
            ws::TL_REQUIRES_NOTHING,
            reset,
            packet,
            draw,
            None,
        )
    };
    if error.is_null() {
        return true;
    }
    // SAFETY: Wireshark's message, which is ours to free.
    #[allow(clippy::useless_conversion)] // gboolean in 4.0, bool from 4.4 on
    unsafe {
        print(&format!("{report}: {}", CStr::from_ptr((*error).str_).to_string_lossy()));
        ws::g_string_free(error, true.into());
    }
    false
}

/// Which connections the filter of a report has chosen.
pub struct Choice {
    /// `None` where there is no filter: all.
    chosen: Mutex<Option<HashSet<StreamNumber>>>,
}

impl Choice {
    /// Begins to choose. `None`, with a message on stderr, if the filter is invalid.
    ///
    /// # Safety
    /// To be called while Wireshark takes its arguments.
    pub unsafe fn begin(report: &str, filter: Option<&CStr>) -> Option<&'static Choice> {
        let choice: &Choice = Box::leak(Box::new(Choice { chosen: Mutex::new(filter.map(|_| HashSet::new())) }));
        // SAFETY: it is never freed.
        let fine = filter.is_none()
            || unsafe { listen(report, ptr::from_ref(choice).cast(), filter, Some(choose), [None, None]) };
        fine.then_some(choice)
    }

    /// Runs `work` with the answer to whether a connection is chosen.
    pub fn with<T>(&self, work: impl FnOnce(&dyn Fn(StreamNumber) -> bool) -> T) -> Option<T> {
        with(&self.chosen, |chosen| {
            let chosen = &*chosen;
            work(&|number| chosen.as_ref().is_none_or(|chosen| chosen.contains(&number)))
        })
    }

    /// Begins anew.
    pub fn clear(&self) {
        with(&self.chosen, |chosen| chosen.iter_mut().for_each(HashSet::clear));
    }
}

/// Notes that the connection of a segment is chosen.
unsafe extern "C" fn choose(
    choice: *mut c_void,
    _: *mut ws::packet_info,
    _: *mut ws::epan_dissect_t,
    data: *const c_void,
    _: ws::tap_flags_t,
) -> ws::tap_packet_status {
    // SAFETY: the choice that was registered.
    let choice: &Choice = unsafe { &*choice.cast() };
    // SAFETY: the data of our own tap.
    let tapped = unsafe { Tapped::of(data.cast()) };
    let number = with(&SESSION, |session| tapped.stream(session).map(|(number, _)| number)).flatten();
    with(&choice.chosen, |chosen| {
        if let (Some(number), Some(chosen)) = (number, chosen) {
            chosen.insert(number);
        }
    });
    ws::TAP_PACKET_DONT_REDRAW
}
