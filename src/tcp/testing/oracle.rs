//! What a connection is made of, read slowly and directly from the whole list of its segments: no state machine, and
//! nothing of the engine's. The tests of recorded captures use it too.

/// What of a segment decides; `first` distinguishes the two ends.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub first: bool,
    pub flags: u16,
    pub seq: u32,
    pub ack: u32,
    pub len: u32,
}

pub const FIN: u16 = 1;
pub const SYN: u16 = 2;
pub const RST: u16 = 4;
pub const ACK: u16 = 16;

impl Facts {
    fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    fn is_syn(&self) -> bool {
        self.has(SYN) && !self.has(ACK) && !self.has(RST)
    }

    fn is_syn_ack(&self) -> bool {
        self.has(SYN) && self.has(ACK) && !self.has(RST)
    }

    /// With ACK, without SYN and RST.
    fn is_later(&self) -> bool {
        self.has(ACK) && !self.has(SYN) && !self.has(RST)
    }
}

/// Whether `number` is `from` or lies on the half circle behind it.
fn reaches(number: u32, from: u32) -> bool {
    number.wrapping_sub(from) < 1 << 31
}

/// Completeness by its definition.
pub fn completeness(segments: &[Facts]) -> u8 {
    let any = |rule: &dyn Fn(&Facts) -> bool| segments.iter().any(rule);
    let acknowledges = |s: &Facts| {
        s.is_later()
            && any(&|other| other.is_syn_ack() && other.first != s.first && reaches(s.ack, other.seq.wrapping_add(1)))
    };
    let rules: [&dyn Fn(&Facts) -> bool; 6] = [
        &Facts::is_syn,
        &Facts::is_syn_ack,
        &acknowledges,
        &|s| s.len > 0 && !s.has(RST),
        &|s| s.has(FIN) && !s.has(SYN) && !s.has(RST),
        &|s| s.has(RST),
    ];
    rules.iter().enumerate().map(|(bit, rule)| u8::from(any(rule)) << bit).sum()
}
