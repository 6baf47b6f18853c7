//! 세그먼트에 대한 ICMP 오류.

use super::side;
use crate::narrate::icmp::{Complaint, Quoted, meaning};
use crate::tcp::Side;
use std::fmt::{self, Write};

/// 누가 어느 세그먼트에 대해 무엇이라고 하는지 쓴다.
pub fn write(out: &mut String, complaint: &Complaint) -> fmt::Result {
    let &Complaint { error, side: sender, quoted } = complaint;
    let syn = if sender == Side::Client { "SYN" } else { "SYN-ACK" };
    match quoted {
        Quoted::Syn(frame) => write!(out, "프레임 {}의 {syn}", frame.get())?,
        Quoted::SynFirstIn(frame) => write!(out, "{syn}(프레임 {}에서 처음 전송)", frame.get())?,
        Quoted::Other(seq) => write!(out, "{}가 보낸 세그먼트(시퀀스 번호 {})", side(sender), { seq.0 })?,
    }
    match (error.sender, error.is_receiver) {
        (Some(address), true) => write!(out, "에 대해 {} 주소({address})에서 ", side(sender.peer()))?,
        (Some(address), false) => write!(out, "에 대해 경로 중간의 라우터나 방화벽({address})이 ")?,
        (None, _) => return write!(out, "에 대한 ICMP 오류입니다: {}.", meaning(error)),
    }
    write!(out, "ICMP 오류를 보냈습니다: {}.", meaning(error))
}
