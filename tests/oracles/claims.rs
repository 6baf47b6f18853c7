//! Every narration over the recorded captures and a sample of those at hand, claim by claim, beside the segment and those before
//! it: whatever a rule can check is checked, by Wireshark's own fields. Only who is who, and what was captured again, is taken
//! from the plugin. A rule whose words no narration has checks nothing.

#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use support::claim::{Case, is_after, lasts, wraps};
use support::parallel::for_each_capture;
use support::segment::{ACK, FIELDS, FIN, PSH, RST, SYN, Segment};
use support::{Way, corpus_sample, fields, recorded};

/// The rules.
impl Case<'_> {
    fn check(self) -> Vec<String> {
        self.header();
        self.numbers();
        self.repetitions();
        self.acknowledgments();
        self.windows_and_sizes();
        self.closing();
        self.resets();
        self.other_connections();
        self.lessons();
        self.roles();
        self.wrong()
    }

    fn header(&self) {
        let now = self.now;
        self.claim("PSH is set", |_| now.has(PSH));
        for (name, bit) in [("PSH", PSH), ("URG", 32), ("ECE", 64), ("CWR", 128)] {
            self.claim(&format!("Flags set besides: {name}"), |_| now.has(bit));
        }
        self.claim("(TCP Fast Open)", |_| now.kinds.iter().any(|kind| kind == "34" || kind == "254"));
        self.claim("without the Fast Open option", |_| !now.kinds.iter().any(|kind| kind == "34"));
        self.claim("Its initial sequence number is {}.", |n| n[0] == f64::from(now.seq) && now.has(SYN));
        self.claim("its own initial sequence number is {};", |n| n[0] == f64::from(now.seq) && now.is_syn_ack());
        self.claim("again, with the same number {}.", |n| n[0] == f64::from(now.seq));
        self.claim("with the number {}", |n| n[0] == f64::from(now.seq) || n[0] == f64::from(now.ack));
        self.claim("so its next is {}", |n| {
            n[0] == f64::from(now.end()) || n[0] < f64::from(now.seq) || now.seq == 0 || now.len > 0
        });
        self.claim("ACK {} = {} + 1", |n| n[0] == f64::from(now.ack) && n[1] == f64::from(now.ack.wrapping_sub(1)));
    }

    fn numbers(&self) {
        let now = self.now;
        let range = |n: &[f64]| n[0] == f64::from(now.len) && wraps(n[2] - n[1] + 1.0) == n[0];
        let sends = |n: &[f64]| range(n) && wraps(n[2] + 1.0) == n[3];
        self.claim("sends {} bytes: relative numbers {} to {}, so its next is {}.", sends);
        self.claim("sends {} byte: relative number {}, so its next is {}.", |n| {
            n[0] == 1.0 && now.len == 1 && wraps(n[1] + 1.0) == n[2]
        });
        self.claim("sends {} bytes again, relative numbers {} to {}.", range);
        self.claim("sends {} bytes, relative numbers {} to {}, after", range);
        self.claim("With it come {} bytes, relative numbers {} to {}.", range);
        self.claim("It brings {} bytes of data along", |n| n[0] == f64::from(now.len));
        self.claim("Its last {} bytes come with the FIN", |n| n[0] == f64::from(now.len) && now.has(FIN));
        self.claim("FIN takes one number (relative {}), so the next is {}", |n| wraps(n[0] + 1.0) == n[1]);
    }

    fn repetitions(&self) {
        let now = self.now;
        let own = || self.own();
        let latest = || own().rfind(|segment| segment.seq == now.seq && segment.takes() > 0);
        let there = |n: f64| latest().filter(|segment| f64::from(segment.frame) == n);
        let others = || self.others();
        let covered = || others().any(|other| other.has(ACK) && !is_after(now.end(), other.ack));
        let later = || own().any(|segment| is_after(segment.end(), now.seq));
        let same = || own().any(|segment| segment.seq == now.seq && segment.takes() == now.takes());
        let syn_before = || own().any(|segment| segment.is_syn() && segment.seq == now.seq);
        let syn_ack_before = || own().any(|segment| segment.is_syn_ack() && segment.seq == now.seq);
        let any_syn_ack = || self.before.iter().any(|one| one.is_syn_ack());
        let any_reset = || self.before.iter().any(|one| one.has(RST));
        let handshake_ack = || {
            others()
                .any(|other| other.flags & (SYN | RST | ACK) == ACK && !is_after(now.seq.wrapping_add(1), other.ack))
        };

        self.claim("It repeats frame {},", |n| there(n[0]).is_some_and(|one| one.takes() == now.takes()));
        self.claim("It begins with the same number as frame {},", |n| {
            there(n[0]).is_some_and(|one| one.takes() != now.takes())
        });
        for pattern in
            ["It repeats frame {}, captured {} ms before", "the same number as frame {}, captured {} ms before"]
        {
            self.claim(pattern, |n| there(n[0]).is_some_and(|one| lasts(now, one, n[1])));
        }
        self.claim("bytes again, relative", |_| same());
        self.claim("An ACK for all of it was captured before", |_| covered());
        self.claim("No ACK for all of it was captured before", |_| !covered() && others().any(|other| other.has(ACK)));
        self.claim("after later ones", |_| later());
        self.claim("too soon for a timeout", |_| {
            latest().is_some_and(|one| (0..1_000_000).contains(&(now.time - one.time)))
        });
        self.claim("captured -", |_| false);
        self.claim("sends its SYN again", |_| syn_before());
        self.claim("'s SYN with the number {} comes again", |_| syn_before());
        self.claim("sends its SYN-ACK again", |_| syn_ack_before());
        self.claim("Neither a SYN-ACK nor a RST was captured before it", |_| !any_syn_ack() && !any_reset());
        self.claim("A SYN-ACK was captured before it", |_| any_syn_ack());
        self.claim("A RST was captured before it", |_| others().any(|one| one.has(RST)));
        self.claim("itself sent a RST before it", |_| {
            own().any(|one| one.has(RST)) && !others().any(|one| one.has(RST))
        });
        self.claim("none of these numbers was captured before", |_| {
            !own().any(|one| !one.has(RST) && one.takes() > 0 && is_after(one.end(), now.seq))
        });
        self.claim("An ACK of it was captured before", |_| handshake_ack());
        self.claim("No ACK of it was captured before", |_| !handshake_ack());
        let repeats = now.repeats.is_none_or(|frame| there(frame.into()).is_some());
        let after = now.repeats.and_then(|frame| there(frame.into())).is_none_or(|one| {
            now.after.is_some_and(|seconds| (seconds * 1e9 - (now.time - one.time) as f64).abs() < 1000.0)
        });
        if !repeats || !after {
            self.complain(format!("frame {}: tcpshake.repeats {:?} after {:?}", now.frame, now.repeats, now.after));
        }
    }

    fn acknowledgments(&self) {
        let now = self.now;
        let others = || self.others();
        let at = |n: f64| others().find(|one| f64::from(one.frame) == n);
        let own_at = |n: f64| self.own().find(|one| f64::from(one.frame) == n);
        let again = || self.own().any(|one| one.has(ACK) && one.ack == now.ack);
        let first_ack_at = |n: f64| own_at(n).is_some_and(|one| one.has(ACK) && one.ack == now.ack);
        let isns = || others().filter(|one| one.has(SYN)).map(|one| one.seq);
        let fin = || others().any(|one| one.fin().is_some_and(|fin| fin.wrapping_add(1) == now.ack));
        let first =
            |n: f64| isns().any(|isn| f64::from(now.ack.wrapping_sub(isn.wrapping_add(1 + u32::from(fin())))) == n);
        let last = now.ack.wrapping_sub(1);
        let sent = || others().filter(move |one| one.sends(last) && !one.is_copy());
        let length =
            |&(first, end): &(u32, u32), n: &[f64]| f64::from(end.wrapping_sub(first)) == wraps(n[1] - n[0] + 1.0);

        for pattern in ["Its ACK acknowledges frame {},", "That SYN is frame {},", "That FIN is frame {},"] {
            self.claim(pattern, |n| at(n[0]).is_some_and(|one| one.end() == now.ack));
        }
        // Of what was sent twice it cannot be told which the ACK answers, nor how long that took.
        for pattern in ["acknowledges frame {}, captured {} ms before", "is frame {}, captured {} ms before"] {
            self.claim(pattern, |n| at(n[0]).is_some_and(|one| lasts(now, one, n[1])) && sent().count() < 2);
        }
        self.claim("sent in frame {} and again in frame {}:", |n| {
            n.iter().all(|n| sent().any(|one| f64::from(one.frame) == *n)) && n[0] < n[1]
        });
        self.claim("sent in frame {} and again in frame {}.", |n| {
            let twice = now
                .sack
                .first()
                .is_some_and(|&(first, end)| now.rel_ack.wrapping_sub(1).wrapping_sub(first) < end.wrapping_sub(first));
            twice && n.iter().all(|n| sent().any(|one| f64::from(one.frame) == *n)) && n[0] < n[1]
        });
        self.claim("Its ACK acknowledges frame {}.", |n| at(n[0]).is_some_and(|one| one.end() == now.ack));
        self.claim("An ACK for all of it was captured before it", |_| {
            others().any(|one| one.has(ACK) && !is_after(now.end(), one.ack))
        });
        self.claim("What it acknowledges there was not captured before it", |_| !others().any(|one| one.sends(last)));
        for fin in ["client's FIN", "server's FIN"] {
            let twice = now.said.contains(&format!("acknowledges the {fin}"));
            self.claim("Its ACK acknowledges frame", |_| !twice);
        }
        self.claim("says again that it expects", |_| again());
        self.claim("This is duplicate number {} of the ACK in frame {}.", |n| {
            now.duplicate.is_some_and(|number| f64::from(number) == n[0]) && first_ack_at(n[1])
        });
        self.claim("'s ACK number stays at {} (relative)", |n| n[0] == f64::from(now.rel_ack) && again());
        self.claim("it has none of the", |_| isns().any(|isn| isn.wrapping_add(1) == now.ack) || fin());
        for end in ["client", "server"] {
            self.claim(&format!("has the {end}'s first {{}} byte"), |n| first(n[0]));
            self.claim(&format!("cknowledges the {end}'s FIN"), |_| fin());
            self.claim(&format!("does not acknowledge the {end}'s FIN"), |_| !fin());
            self.claim(&format!("acknowledges the {end}'s FIN again"), |_| again() && fin());
            self.claim(&format!("ACK {{}} = {{}} + 1: the {end}'s SYN has arrived"), |n| {
                isns().any(|isn| f64::from(isn) == n[1])
            });
            self.claim(&format!("acknowledges the {end}'s SYN: ACK {{}} = {{}} + 1"), |n| {
                isns().any(|isn| f64::from(isn) == n[1])
            });
            self.claim(&format!("acknowledges the {end}'s SYN, which was not captured"), |_| {
                !isns().any(|isn| isn.wrapping_add(1) == now.ack)
            });
        }
        self.claim("SACK: it has the relative numbers {} to {}, beyond a hole from {} to {}.", |n| {
            let hole = |first: u32| f64::from(first.wrapping_sub(now.rel_ack)) == wraps(n[3] - n[2] + 1.0);
            now.sack.iter().any(|block| length(block, n) && hole(block.0)) && wraps(n[3] + 1.0) == n[0]
        });
        self.claim("D-SACK: the relative numbers {} to {} have arrived twice", |n| {
            now.sack.iter().any(|block| length(block, n))
        });
    }

    fn windows_and_sizes(&self) {
        let now = self.now;
        let others = || self.others();
        let offer = || others().filter(|one| one.has(SYN)).find_map(|one| one.mss).map(f64::from);
        let syns = || [true, false].map(|from| self.before.iter().any(|one| one.has(SYN) && one.from == from));
        let shut = || others().rfind(|one| !one.has(RST)).is_some_and(|one| one.window == 0);
        let last_window = || others().rfind(|one| !one.has(RST) && !one.is_copy()).map(|one| f64::from(one.scaled));
        let own_shut = || self.own().rfind(|one| !one.has(RST) && !one.is_copy()).is_some_and(|one| one.window == 0);
        self.claim("Its window is 0:", |_| now.window == 0 && !own_shut());
        self.claim("Its window is still 0", |_| now.window == 0 && own_shut());
        for end in ["client", "server"] {
            self.claim(&format!("in flight; the {end}'s window is {{}}."), |n| last_window() == Some(n[0]));
            self.claim(&format!("; the {end}'s window is {{}}."), |n| last_window() == Some(n[0]));
            let in_flight = || now.in_flight.map_or(0.0, f64::from);
            self.claim(&format!("; that is {{}} % of the {end}'s window of {{}}."), |n| {
                last_window() == Some(n[1])
                    && (75.0..100.0).contains(&n[0])
                    && n[0] == (in_flight() * 100.0 / n[1]).floor()
            });
            self.claim(&format!("; that fills the {end}'s window of {{}}."), |n| {
                last_window() == Some(n[0]) && in_flight() == n[0]
            });
            self.claim(&format!("; that is more than the {end}'s window of {{}}."), |n| {
                last_window() == Some(n[0]) && in_flight() > n[0]
            });
        }
        self.spoken("Go on at", now.window > 0 || now.has(SYN));
        self.claim("window is {} byte", |n| n[0] == f64::from(now.scaled));
        self.claim("window is now {} byte", |n| n[0] == f64::from(now.scaled));
        self.claim("window is now {}, of which the scale is unknown", |n| {
            n[0] == f64::from(now.window) && syns() != [true, true]
        });
        self.claim("'s window of 0", |_| shut());
        self.claim("larger than the MSS of {} ", |n| f64::from(now.len) > n[0] && offer() == Some(n[0]));
        self.claim("larger than the MSS of {}:", |n| f64::from(now.len) > n[0] && offer() == Some(n[0]));
        self.claim("A full segment: it fills the MSS of {}.", |n| f64::from(now.len) == n[0] && offer() == Some(n[0]));
        self.claim("with {} bytes of options in the header it fills the MSS of {}.", |n| {
            f64::from(now.len) + n[0] == n[1] && offer() == Some(n[1])
        });
        self.claim("Including this segment, {} bytes are in flight", |n| {
            now.in_flight.map(f64::from) == Some(n[0]) && n[0] > f64::from(now.len) && self.flies() == Some(n[0])
        });
    }

    /// Bytes that were sent and not acknowledged with this segment, by ACK numbers or by the last SACK option.
    fn flies(&self) -> Option<f64> {
        let now = self.now;
        let own = || self.own().chain([now]).filter(|one| !one.has(RST));
        let payload = |one: &Segment| one.end().wrapping_sub(u32::from(one.has(FIN)));
        let highest = own().map(payload).reduce(|a, b| if is_after(b, a) { b } else { a })?;
        let acks = || self.others().filter(|one| one.has(ACK) && !one.has(RST));
        let acked = acks().map(|one| one.ack).reduce(|a, b| if is_after(b, a) { b } else { a })?;
        let last = acks().next_back()?;
        let mut blocks: Vec<(u32, u32)> = last.sack.clone();
        blocks.retain(|(first, _)| (first.wrapping_sub(last.rel_ack) as i32) > 0);
        blocks.sort();
        blocks.dedup();
        let sacked: u32 = blocks.iter().map(|(first, end)| end.wrapping_sub(*first)).sum();
        Some(f64::from(highest.wrapping_sub(acked).wrapping_sub(sacked)))
    }

    /// What is said about RSTs.
    fn resets(&self) {
        let now = self.now;
        let bare = now.has(RST) && !now.has(ACK);
        let repeats = |one: &&Segment| one.has(ACK) && one.ack == now.seq;
        let last = || self.others().rfind(|one| !one.is_copy()).filter(repeats);
        // Another segment of the same end that it may answer as well: one that takes numbers.
        let has_rival = |one: &Segment| {
            let before = self.before.iter().rfind(|other| other.frame < one.frame && !other.is_copy());
            before.is_some_and(|before| before.from == one.from && before.takes() > 0)
        };
        let spoke = |one: &Segment| self.own().any(|mine| mine.frame > one.frame && !mine.is_copy());
        self.claim(
            "answers frame {} with a RST: it has no ACK flag, and its number {} is that frame's ACK number",
            |n| {
                bare && n[1] == f64::from(now.seq)
                    && last().is_some_and(|one| f64::from(one.frame) == n[0] && !spoke(one) && !has_rival(one))
            },
        );
        self.claim("sends a RST without ACK flag, and its number {} is the", |n| {
            bare && n[0] == f64::from(now.seq) && last().is_some()
        });
        self.claim("after a RST: if that was accepted", |_| self.before.iter().any(|one| one.has(RST)));
        self.claim("after another RST: if that was accepted", |_| self.before.iter().any(|one| one.has(RST)));
        let acks = || self.others().filter(|one| one.has(ACK)).map(|one| one.ack);
        for end in ["client", "server"] {
            self.claim(&format!("its number is {{}} above the {end}'s last ACK number, {{}}"), |n| {
                acks().any(|ack| f64::from(ack) == n[1]) && f64::from(now.seq) == wraps(n[1] + n[0])
            });
            self.claim(&format!("its number is {{}} below the {end}'s last ACK number, {{}}"), |n| {
                acks().any(|ack| f64::from(ack) == n[1]) && f64::from(now.seq) == wraps(n[1] - n[0])
            });
        }
        self.claim("aborts the connection with a RST", |_| now.has(RST) && !(bare && last().is_some()));
    }

    /// What is said of other connections, and of silence.
    fn other_connections(&self) {
        let now = self.now;
        self.claim("the raw number {} and ACK {}:", |n| n[0] == f64::from(now.seq) && n[1] == f64::from(now.ack));
        self.claim("relative numbers {} to {}", |n| n[0] < 2_147_483_648.0 && n[0] != n[1]);
        self.claim("relative {})", |n| n[0] < 2_147_483_648.0);
        let quiet = || self.before.last().map_or(0, |last| now.time - last.time) as f64 / 1e9;
        self.claim("For about {} s before it, nothing of this connection", |n| (quiet() - n[0]).abs() < 1.0);
        self.claim("was captured for about {} day", |n| (quiet() / 86400.0 - n[0]).abs() <= 0.51);
    }

    /// What is to be said once in a connection.
    fn lessons(&self) {
        for lesson in [
            "A full segment:",
            "to its application without waiting",
            "(not acknowledged yet)",
            "(by its port)",
            "probably it was captured before the network card split",
        ] {
            self.claim(lesson, |_| !self.before.iter().any(|one| one.said.contains(lesson)));
        }
        self.spoken(
            "Relative numbers from here on",
            !self.before.iter().any(|one| one.spoken.contains("Relative numbers from")),
        );
    }

    fn closing(&self) {
        let now = self.now;
        let own_fin = || self.own().any(|one| one.fin().is_some());
        let same_fin = || self.own().any(|one| one.fin().is_some() && one.fin() == now.fin());
        let their_fin = || self.others().any(|one| one.fin().is_some());
        let last_ack = || self.others().rfind(|one| one.has(ACK)).map(|one| one.ack);
        let highest = || self.own().map(Segment::end).reduce(|a, b| if is_after(b, a) { b } else { a });
        let last_fin = || self.others().rfind(|one| one.fin().is_some());
        self.claim("sends a RST with the number {}", |n| n[0] == f64::from(now.seq) && now.has(RST));
        self.claim("Both ends had already sent their FIN", |_| own_fin() && last_fin().is_some());
        self.claim("is the first to close", |_| !own_fin() && !their_fin() && now.fin().is_some());
        self.claim("this is the first FIN captured", |_| !own_fin() && !their_fin() && now.fin().is_some());
        self.claim("has nothing more to send either", |_| their_fin() && now.fin().is_some());
        self.claim("sends its FIN again", |_| same_fin());
        self.claim("both directions are closed", |_| own_fin() && their_fin());
        self.claim("One direction is closed", |_| their_fin());
        self.claim("'s FIN (the connection is half-closed)", |_| their_fin() && !own_fin());
        self.claim("Its number {} is what the", |n| {
            n[0] == f64::from(now.seq) && (last_ack() == Some(now.seq) || highest() == Some(now.seq))
        });
        self.claim("on the way is lost", |_| false);
    }

    fn roles(&self) {
        let now = self.now;
        let (me, you) = if now.is_client { ("client", "server") } else { ("server", "client") };
        let guessed = now.said.contains(&format!("{me} (by its port)"));
        let spoken = now.spoken.starts_with("client? ") == now.assumed;
        let named = !now.said.starts_with(&format!("The {you}"));
        let syns: Vec<bool> = self.before.iter().chain([&now]).filter(|one| one.is_syn()).map(|one| one.from).collect();
        let one_end = syns.iter().all(|from| *from == syns[0]);
        let right = syns.is_empty() || !one_end || (syns[0] == now.from) == now.is_client;
        let first = now.assumed && !now.is_copy() && !self.before.iter().any(|one| one.assumed && !one.is_copy());
        if guessed != first || !spoken || !named || !right {
            let roles = (guessed, now.assumed, spoken, named, right);
            self.complain(format!("frame {}: roles {roles:?}: {}", now.frame, now.said));
        }
    }
}

/// What is wrong in a capture.
fn check(capture: &Path) -> Vec<String> {
    let rows = fields(capture, Way::OnePass, &["tcpshake.language:en"], &FIELDS);
    let mut streams: BTreeMap<u32, Vec<Segment>> = BTreeMap::new();
    for (frame, row) in &rows {
        if let Some(segment) = Segment::read(*frame, row) {
            streams.entry(segment.stream).or_default().push(segment);
        }
    }
    let mut wrong = Vec::new();
    for segments in streams.values() {
        let all: Vec<&Segment> = segments.iter().collect();
        for (at, now) in all.iter().enumerate() {
            wrong.extend(Case::new(now, &all[..at]).check());
        }
    }
    wrong
}

#[test]
fn no_claim_is_wrong() {
    let mut captures = recorded();
    captures.extend(corpus_sample());
    for_each_capture(&captures, check);
}
