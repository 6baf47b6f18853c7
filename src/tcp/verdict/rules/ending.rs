//! The verdicts on what ends a connection, or keeps it from going on.

use super::*;

/// What ends a connection, or keeps it from going on.
impl Case<'_> {
    /// RFC 9293, 3.10.7.1.
    pub(super) fn forgotten(&self) -> Option<Finding> {
        let bare = |reset: &&ResetSign| reset.is_bare && reset.silence >= FORGOTTEN && reset.answers.is_some();
        let rst = self.signs.resets.iter().find(bare).filter(|rst| rst.went_on.is_none())?;
        if self.connection.both_have_closed() || self.connection.opening().is_refused() {
            return None;
        }
        let by = self.connection.side_of(rst.by);
        let (origin, _) = self.origin(rst);
        let suspect = if origin == Origin::SomeoneElse { Suspect::Network } else { by.into() };
        let why = Why::Forgotten { silence: rst.silence, segment: rst.answers?, rst: rst.frame, by };
        Some(Self::found(Verdict::Forgotten, Some(suspect), false, Some(rst.frame), why))
    }

    /// A RST in an end's name, sent by someone else. Where the connection goes on, its receiver has not taken it, and it is no
    /// finding. That its receiver has taken it is certain where that answers the other end, which goes on, with a RST of its own.
    pub(super) fn reset_by_third_party(&self) -> Option<Finding> {
        if self.connection.both_have_closed() {
            return None;
        }
        let rst = self.ending().filter(|rst| self.origin(rst).0 == Origin::SomeoneElse)?;
        let answers = |other: &ResetSign| other.by != rst.by && other.is_bare && Some(other.frame) > rst.went_on;
        let answered = self.signs.resets.iter().any(answers);
        let (_, certain) = self.origin(rst);
        let of = self.connection.side_of(rst.by);
        let why = Why::Forged { rst: rst.frame, of, hops: self.compared(rst), v6: rst.is_v6(), went_on: rst.went_on };
        Some(Self::found(Verdict::ResetByThirdParty, Some(Suspect::Network), certain && answered, Some(rst.frame), why))
    }

    /// A path that drops what is too large for it, and says nothing (RFC 2923, 2.1). That the other end still answers, without
    /// acknowledging it, distinguishes it from a broken path.
    pub(super) fn large_segments_lost(&self) -> Option<Finding> {
        let lost_by = |end: End| {
            let lost = self.signs.retransmissions.lost(end)?;
            let acked = self.connection.by_end(end.peer()).acked()?;
            let only_large = lost.times >= 2 && lost.larger_before == Some(false) && lost.size > FITS;
            (only_large && lost.answered && !acked.is_after(lost.seq)).then_some((end, lost))
        };
        let (end, lost) = lost_by(End::A).or_else(|| lost_by(End::B))?;
        let by = self.connection.side_of(end);
        let why = Why::Large { by, size: lost.size, times: lost.times, first: lost.first, last: lost.last };
        Some(Self::found(Verdict::LargeSegmentsLost, Some(Suspect::Network), false, Some(lost.first), why))
    }

    /// Repetitions that nothing answers: a dead path, a host that is gone, or a firewall that drops.
    pub(super) fn went_silent(&self) -> Option<Finding> {
        let wait = self.wait()?;
        let enough = wait.times >= REPEATED || wait.until - wait.since >= REPEATED_FOR;
        (enough && self.hears_both()).then(|| {
            let why = self.unanswered(wait);
            Self::found(Verdict::WentSilent, Some(Suspect::Unknown), false, Some(wait.last), why)
        })
    }

    /// What is being repeated when the capture ends, and was not acknowledged. A FIN of the other end is no answer to it.
    pub(super) fn wait(&self) -> Option<Wait> {
        let other_reset = |wait: &Wait| self.connection.ended_by().is_some_and(|by| by != wait.by);
        let is_over = |wait: &Wait| {
            let [own, peer] = [wait.by, wait.by.peer()].map(|end| self.connection.by_end(end));
            // A FIN that was not captured shows only in the ACK of it.
            self.connection.both_have_closed() && (own.fin().is_none() || peer.has_acked_fin_of(own))
        };
        self.signs.retransmissions.wait().filter(|wait| !other_reset(wait) && !is_over(wait))
    }

    pub(super) fn unanswered(&self, wait: Wait) -> Why {
        Why::Unanswered {
            by: self.connection.side_of(wait.by),
            what: wait.what,
            times: wait.times,
            first: wait.first,
            last: wait.last,
            over: wait.until - wait.since,
        }
    }

    /// RFC 9293, 3.5.2 and 3.10.5 (ABORT); RFC 1122, 4.2.2.13: data that nobody read.
    pub(super) fn reset_by_an_end(&self) -> Option<Finding> {
        let rst = self.ending()?;
        let (by, certain) = match self.connection.outcome(Some(self.capture.until)) {
            Outcome::AbortedByClient => (Side::Client, true),
            Outcome::AbortedByServer => (Side::Server, true),
            // It ends the opening.
            _ if !self.opened() && self.connection.opening().first_syn().is_some() => {
                (self.connection.side_of(rst.by), false)
            }
            _ => return None,
        };
        let verdict = if by == Side::Client { Verdict::ResetByClient } else { Verdict::ResetByServer };
        let proven = self.origin(rst) == (Origin::Itself, true) && self.connection.opening().first_syn().is_some();
        // Who repeats something, or is silent for so long, may have given up: what shows that may not have been captured.
        let may_have_given_up =
            self.signs.retransmissions.wait().is_some() || rst.silence >= REPEATED_FOR || !self.hears_both();
        let why = Why::Reset {
            by,
            rst: rst.frame,
            answers: rst.answers,
            hops: self.compared(rst),
            v6: rst.is_v6(),
            after_fin: self.side(by).fin().is_some(),
        };
        Some(Self::found(verdict, Some(by.into()), certain && proven && !may_have_given_up, Some(rst.frame), why))
    }

    /// RFC 9293, 3.8.6.1: the receiver announces a window of 0, since nobody reads what it has.
    pub(super) fn stalled(&self) -> Option<Finding> {
        let stalls = [End::A, End::B].map(|end| (end, self.signs.windows.stall(end, self.capture.until)));
        let (end, (stall, over)) = stalls
            .into_iter()
            .filter_map(|(end, stall)| Some((end, stall?)))
            .filter(|(_, (stall, _))| stall.lasted >= STALLED)
            .max_by_key(|(_, (stall, _))| stall.lasted)?;
        let closed = self.connection.both_have_closed() && !over;
        if closed || self.connection.by_end(end).fin().is_some() && !over {
            return None;
        }
        let by = self.connection.side_of(end);
        let why = Why::Shut { by, frame: stall.frame, lasted: stall.lasted, over };
        let certain = stall.shown >= STALLED && self.connection.both_have_closed();
        Some(Self::found(Verdict::Stalled, Some(by.into()), certain, Some(stall.frame), why))
    }

    /// Which side closed, while the other is known to be open.
    pub(super) fn half_closed_by(&self) -> Option<Side> {
        [Side::Client, Side::Server].into_iter().find(|&side| self.connection.is_closed_alone(side))
    }

    pub(super) fn left_half_closed(&self) -> Option<Finding> {
        let by = self.half_closed_by()?;
        let silent = match self.ending() {
            Some(rst) => rst.silence,
            None => self.silent_for(),
        };
        if silent < CLOSE_TIMEOUT {
            return None;
        }
        let frame = self.connection.closing().first_fin();
        let why = Why::HalfClosed { by, fin: frame, silent };
        Some(Self::found(Verdict::LeftHalfClosed, Some(by.peer().into()), false, frame, why))
    }

    pub(super) fn slow_opening(&self) -> Option<Finding> {
        let opening = self.connection.opening();
        let took = opening.duration().span();
        let (all_syns, all_again) = (self.signs.attempts.syns(), self.signs.attempts.syn_acks_again());
        let (syns, again) = (all_syns.count.max(1), all_again.count);
        let (retried, syn_acks) = (syns > 1 || again > 0, again.saturating_add(1));
        if !self.opened()
            || !opening.is_captured()
            || opening.is_simultaneous()
            || !(retried || took.is_some_and(|took| took > SLOW))
        {
            return None;
        }
        let late_answer = opening.syn_to_syn_ack().span().is_some_and(|span| span > SLOW)
            && opening.syn_ack_to_ack().span().is_some_and(|span| span < SLOW)
            && !retried;
        let suspect = if late_answer { Suspect::Server } else { Suspect::Network };
        let frame = all_syns.last().or(all_again.last()).or(opening.syn_ack()).or(opening.ack());
        Some(Self::found(Verdict::SlowOpening, Some(suspect), false, frame, Why::Slow { syns, syn_acks, took }))
    }
}
