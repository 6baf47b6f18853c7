//! The guard at each function that Wireshark's side calls: no panic gets out.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Runs `work` on what the lock holds. A panic in it leaves that as it stands, and does not stop later calls. `None` if it
/// panicked.
///
/// Of several locks the session's is the innermost.
pub fn with<S, T>(lock: &Mutex<S>, work: impl FnOnce(&mut S) -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(|| work(&mut lock.lock().unwrap_or_else(PoisonError::into_inner)))).ok()
}

/// Runs `work`. What it returns, or `default` if it panicked.
pub fn or<T>(default: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(default)
}

/// Runs a part of the registration. If it panics, Wireshark starts without the plugin.
pub fn at_start(work: impl FnOnce()) {
    or((), work);
}

/// Prints a line on stderr. Unlike `eprintln!`, it does not panic where stderr can't be written.
pub fn print(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Prints the first panic, in one line, and no other: the same bug may strike on each frame of a capture.
pub fn print_first_panic_only() {
    static PRINTED: AtomicBool = AtomicBool::new(false);
    // The hook is this library's alone: it has its own copy of Rust's standard library.
    std::panic::set_hook(Box::new(|panic| {
        if !PRINTED.swap(true, Relaxed) {
            let payload = panic.payload();
            let text = payload.downcast_ref::<&str>().copied();
            let what = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic");
            let place = panic.location().map_or(String::new(), |location| format!(" ({location})"));
            print(&format!(
                "tcpshake: a bug in the plugin: {what}{place}. Frames that it strikes have the expert item \
                 tcpshake.expert.internal_error; at Wireshark's start, Wireshark goes on without the plugin."
            ));
        }
    }));
}

/// Panics where a test asks for it: `TCPSHAKE_PANIC=see:5` when frame 5 is taken in, `show:5` when it is shown, `load`,
/// `register` and `hand-off` while Wireshark starts. Only a build with the feature `panic-on-frame` looks.
pub fn panic_if_asked(when: std::fmt::Arguments) {
    if cfg!(feature = "panic-on-frame") {
        let asked = std::env::var("TCPSHAKE_PANIC").unwrap_or_default();
        assert!(asked != when.to_string(), "as asked by TCPSHAKE_PANIC={asked}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_stays_inside_and_leaves_what_was_done() {
        let numbers = Mutex::new(vec![1]);
        let returned = with(&numbers, |numbers| {
            numbers.push(2);
            assert!(numbers.len() < 2, "as this test wants it");
        });
        assert_eq!(returned, None);
        assert_eq!(with(&numbers, |numbers| numbers.len()), Some(2));
    }
}
