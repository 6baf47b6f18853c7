//! Work on all processors.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Runs jobs on all processors, and returns their results in order.
pub fn side_by_side<T: Sync, R: Send>(jobs: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Relaxed);
                    let Some(job) = jobs.get(index) else { break };
                    let result = work(job);
                    results.lock().unwrap().push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Runs a check on each job, on all processors, and fails with all complaints at once.
pub fn for_each<T: Sync>(jobs: &[T], check: impl Fn(&T) -> Vec<String> + Sync) {
    let complaints = side_by_side(jobs, check).concat();
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

/// The same for captures, whose names stand before their complaints.
pub fn for_each_capture(captures: &[PathBuf], check: impl Fn(&Path) -> Vec<String> + Sync) {
    for_each(captures, |capture| {
        check(capture).iter().map(|complaint| format!("{}: {complaint}", capture.display())).collect()
    });
}
