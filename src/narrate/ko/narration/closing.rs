//! 연결 종료에 대한 설명.

use crate::narrate::clause::{ClosingClause as Clause, FinNumber};
use crate::narrate::ko::{by, range, topic};
use std::fmt::{self, Write};

pub fn write(out: &mut String, me: &str, you: &str, clause: Clause) -> fmt::Result {
    match clause {
        Clause::ClosesFirst { sure: true } => {
            write!(out, "{me}는 더 보낼 데이터가 없어 먼저 연결을 닫기 시작합니다(어느 쪽이든 먼저 닫을 수 있습니다).")
        }
        Clause::ClosesFirst { sure: false } => {
            write!(
                out,
                "{me}는 더 보낼 데이터가 없습니다. 이것이 캡처된 첫 FIN입니다(어느 쪽이든 먼저 보낼 수 있습니다)."
            )
        }
        Clause::ClosesToo => write!(out, "{me}도 더 보낼 데이터가 없습니다."),
        Clause::LastBytes { bytes } => write!(out, "마지막 {bytes}바이트를 FIN과 함께 보냅니다."),
        Clause::FinTakesNumber(number) | Clause::OwnFinTakesNumber(number) => fin_takes(out, number),
        Clause::PeerMaySend => write!(out, "{you}는 아직 데이터를 보낼 수 있습니다."),
        Clause::FinAcksFin { rel_ack } => write!(
            out,
            "같은 세그먼트의 ACK {} {you}의 FIN에도 확인 응답하므로, 연결을 닫는 데 세그먼트 네 개가 아니라 세 개가 쓰입니다.",
            by(rel_ack)
        ),
        Clause::FinsCrossed => write!(
            out,
            "이 세그먼트는 {you}의 FIN에 확인 응답하지 않습니다. 아마 두 FIN이 도중에 엇갈린 동시 종료(simultaneous close)일 것입니다."
        ),
        Clause::FinAgain { rel_fin } => write!(out, "{me}가 FIN(상대 시퀀스 번호 {rel_fin})을 재전송합니다."),
        Clause::BringsBytes { bytes, rel_first, rel_last } => {
            write!(out, "{me}는 데이터 {bytes}바이트(상대 시퀀스 번호 {})도 함께 보냅니다.", range(rel_first, rel_last))
        }
        Clause::AlsoAcksFin { rel_ack } => {
            write!(out, "ACK {} {you}의 FIN에도 확인 응답합니다.", by(rel_ack))
        }
        Clause::AcksFin { rel_ack } => {
            write!(out, "{me}가 {you}의 FIN에 확인 응답합니다. ACK {} FIN의 번호에 1을 더한 값입니다.", topic(rel_ack))
        }
        Clause::AcksFinAgain { rel_ack } => {
            write!(out, "{me}가 {you}의 FIN에 다시 확인 응답합니다(ACK {rel_ack}).")
        }
        Clause::WaitsForThat => {
            write!(
                out,
                "재전송된 FIN처럼 뒤늦게 도착한 세그먼트에 응답하는 것도 {me}가 TIME-WAIT 상태에 머무는 이유 중 하나입니다."
            )
        }
        Clause::OwnFinUnacked => write!(out, "이와 엇갈린 {me}의 FIN은 아직 확인 응답을 받지 못했습니다."),
        Clause::OneWayClosed => {
            write!(out, "{you}가 보내는 방향은 닫혔고, {me}는 아직 데이터를 보낼 수 있습니다.")
        }
        Clause::BothWaysClosed => write!(out, "이 ACK이 도착하면 두 방향이 모두 닫혀 연결이 끝납니다."),
        Clause::Waits => write!(
            out,
            "먼저 닫은 {me}는 이 ACK이 유실될 경우에 대비해, 오래된 세그먼트가 사라질 때까지 TIME-WAIT 상태에서 기다립니다."
        ),
        Clause::OneSocketWaits => write!(
            out,
            "자기 FIN을 받은 것이므로, 이 소켓 하나가 CLOSING을 거쳐 오래된 세그먼트가 사라질 때까지 TIME-WAIT 상태에서 기다립니다."
        ),
        Clause::BothWait => write!(
            out,
            "양쪽이 동시에 닫았으므로, 둘 다 마지막 ACK이 유실될 경우에 대비해, 오래된 세그먼트가 사라질 때까지 TIME-WAIT 상태에서 기다립니다."
        ),
    }
}

fn fin_takes(out: &mut String, number: FinNumber) -> fmt::Result {
    let FinNumber { rel_fin, rel_next, has_payload } = number;
    let although = if has_payload { "" } else { "페이로드가 없어도 " };
    write!(out, "FIN은 {although}번호 하나(상대 시퀀스 번호 {rel_fin})를 차지하므로 다음 번호는 {rel_next}입니다.")
}
