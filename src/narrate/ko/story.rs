//! 한국어 연결 이야기.

use super::{Elapsed, side};
use crate::narrate::story::{Absence, Caption, Label, Remark};
use crate::tcp::ClosingKind;
use std::ffi::CStr;
use std::fmt::{self, Write};

/// 보여 줄 이야기가 없을 때의 안내.
pub fn absence(absence: Absence) -> &'static str {
    match absence {
        Absence::Selection => "먼저 TCP 연결의 패킷을 하나 선택하세요.",
        Absence::Failure => "캡처에서 확인되는 한, 실패한 연결이 없습니다.",
        Absence::Connection => "캡처에 TCP 연결이 없습니다.",
    }
}

/// 창의 제목이나 단추.
pub fn caption(caption: Caption) -> &'static CStr {
    match caption {
        Caption::Story => c"TCP Handshake: 연결의 이야기",
        Caption::Stories => c"TCP Handshake: 연결들의 이야기",
        Caption::ShowOnly => c"이 연결만 보기",
        Caption::GoTo => c"판정을 보여 주는 프레임으로",
        Caption::NextFailed => c"다음 실패 연결",
        Caption::FirstFailed => c"첫 번째 실패 연결",
    }
}

/// 이야기 가장자리의 낱말.
pub fn label(label: Label) -> &'static str {
    match label {
        Label::Frame => "프레임",
        Label::Seconds => "초",
        Label::Data => "데이터",
    }
}

/// 덧붙이는 말을 쓴다.
pub fn write(out: &mut String, remark: &Remark) -> fmt::Result {
    match *remark {
        Remark::More { segments } => write!(out, "같은 종류의 세그먼트 {segments}개 더"),
        Remark::Sent { segments, bytes, again } => {
            write!(out, "세그먼트 {segments}개")?;
            if let Some(again) = again {
                write!(out, "(그중 재전송 {again}개)")?;
            }
            write!(out, ", {bytes}바이트")
        }
        Remark::OpeningTook { all, to_syn_ack, to_ack } => {
            write!(out, "연결 수립에 걸린 시간 {}", Elapsed(all))?;
            if let Some(time) = to_syn_ack {
                write!(out, ", SYN→SYN-ACK {}", Elapsed(time))?;
            }
            if let Some(time) = to_ack {
                write!(out, ", SYN-ACK→ACK {}", Elapsed(time))?;
            }
            Ok(())
        }
        Remark::MoreStories { stories } => {
            write!(out, "연결 {stories}개 더. tshark -q -z tcpshake,story로 모두 볼 수 있습니다.")
        }
        Remark::ClosingTook { all } => write!(out, "연결 종료에 걸린 시간 {}", Elapsed(all)),
        Remark::Ended { outcome, closing, first } => {
            let closing = closing.map_or("일부만 캡처됨", ClosingKind::name);
            write!(out, "결과: {}. 종료 방식: {closing}", outcome.name())?;
            if let Some(first) = first {
                write!(out, "({}가 시작)", side(first))?;
            }
            Ok(())
        }
    }
}
