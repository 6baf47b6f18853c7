//! The verdicts on how a connection opens, but for a slow opening, which counts only where nothing worse came after.

use super::*;

/// The opening.
impl Case<'_> {
    /// RFC 9293, 3.10.7.1: a host where nobody listens answers a SYN with a RST. Its hops distinguish it from one that is sent on
    /// the way, where other packets of that host were captured.
    pub(super) fn refused(&self) -> Option<Finding> {
        let rst = self.refusal()?;
        if self.connection.opening().is_probed() {
            return None;
        }
        let hops = self.compared(rst);
        let why = Why::Rst { rst: rst.frame, answers: rst.answers, hops, v6: rst.is_v6() };
        Some(match hops {
            Compared::Other { .. } => {
                Self::found(Verdict::RejectedByFirewall, Some(Suspect::Network), false, Some(rst.frame), why)
            }
            Compared::Same(_) | Compared::SameDistance { .. } | Compared::Nothing => {
                let certain = matches!(hops, Compared::Same(_)) && self.connection.opening().is_refused();
                Self::found(Verdict::Refused, Some(Suspect::Server), certain, Some(rst.frame), why)
            }
        })
    }

    /// An ICMP error about the SYN, while nothing else came.
    pub(super) fn icmp(&self, verdict: Verdict, prohibits: bool) -> Option<Finding> {
        let error = *self.signs.icmp()?;
        let answers = !self.opened() && self.connection.unreachable_frame() == Some(error.frame);
        if !answers || error.is_prohibition() != prohibits {
            return None;
        }
        let suspect = if error.is_receiver { Suspect::Server } else { Suspect::Network };
        Some(Self::found(verdict, Some(suspect), true, Some(error.frame), Why::Icmp { error }))
    }

    pub(super) fn prohibited(&self) -> Option<Finding> {
        self.icmp(Verdict::RejectedByFirewall, true)
    }

    pub(super) fn unreachable(&self) -> Option<Finding> {
        self.icmp(Verdict::Unreachable, false)
    }

    pub(super) fn no_answer(&self) -> Option<Finding> {
        let (syns, over, waited) = self.unanswered_syns()?;
        let enough = syns.count > 1 || waited >= SYN_TIMEOUT;
        let why = Why::Silence { syns, over, waited };
        enough.then(|| Self::found(Verdict::NoAnswer, Some(Suspect::Unknown), false, syns.last(), why))
    }

    /// The SYNs of an opening to which nothing came back; the time from the first to the last, and from that to the end of
    /// the capture.
    pub(super) fn unanswered_syns(&self) -> Option<(Frames, Span, Span)> {
        let opening = self.connection.opening();
        let heard = self.side(Side::Server).was_heard() || self.signs.resets.iter().next().is_some();
        if opening.first_syn().is_none() || self.opened() || opening.syn_ack().is_some() || heard {
            return None;
        }
        let mut syns = self.signs.attempts.syns();
        if syns.count == 0 {
            syns.push(opening.first_syn()?);
        }
        let last = self.signs.attempts.last_syn().or(opening.began())?;
        Some((syns, last - opening.began()?, self.capture.until - last))
    }

    /// Whether it has not opened, and nothing got in its way but that an end asks again.
    fn only_asks_again(&self) -> bool {
        !self.opened() && self.signs.attempts.disturbance().is_none() && self.connection.ended_by().is_none()
    }

    /// The SYN-ACK has passed the point of capture, and the client asks on.
    pub(super) fn answer_not_received(&self) -> Option<Finding> {
        let syns = self.signs.attempts.syns_after_answer();
        let syn_ack = self.connection.opening().syn_ack()?;
        if syns.count == 0 || !self.only_asks_again() {
            return None;
        }
        let why = Why::AskedOn { syn_ack, syns };
        Some(Self::found(Verdict::AnswerNotReceived, Some(Suspect::Network), false, syns.last(), why))
    }

    /// A lost ACK looks the same.
    pub(super) fn client_silent(&self) -> Option<Finding> {
        let again = self.signs.attempts.syn_acks_again();
        let first = self.connection.opening().syn_ack()?;
        if again.count == 0 || !self.only_asks_again() {
            return None;
        }
        let mut syn_acks = Frames::default();
        syn_acks.push(first);
        again.iter().for_each(|frame| syn_acks.push(frame));
        syn_acks.count = again.count.saturating_add(1);
        let why = Why::AnsweredOn { syn_acks };
        Some(Self::found(Verdict::ClientSilent, Some(Suspect::Client), false, again.last(), why))
    }

    /// Linux, net/ipv4/tcp_minisocks.c (tcp_check_req): where the accept queue is full, the ACK is dropped, and the SYN-ACK
    /// is sent again when its time has come.
    pub(super) fn handshake_ack_not_taken(&self) -> Option<Finding> {
        let (client, server) = (self.side(Side::Client), self.side(Side::Server));
        let syn_acks = self.signs.attempts.ack_ignored();
        let ack = self.connection.opening().ack()?;
        let syn = self.connection.syn_takes();
        let has_taken = server.acked().zip(client.isn()).is_some_and(|(acked, isn)| acked.since(isn) > syn);
        let waits = server.state(client) == State::SynReceived || syn_acks.count > 1;
        if syn_acks.count == 0 || has_taken || server.has_sent_more_than_syn() || !waits {
            return None;
        }
        let why = Why::AckIgnored { ack, syn_acks };
        Some(Self::found(Verdict::HandshakeAckNotTaken, Some(Suspect::Server), false, syn_acks.last(), why))
    }

    /// RFC 9293, 3.5.1: old duplicates, and connections of which only one end knows.
    pub(super) fn handshake_disturbed(&self) -> Option<Finding> {
        let disturbance = self.signs.attempts.disturbance()?;
        let why = Why::Disturbance(disturbance);
        Some(Self::found(Verdict::HandshakeDisturbed, Some(Suspect::Unknown), false, Some(disturbance.frame), why))
    }

    pub(super) fn probe(&self) -> Option<Finding> {
        if let Some((frame, from)) = self.signs.impossible().filter(|_| !self.opened()) {
            // Where the roles are a guess, a scanner may be called the server: look at whoever sent it.
            let suspect = self.connection.side_of(from).into();
            let why = Why::ImpossibleFlags { frame };
            return Some(Self::found(Verdict::Probe, Some(suspect), false, Some(frame), why));
        }
        let rst = self.ending()?;
        let after = rst.since_syn.filter(|&after| after <= PROBE)?;
        let by_client = self.connection.side_of(rst.by) == Side::Client;
        // A number of the RST may show payload, or a FIN, that was not captured.
        let sent_more = [Side::Client, Side::Server].iter().any(|&side| self.side(side).has_sent_more_than_syn());
        if !by_client || self.has_payload() || sent_more {
            return None;
        }
        let (origin, _) = self.origin(rst);
        (origin != Origin::SomeoneElse).then(|| {
            Self::found(
                Verdict::Probe,
                Some(Suspect::Client),
                false,
                Some(rst.frame),
                Why::Probe { rst: rst.frame, after },
            )
        })
    }
}
