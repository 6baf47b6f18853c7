//! 연결 수립에 대한 설명.

use crate::narrate::clause::{Covers, OpeningClause as Clause};
use crate::narrate::ko::{First, by, topic};
use std::fmt::{self, Write};

pub fn write(out: &mut String, me: &str, you: &str, clause: Clause) -> fmt::Result {
    match clause {
        Clause::Asks { from, to } => write!(out, "{me}(포트 {from})가 {you}(포트 {to})에 연결을 요청합니다."),
        Clause::HasIsn { seq } => write!(out, "{me}의 초기 시퀀스 번호(ISN)는 {seq}입니다."),
        Clause::SynTakesNumber { next } => {
            write!(out, "SYN은 페이로드가 없어도 번호를 하나 차지하므로 다음 번호는 {next}입니다.")
        }
        Clause::AsksWithData { seq, bytes, fast_open } => {
            write!(out, "{me}가 번호 {} 연결을 요청하면서, SYN에 데이터 {bytes}바이트를 함께 실어 보냅니다", by(seq))?;
            write!(out, "{}.", if fast_open { "(TCP Fast Open)" } else { "(Fast Open 옵션 없음)" })
        }
        Clause::SynAndDataTakeNumbers { bytes, next } => {
            write!(out, "SYN이 번호 하나, 데이터가 번호 {bytes}개를 차지하므로 다음 번호는 {next}입니다.")
        }
        Clause::OldSyn { seq, open: true } => write!(
            out,
            "이미 수립된 연결에서 {me}의 SYN(번호 {seq})이 다시 나타났습니다. 아마 오래된 중복 세그먼트일 것입니다."
        ),
        Clause::OldSyn { seq, open: false } => write!(
            out,
            "연결 종료 후 {me}의 SYN(번호 {seq})이 다시 나타났습니다. 아마 오래된 중복 세그먼트일 것입니다."
        ),
        Clause::AsksAgain { seq } => write!(out, "{me}가 같은 번호 {} SYN을 재전송합니다.", by(seq)),
        Clause::NoAnswerBefore => {
            write!(
                out,
                "이 프레임 이전에 캡처된 SYN-ACK이나 RST는 없습니다. 아마 SYN이나 그 응답이 유실되었거나 방화벽이 버렸을 것입니다."
            )
        }
        Clause::SynAckBefore => {
            write!(out, "이 프레임 이전에 SYN-ACK이 캡처되었습니다. 아마 {me}에 제때 도착하지 못했을 것입니다.")
        }
        Clause::ResetBefore { own: false } => {
            write!(out, "이 프레임 이전에 RST가 캡처되었습니다. {me}가 다시 시도하는 것입니다.")
        }
        Clause::ResetBefore { own: true } => {
            write!(out, "이 SYN에 앞서 {me}가 직접 RST를 보냈고, 이제 다시 연결을 요청합니다.")
        }
        Clause::PortsReused => {
            write!(out, "Wireshark의 분석에 따르면, 이 캡처의 앞선 연결이 같은 포트를 사용했습니다.")
        }
        Clause::AsksToo { seq } => write!(
            out,
            "{me}도 {you}의 SYN에 대한 확인 응답 없이 자신의 SYN(번호 {seq})을 보냅니다. 양쪽이 동시에 연결을 여는 동시 연결(simultaneous open)입니다."
        ),
        Clause::NeitherWaits => {
            write!(out, "어느 쪽도 상대방의 요청을 기다리지 않았으므로, 각자 상대방의 SYN에 확인 응답해야 합니다.")
        }
        Clause::Accepts => write!(out, "{me}가 연결을 수락하며, 한 세그먼트에 두 가지 메시지를 담습니다."),
        Clause::AnswersAndRepeats => write!(out, "{me}가 {you}의 SYN에 응답하면서 자신의 SYN을 다시 보냅니다."),
        Clause::ConnectsToItself => write!(
            out,
            "{me}가 자신에게 되돌아온 자기 SYN에 응답합니다. 소켓이 자기 자신에게 연결된 것으로, {you}도 같은 끝점입니다."
        ),
        Clause::SynAckAcks { ack, covers } => match covers {
            Covers::Syn(isn) => write!(out, "ACK {ack} = {isn} + 1: {you}의 SYN을 받았습니다."),
            Covers::SynAlone(isn, bytes) => write!(
                out,
                "ACK {ack} = {isn} + 1: {you}의 SYN은 받았지만, SYN에 실린 데이터 {bytes}바이트에는 확인 응답하지 않았습니다. {you}는 이 데이터를 다시 보내야 합니다."
            ),
            Covers::SynAndData(bytes) => {
                write!(out, "ACK {ack}: {you}의 SYN과 그에 실린 데이터 {bytes}바이트까지 받았습니다.")
            }
            Covers::Unknown => {
                write!(out, "ACK {ack}: 다음에 받을 번호입니다. 이 ACK이 확인 응답하는 SYN은 캡처되지 않았습니다.")
            }
        },
        Clause::OwnIsn { seq, next } => write!(
            out,
            "SYN: {me}의 초기 시퀀스 번호는 {seq}입니다. SYN이 번호를 하나 차지하므로 다음 번호는 {next}입니다."
        ),
        Clause::OwnIsnWithData { seq, bytes, next } => write!(
            out,
            "SYN: {me}의 초기 시퀀스 번호는 {seq}입니다. SYN이 번호 하나, 함께 보낸 데이터가 번호 {bytes}개를 차지하므로 다음 번호는 {next}입니다."
        ),
        Clause::OwnIsnStill { seq, next } => {
            write!(out, "SYN: {me}의 번호는 그대로 {seq}, 다음 번호는 {next}입니다.")
        }
        Clause::SynAckAgain { seq } => write!(out, "{me}가 같은 번호 {} SYN-ACK을 재전송합니다.", by(seq)),
        Clause::HandshakeAckBefore => {
            write!(
                out,
                "이 프레임 이전에 이 SYN-ACK에 대한 ACK이 캡처되었습니다. 아마 {me}에 도착하지 못했거나 {me}가 버렸을 것입니다."
            )
        }
        Clause::NoHandshakeAckBefore => {
            write!(
                out,
                "이 프레임 이전에 이 SYN-ACK에 대한 ACK은 캡처되지 않았습니다. 아마 SYN-ACK이나 그 ACK이 유실되었거나, {you}가 응답하지 않았을 것입니다."
            )
        }
        Clause::AnswersOtherwise { seq } => {
            write!(out, "{me}가 이번에는 다른 초기 시퀀스 번호 {} 다시 응답합니다.", by(seq))
        }
        Clause::TwoAnswer => {
            write!(out, "재전송이 아닙니다. 아마 둘 중 하나는 오래된 중복 세그먼트이거나 다른 장비의 응답일 것입니다.")
        }
        Clause::AcksSyn { ack, covers } => match covers {
            Covers::Syn(isn) | Covers::SynAlone(isn, _) => {
                write!(out, "{me}가 {you}의 SYN에 확인 응답합니다(ACK {ack} = {isn} + 1).")
            }
            Covers::SynAndData(bytes) => {
                write!(out, "{me}가 {you}의 SYN과 그에 실린 데이터 {bytes}바이트에 확인 응답합니다(ACK {ack}).")
            }
            Covers::Unknown => {
                write!(out, "{me}가 {you}의 SYN에 확인 응답합니다(ACK {ack}). 그 SYN은 캡처되지 않았습니다.")
            }
        },
        Clause::Connected => write!(out, "이제 양쪽이 서로의 번호를 알게 되었고, 연결이 수립되었습니다."),
        Clause::BringsData { bytes } => write!(out, "데이터 {bytes}바이트도 함께 보냅니다."),
        Clause::BringsDataOfSyn { bytes, again } if bytes == again => {
            write!(out, "SYN에 실어 보냈던 데이터 {bytes}바이트를 다시 함께 보냅니다.")
        }
        Clause::BringsDataOfSyn { bytes, again } => {
            write!(out, "데이터 {bytes}바이트도 함께 보냅니다. 그중 {}는 SYN에 실어 보냈던 것입니다.", First(again))
        }
        Clause::AckTakesNoNumber { next, rel_next } => write!(
            out,
            "ACK은 그 자체로는 번호를 차지하지 않으므로 {me}의 다음 번호는 그대로 {next}(상대(relative) 시퀀스 번호 {rel_next})입니다."
        ),
        Clause::Refuses { port } => write!(
            out,
            "{me}가 SYN에 RST로 응답합니다. 아마 포트 {port}에서 연결을 받는 프로그램이 없거나, 방화벽이 대신 거부했을 것입니다."
        ),
        Clause::RefusalEndsAttempt { ack: Some(ack) } => {
            write!(out, "연결 시도는 이 RST로 끝나며, ACK 번호 {} 어느 SYN에 대한 응답인지 보여 줍니다.", topic(ack))
        }
        Clause::RefusalEndsAttempt { ack: None } => write!(out, "연결 시도는 이 RST로 끝납니다."),
        Clause::RefusesProbe { port } => write!(
            out,
            "{me}가 프로브에 RST로 응답합니다. 아마 포트 {port}에서 연결을 받는 프로그램이 없거나, 방화벽이 대신 거부했을 것입니다."
        ),
        Clause::AcksWrongNumber { ack } => write!(
            out,
            "{me}가 확인 응답한 번호 {} 이 핸드셰이크에서 {you}가 쓴 어느 번호와도 맞지 않습니다. 아마 오래되었거나 손상되었거나 위조된 세그먼트일 것입니다. RFC 9293에 따르면 이에 대해 RST(시퀀스 번호 {ack})로 응답해야 합니다.",
            topic(ack)
        ),
        Clause::UnexpectedSyn { seq } => write!(out, "이미 수립된 연결에서 {me}가 SYN(번호 {seq})을 보냅니다."),
        Clause::PeerMustChallenge => {
            write!(out, "RFC 9293에 따르면 {you}는 이를 그대로 믿지 않고 challenge ACK으로 응답해야 합니다.")
        }
    }
}
