//! Stories in a window of Wireshark's: *Tools > TCP Handshake*. The shim has the window and its buttons; here is what they show.

use super::super::bindings as ws;
use super::super::guard::with;
use super::super::preferences;
use super::super::session::{SESSION, Session};
use super::stories;
use super::tapped::Tapped;
use crate::narrate::{Absence, Caption, Story, write_more_stories};
use crate::tcp::{Finding, FrameNumber, StreamNumber};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CString, c_char};
use std::sync::{LazyLock, Mutex};

/// How many stories a window shows at once.
const SHOWN: usize = 1000;

/// What is being collected.
struct Collected {
    /// The connections whose stories are wanted.
    wanted: BTreeSet<StreamNumber>,
    /// How many more there are than a window shows.
    more: usize,
    /// What to say where there is none.
    absence: Absence,
    stories: BTreeMap<StreamNumber, Story>,
    /// The text that was made last.
    text: CString,
}

static COLLECTED: LazyLock<Mutex<Collected>> = LazyLock::new(|| {
    let (wanted, absence) = (BTreeSet::new(), Absence::Connection);
    Mutex::new(Collected { wanted, more: 0, absence, stories: BTreeMap::new(), text: CString::default() })
});

/// Begins to collect stories: of no connection, this one, those that failed, or all.
pub fn begin(which: ws::tcpshake_stories, stream: StreamNumber) {
    let (numbers, absence) = match which {
        ws::TCPSHAKE_STORY_OF_NONE => (Vec::new(), Absence::Selection),
        ws::TCPSHAKE_STORY_OF_ONE => (vec![stream], Absence::Selection),
        ws::TCPSHAKE_STORIES_OF_FAILED => (all_failed(), Absence::Failure),
        _ => (with(&SESSION, |session| session.streams().collect()).unwrap_or_default(), Absence::Connection),
    };
    with(&COLLECTED, |collected| {
        collected.stories.clear();
        collected.more = numbers.len().saturating_sub(SHOWN);
        collected.wanted = numbers.into_iter().take(SHOWN).collect();
        collected.absence = absence;
    });
}

/// Takes in a segment.
pub fn take(tapped: &Tapped) {
    with(&COLLECTED, |collected| {
        with(&SESSION, |session| {
            if collected.wanted.contains(&tapped.record(session)?.stream) {
                stories::take_in(&mut collected.stories, &tapped.scene(session)?);
            }
            Some(())
        })
    });
}

/// The text of what was collected, which is valid until the next one is made.
pub fn text() -> *const c_char {
    let made = with(&COLLECTED, |collected| {
        let stories = std::mem::take(&mut collected.stories);
        let mut text = String::new();
        with(&SESSION, |session| {
            for (&number, story) in &stories {
                stories::write(&mut text, session, number, story);
            }
        });
        let language = preferences::language();
        if text.is_empty() {
            text.push_str(language.absence(collected.absence));
        }
        if collected.more > 0 {
            write_more_stories(&mut text, language, collected.more as u64);
        }
        collected.text = CString::new(text).unwrap_or_default();
        collected.text.as_ptr()
    });
    made.unwrap_or(c"".as_ptr())
}

/// A title or a button, in the language of the stories.
pub fn caption(caption: ws::tcpshake_caption) -> *const c_char {
    let caption = match caption {
        ws::TCPSHAKE_CAPTION_STORY => Caption::Story,
        ws::TCPSHAKE_CAPTION_STORIES => Caption::Stories,
        ws::TCPSHAKE_CAPTION_SHOW_ONLY => Caption::ShowOnly,
        ws::TCPSHAKE_CAPTION_GO_TO => Caption::GoTo,
        ws::TCPSHAKE_CAPTION_NEXT_FAILED => Caption::NextFailed,
        _ => Caption::FirstFailed,
    };
    preferences::language().caption(caption).as_ptr()
}

/// The stream of a frame's first segment.
pub fn stream_of(frame: FrameNumber) -> Option<StreamNumber> {
    with(&SESSION, |session| session.records.of_frame(frame).next().map(|record| record.stream))?
}

/// The first stream that failed behind this one, and again from the start.
pub fn next_failed(last: Option<StreamNumber>) -> Option<StreamNumber> {
    let failed = all_failed();
    let behind = last.and_then(|last| failed.iter().find(|number| **number > last));
    behind.or(failed.first()).copied()
}

/// The frame that shows best what became of a connection.
pub fn frame_that_shows(number: StreamNumber) -> Option<FrameNumber> {
    with(&SESSION, |session| {
        let first = session.first(number);
        finding(session, number)?.frame.or(first)
    })?
}

fn finding(session: &Session, number: StreamNumber) -> Option<Finding> {
    Some(session.known(number)?.connection.as_ref()?.verdict(session.capture()))
}

/// All that failed, in their order.
fn all_failed() -> Vec<StreamNumber> {
    let failed = |session: &mut Session| {
        let has_failed =
            |number: &StreamNumber| finding(session, *number).is_some_and(|finding| finding.verdict.is_failure());
        session.streams().filter(has_failed).collect()
    };
    with(&SESSION, failed).unwrap_or_default()
}
