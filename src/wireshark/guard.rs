//! The guard at each function that Wireshark's side calls: no panic gets out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

/// Runs `work` on what the lock holds. A panic in it leaves that as it stands, and does not stop later calls. `None` if it
/// panicked.
///
/// Of several locks the session's is the innermost.
pub fn with<S, T>(lock: &Mutex<S>, work: impl FnOnce(&mut S) -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(|| work(&mut lock.lock().unwrap_or_else(PoisonError::into_inner)))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_stays_inside_and_leaves_what_was_done() {
        let numbers = Mutex::new(vec![1]);
        let told = with(&numbers, |numbers| {
            numbers.push(2);
            assert!(numbers.len() < 2, "as this test wants it");
        });
        assert_eq!(told, None);
        assert_eq!(with(&numbers, |numbers| numbers.len()), Some(2));
    }
}
