//! Many files after each other in one sharkd, which is Wireshark without its window: nothing of one file stays for the next,
//! and the memory comes back.
//!
//! `TCPSHAKE_SESSIONS` says how many files (80 if it is not set).

#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::path::PathBuf;
use support::readable;
use support::sharkd::Sharkd;

/// The recorded captures.
fn files() -> Vec<PathBuf> {
    support::recorded().iter().map(|capture| readable(capture)).collect()
}

/// How many files are loaded.
fn sessions() -> usize {
    std::env::var("TCPSHAKE_SESSIONS").map_or(80, |value| value.parse().expect("a number"))
}

/// Everything that sharkd shows of every frame.
fn answers(sharkd: &mut Sharkd, capture: &std::path::Path) -> Vec<Value> {
    sharkd.load(capture);
    (1..=sharkd.frames()).map(|number| sharkd.frame(number)).collect()
}

#[test]
fn a_file_shows_the_same_as_in_a_fresh_sharkd() {
    let files = files();
    let mut old = Sharkd::start();
    // Each file comes after others than before, and some come twice running.
    let order = (0..sessions()).map(|session| session * (1 + session / files.len()) / 2 % files.len());
    let mut fresh: Vec<Option<Vec<Value>>> = vec![None; files.len()];
    for (session, index) in order.enumerate() {
        // What a user changes in between does not stay either, once it is changed back.
        if session % 7 == 3 {
            old.ask("setconf", json!({ "name": "tcpshake.language", "value": "ko" }));
            answers(&mut old, &files[(index + 1) % files.len()]);
            old.ask("setconf", json!({ "name": "tcpshake.language", "value": "auto" }));
        }
        let expected = fresh[index].get_or_insert_with(|| answers(&mut Sharkd::start(), &files[index]));
        let answered = answers(&mut old, &files[index]);
        assert!(
            answered == *expected,
            "file {session}, {}, shows something else than by itself",
            files[index].display()
        );
        assert!(answered[0].to_string().contains("tcpshake."), "{}", files[index].display());
    }
}

/// The memory of a sharkd after rounds through some of the files, in KiB. sharkd 4.0 itself keeps 11 MiB of each file.
fn memory(mut sharkd: Sharkd, rounds: usize) -> Vec<i64> {
    let files = files();
    let mut used = Vec::new();
    for _ in 0..rounds {
        for file in files.iter().step_by(4) {
            answers(&mut sharkd, file);
        }
        used.push(sharkd.resident());
    }
    used
}

/// What is not given back is missing after each round; what only leaves holes behind, as tables that come and go, is not. So the
/// round after which the memory grows least says how much is lost.
#[test]
fn memory_comes_back() {
    let rounds = 2 + sessions() / 40;
    let [bare, with] = [Sharkd::start_bare(), Sharkd::start()].map(|sharkd| memory(sharkd, rounds));
    let growth = |used: &[i64]| used.windows(2).map(|two| two[1] - two[0]).min().unwrap();
    println!("{rounds} rounds: {} KiB more without the plugin, {} KiB with it", growth(&bare), growth(&with));
    // The smallest table that is made for every file takes 192 KiB (16,384 places of 12 bytes, acks.rs): if it were not given back,
    // the 18 files of a round would cost 3,456. The next one would cost 9,216 (32 bytes each, repeats.rs).
    assert!(growth(&with) <= growth(&bare) + 1024, "without the plugin {bare:?}, with it {with:?}");
}
