//! RST와 challenge ACK에 대한 설명.

use crate::narrate::clause::{Distance, ResetClause as Clause, Unacceptable};
use crate::narrate::ko::{hops_of, topic};
use crate::tcp::ForeignHops;
use std::fmt::{self, Write};

pub fn write(out: &mut String, me: &str, you: &str, clause: Clause) -> fmt::Result {
    match clause {
        Clause::AnswersWithReset { frame, seq, closed } => {
            write!(out, "{me}가 프레임 {}에 RST로 응답합니다. ACK 플래그가 없고, ", frame.get())?;
            write!(out, "시퀀스 번호 {} 그 프레임의 ACK 번호입니다. ", topic(seq))?;
            who_answers_so(out, closed)
        }
        Clause::KnowsNoConnection { seq, closed } => {
            write!(
                out,
                "{me}가 ACK 플래그가 없는 RST를 보냅니다. 시퀀스 번호 {} {you}의 마지막 ACK 번호입니다. ",
                topic(seq)
            )?;
            who_answers_so(out, closed)
        }
        Clause::ResetFits => {
            write!(out, "{you}가 기다리던 번호이므로, 도착하면 {you}는 이 RST를 받아들입니다.")
        }
        Clause::ResetFitsBeforeFin => write!(
            out,
            "이 번호는 {me}가 보낸 FIN의 번호이기도 하므로, {you}는 이 RST가 그 FIN보다 먼저 도착할 때만 받아들입니다."
        ),
        Clause::ResetFitsAfterFin { seq } => write!(
            out,
            "시퀀스 번호 {} {me}가 보낸 FIN의 다음 번호이므로, 그 FIN이 도착한 뒤라면 {you}는 이 RST를 받아들입니다.",
            topic(seq)
        ),
        Clause::ResetFitsNext { seq } => write!(
            out,
            "시퀀스 번호 {} {me}가 앞서 보낸 모든 것의 바로 다음 번호이므로, 그것이 모두 도착한 뒤라면 {you}는 이 RST를 받아들입니다.",
            topic(seq)
        ),
        Clause::Aborts => {
            write!(out, "{me}가 RST로 연결을 강제로 끊습니다. FIN과 ACK으로 닫는 정상 종료가 아닙니다.")
        }
        Clause::GivesUp => write!(out, "{me}가 RST로 연결 시도를 끝냅니다."),
        Clause::ResetIsExpected { seq } => {
            write!(
                out,
                "시퀀스 번호 {} {you}가 기다리던 번호이므로, 도착하면 {you}는 이 RST를 받아들입니다.",
                topic(seq)
            )
        }
        Clause::ResetsAnother { seq } => write!(
            out,
            "{me}가 RST(시퀀스 번호 {seq})를 보냅니다. {you}가 방금 기다린다고 한 번호입니다. {you}가 아직 있다고 여기는 연결은 {me}에는 존재하지 않으며, RFC 9293에 따르면 {you}는 그 연결을 폐기합니다."
        ),
        Clause::Resets { seq, ack: None } => write!(out, "{me}가 RST(시퀀스 번호 {seq})를 보냅니다."),
        Clause::Resets { seq, ack: Some(ack) } => {
            write!(out, "{me}가 RST(시퀀스 번호 {seq}, ACK 번호 {ack})를 보냅니다.")
        }
        Clause::PeerIgnoresReset(unacceptable) => {
            let why = match unacceptable {
                Unacceptable::NoConnection => "받는 쪽에는 그 연결이 이미 없기 때문입니다",
                Unacceptable::NotForTheSyn => "SYN에 대한 확인 응답이 아니기 때문입니다",
                Unacceptable::WrongNumber(_) => "기다리던 번호가 아니기 때문입니다",
            };
            write!(out, "{you}는 이를 받아들이지 않을 것입니다. {why}")?;
            if let Unacceptable::WrongNumber(Some(Distance { from, by, above })) = unacceptable {
                let side = if above { "큽니다" } else { "작습니다" };
                write!(out, "({you}의 마지막 ACK 번호 {from}보다 {by} {side})")?;
            }
            write!(out, ". 따라서 이 RST는 연결에 영향을 주지 않을 것입니다.")
        }
        Clause::Challenges { seq, ack } => write!(
            out,
            "{me}가 앞선 SYN이나 RST에 challenge ACK으로 응답합니다. 자기 연결의 현재 상태만 알리는 ACK으로, {me}의 다음 번호는 {seq}, 기다리는 번호는 {ack}입니다."
        ),
        Clause::ExactResetAnswers => {
            write!(
                out,
                "그 SYN이나 RST가 위조된 것이 아니라면, 보낸 쪽은 이제 이 ACK 번호를 시퀀스 번호로 쓴 RST로 응답할 수 있습니다."
            )
        }
        Clause::CutsOnlyUnacked => {
            write!(out, "양쪽이 이미 FIN을 보냈으므로, 그때까지 확인 응답되지 않은 데이터만 유실될 수 있습니다.")
        }
        Clause::OtherHops(ForeignHops { rst, host, v6 }) => write!(
            out,
            "이 RST의 {} 값은 {rst}인데, {me}의 다른 패킷은 {host}입니다. 경로 중간의 다른 장비가 {me}의 주소를 출발지 주소로 써서 보낸 것으로 보입니다.",
            hops_of(v6)
        ),
        Clause::ResetsAfterEnd { reset: false } => write!(out, "연결은 그 전에 이미 끝났습니다."),
        Clause::ResetsAfterEnd { reset: true } => {
            write!(out, "다른 RST 이후에 캡처되었습니다. 그 RST가 받아들여졌다면 연결은 이미 끝난 상태입니다.")
        }
    }
}

/// ACK 번호를 시퀀스 번호로 쓰는 RST를 어떤 호스트가 보내는지. FIN을 이미 보낸 쪽이면 그 까닭도 덧붙인다.
fn who_answers_so(out: &mut String, closed: bool) -> fmt::Result {
    write!(out, "해당 연결 정보가 없거나 이미 삭제한 호스트가 이렇게 응답")?;
    match closed {
        false => write!(out, "합니다(RFC 9293, 3.10.7.1)."),
        true => {
            write!(out, "하며(RFC 9293, 3.10.7.1), 프로그램이 소켓을 닫은 뒤 데이터를 받은 호스트도 마찬가지입니다.")
        }
    }
}
