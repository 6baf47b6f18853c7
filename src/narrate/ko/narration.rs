//! 한국어 설명: 무슨 일이 왜 일어나는가.

use super::{by, object, side, topic};
use crate::narrate::clause::{Clause, Covers, FinNumber, Payload, Unacceptable};
use crate::narrate::text::FlagNames;
use crate::tcp::Side;
use std::fmt::{self, Write};

/// 보낸 쪽이 `sender`인 세그먼트에 대해 온전한 문장을 하나 이상 쓴다.
pub fn write(out: &mut String, sender: Side, clause: &Clause) -> fmt::Result {
    let (me, you) = (side(sender), side(sender.peer()));
    match *clause {
        Clause::Asks { from, to } => write!(out, "{me}(포트 {from})가 {you}(포트 {to})에 연결을 요청합니다."),
        Clause::PicksIsn { seq } => write!(out, "초기 시퀀스 번호(ISN)로 임의의 값 {} 골랐습니다.", object(seq)),
        Clause::SynTakesNumber { next } => {
            write!(out, "SYN은 페이로드가 없어도 번호를 하나 차지하므로 다음 번호는 {next}입니다.")
        }
        Clause::AsksWithData { seq, bytes } => write!(
            out,
            "{me}가 번호 {} 연결을 요청하면서, 핸드셰이크가 끝나기 전에 데이터 {bytes}바이트를 함께 보냅니다(TCP Fast Open).",
            by(seq)
        ),
        Clause::SynAndDataTakeNumbers { bytes, next } => {
            write!(out, "SYN이 번호 하나, 데이터가 번호 {bytes}개를 차지하므로 다음 번호는 {next}입니다.")
        }
        Clause::OldSyn { seq } => write!(
            out,
            "이미 수립된 연결에 {me}의 SYN(번호 {seq}) 사본이 도착했습니다. 오래된 중복 세그먼트이며, {you}는 challenge ACK으로 응답합니다."
        ),
        Clause::AsksAgain { seq } => {
            write!(out, "{me}가 같은 번호 {} 연결을 다시 요청합니다. 유효한 응답을 받지 못했기 때문입니다.", by(seq))
        }
        Clause::SynOrAnswerLost => {
            write!(out, "SYN이나 그에 대한 응답이 유실되었거나, 아무도 응답하지 않는 것입니다.")
        }
        Clause::AsksToo { seq } => write!(
            out,
            "{me}도 {you}의 SYN을 받기 전에 자신의 SYN(번호 {seq})을 보냅니다. 양쪽이 함께 연결을 여는 동시 열기(simultaneous open)입니다."
        ),
        Clause::NeitherWaits => {
            write!(out, "어느 쪽도 상대방의 요청을 기다리지 않고, 각자 상대방의 SYN에 확인 응답합니다.")
        }
        Clause::Accepts => write!(out, "{me}가 연결을 수락하며, 한 세그먼트에 두 가지 메시지를 담습니다."),
        Clause::AnswersAndRepeats => write!(out, "{me}가 {you}의 SYN에 응답하면서 자신의 SYN을 다시 보냅니다."),
        Clause::SynAckAcks { ack, covers } => match covers {
            Covers::Syn(isn) => write!(out, "ACK {ack} = {isn} + 1: {you}의 SYN을 받았습니다."),
            Covers::SynAndData(bytes) => {
                write!(out, "ACK {ack}: {you}의 SYN과 그에 실린 데이터 {bytes}바이트까지 받았습니다.")
            }
            Covers::Unknown => write!(out, "ACK {ack}: 다음에 받을 번호입니다."),
        },
        Clause::OwnIsn { seq, next } => write!(
            out,
            "SYN: {me}도 초기 시퀀스 번호를 임의로 골랐으며, 그 값은 {seq}입니다. SYN이 번호를 하나 차지하므로 다음 번호는 {next}입니다."
        ),
        Clause::OwnIsnWithData { seq, bytes, next } => write!(
            out,
            "SYN: {me}도 초기 시퀀스 번호를 임의로 골랐으며, 그 값은 {seq}입니다. SYN이 번호 하나, 함께 보낸 데이터가 번호 {bytes}개를 차지하므로 다음 번호는 {next}입니다."
        ),
        Clause::OwnIsnStill { seq, next } => {
            write!(out, "SYN: {me}의 번호는 그대로 {seq}, 다음 번호는 {next}입니다.")
        }
        Clause::SynAckAgain { seq } => write!(
            out,
            "{me}가 같은 번호 {} SYN-ACK을 다시 보냅니다. {you}의 ACK이 도착하지 않았기 때문입니다.",
            by(seq)
        ),
        Clause::AnswersOtherwise { seq } => {
            write!(out, "{me}가 이번에는 다른 초기 시퀀스 번호 {} 다시 응답합니다.", by(seq))
        }
        Clause::TwoAnswer => {
            write!(out, "재전송이 아니라, 오래된 중복 세그먼트이거나 두 장비가 각각 응답한 것입니다.")
        }
        Clause::AcksSyn { ack, covers } => {
            write!(out, "{me}가 {you}의 SYN에 확인 응답합니다(ACK {ack}")?;
            match covers {
                Covers::Syn(isn) => write!(out, " = {isn} + 1)."),
                Covers::SynAndData(bytes) => write!(out, ", 그에 실린 데이터 {bytes}바이트까지)."),
                Covers::Unknown => write!(out, ")."),
            }
        }
        Clause::Connected => write!(out, "이제 양쪽이 서로의 번호를 알게 되었고, 연결이 수립되었습니다."),
        Clause::BringsData { bytes } => write!(out, "데이터 {bytes}바이트도 함께 보냅니다."),
        Clause::AckTakesNoNumber { next, rel_next } => write!(
            out,
            "ACK은 그 자체로는 번호를 차지하지 않으므로 {me}의 다음 번호는 그대로 {next}(상대적 번호 {rel_next})입니다."
        ),
        Clause::Refuses { port } => {
            write!(out, "{me}가 연결을 거부합니다. 포트 {port}에서 연결을 받지 않거나, 방화벽이 대신 거부한 것입니다.")
        }
        Clause::RefusalEndsAttempt { ack } => {
            write!(out, "연결 시도는 이 RST로 끝나며, ACK 번호 {} 어느 SYN에 대한 답인지 알려 줍니다.", topic(ack))
        }
        Clause::RefusesProbe { port } => write!(
            out,
            "{me}가 탐색에 RST로 답합니다. 포트 {port}에서 연결을 받지 않거나, 방화벽이 대신 거부한 것입니다."
        ),
        Clause::AcksWrongNumber { ack } => write!(
            out,
            "{me}가 확인 응답한 번호 {} {you}가 이 핸드셰이크에서 보낸 적이 없는 번호입니다. 오래되었거나 위조된 세그먼트이며, 여기에는 시퀀스 번호가 {ack}인 RST로 답합니다.",
            topic(ack)
        ),
        Clause::UnexpectedSyn { seq } => write!(out, "이미 수립된 연결에서 {me}가 번호가 {seq}인 SYN을 보냅니다."),
        Clause::PeerMustChallenge => {
            write!(out, "{you}는 이를 그대로 믿지 말고 challenge ACK으로 응답해야 합니다.")
        }
        Clause::Sends(payload) => sends(out, me, "보냅니다", payload),
        Clause::StillSends(payload) => sends(out, me, "더 보냅니다", payload),
        Clause::FullSegment { mss, options } => {
            if let Some(options) = options {
                write!(out, "헤더의 옵션 {options}바이트와 함께 ")?;
            }
            write!(
                out,
                "MSS를 꽉 채운 세그먼트입니다. 보내는 쪽이 데이터를 MSS {mss}에 맞춰 나눈 것이며 IP 단편화가 아닙니다. 그래서 시퀀스 번호는 세그먼트마다 길이만큼 늘고, ACK 번호는 그대로입니다."
            )
        }
        Clause::OverMss { mss } => {
            write!(out, "MSS {mss}보다 큽니다. 네트워크 카드가 나누기 전이나 합친 뒤에 캡처된 것입니다.")
        }
        Clause::HalfClosed => write!(
            out,
            "{you}는 자신이 보내는 방향을 닫았지만, 이쪽 방향은 아직 열려 있습니다. 연결이 반만 닫힌(half-closed) 상태입니다."
        ),
        Clause::SendsAgain { bytes, rel_first, rel_last } => write!(
            out,
            "{me}가 {bytes}바이트(상대적 번호 {rel_first}~{rel_last})를 다시 보냅니다. ACK이 오지 않아 유실된 것으로 판단했습니다."
        ),
        Clause::Overtaken { bytes, rel_first, rel_last } => write!(
            out,
            "{me}가 보낸 {bytes}바이트(상대적 번호 {rel_first}~{rel_last})가 뒤의 번호보다 늦게 캡처되었습니다. 전송 도중에 순서가 뒤바뀐 것입니다."
        ),
        Clause::HasNothing { rel_ack } => {
            write!(out, "ACK {rel_ack}: {you}의 데이터는 아직 받은 것이 없고, 다음에 받을 번호는 {rel_ack}입니다.")
        }
        Clause::HasBytes { bytes, rel_ack } => write!(
            out,
            "{me}가 {you}의 데이터를 처음부터 {bytes}바이트까지 받았습니다. ACK {} 다음에 받을 번호입니다.",
            topic(rel_ack)
        ),
        Clause::AlsoHasBytes { bytes, rel_ack } => {
            write!(out, "ACK {rel_ack}: {you}의 데이터를 처음부터 {bytes}바이트까지 받았습니다.")
        }
        Clause::Expects { rel_ack } => {
            write!(out, "ACK {} {me}가 {you}로부터 다음에 받을 번호입니다.", topic(rel_ack))
        }
        Clause::ExpectsStill { rel_ack } => {
            write!(out, "{me}가 상대적 번호 {} 기다린다고 다시 알립니다.", object(rel_ack))
        }
        Clause::LaterBytesArrived => {
            write!(out, "대개는 그 뒤의 바이트가 먼저 도착했고 이 번호는 아직 오지 않았다는 뜻입니다.")
        }
        Clause::AsksIfAlive => {
            write!(out, "{me}는 보낼 데이터가 없지만, {you}가 아직 살아 있는지 확인합니다.")
        }
        Clause::KeepAliveNumber { rel_seq } => write!(
            out,
            "이미 확인 응답을 받은 번호(상대적 번호 {rel_seq})를 일부러 써서 {you}가 응답할 수밖에 없게 합니다."
        ),
        Clause::IsAlive { rel_ack } => {
            write!(out, "{me}는 아직 살아 있으며, 여전히 상대적 번호 {} 기다립니다.", object(rel_ack))
        }
        Clause::PeerHasNoRoom => write!(out, "{you}의 수신 윈도우가 0이라 더 보낼 수 없습니다."),
        Clause::Probes { bytes, rel_seq } => {
            write!(out, "{me}가 {bytes}바이트(상대적 번호 {rel_seq})를 보내, 다시 받을 공간이 생겼는지 확인합니다.")
        }
        Clause::AnswersProbe { window, rel_ack } => write!(
            out,
            "{me}가 프로브에 응답합니다. 윈도우는 {window}바이트이고, 상대적 번호 {} 기다립니다.",
            object(rel_ack)
        ),
        Clause::HasRoom { window, rel_ack } => {
            write!(out, "{me}가 상대적 번호 {rel_ack}부터 {window}바이트를 받을 수 있다고 알립니다.")
        }
        Clause::NothingNewAcked => write!(out, "새로 확인 응답하는 데이터는 없습니다."),
        Clause::ClosesFirst => {
            write!(out, "{me}는 더 보낼 데이터가 없어 먼저 연결을 닫기 시작합니다(어느 쪽이든 먼저 닫을 수 있습니다).")
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
            "이 세그먼트는 {you}의 FIN에 확인 응답하지 않습니다. 두 FIN이 도중에 엇갈린 동시 닫기(simultaneous close)입니다."
        ),
        Clause::FinAgain { rel_fin } => {
            write!(out, "{me}가 FIN(상대적 번호 {rel_fin})을 다시 보냅니다. 그에 대한 ACK을 받지 못했기 때문입니다.")
        }
        Clause::AcksFin { rel_ack } => {
            write!(out, "{me}가 {you}의 FIN에 확인 응답합니다. ACK {} FIN의 번호에 1을 더한 값입니다.", topic(rel_ack))
        }
        Clause::OwnFinUnacked => write!(out, "이와 엇갈린 {me}의 FIN은 아직 확인 응답을 받지 못했습니다."),
        Clause::OneWayClosed => {
            write!(out, "{you}가 보내는 방향은 닫혔고, {me}는 아직 데이터를 보낼 수 있습니다.")
        }
        Clause::BothWaysClosed => write!(out, "두 방향이 모두 닫혀 연결이 끝났습니다."),
        Clause::Waits => write!(out, "먼저 닫은 {me}는 오래된 세그먼트가 사라질 때까지 TIME-WAIT 상태에서 기다립니다."),
        Clause::BothWait => write!(
            out,
            "양쪽이 동시에 닫았으므로, 둘 다 오래된 세그먼트가 사라질 때까지 TIME-WAIT 상태에서 기다립니다."
        ),
        Clause::Aborts => write!(
            out,
            "{me}가 RST로 연결을 강제로 끊습니다. FIN과 ACK으로 닫는 정상 종료가 아니며, 아직 전달되지 않은 데이터는 사라집니다."
        ),
        Clause::GivesUp => write!(out, "{me}가 RST로 연결 시도를 포기합니다. 연결은 수립되지 않습니다."),
        Clause::ResetIsExpected { seq } => {
            write!(out, "시퀀스 번호 {} {you}가 기다리던 번호이므로, {you}는 이 RST를 받아들입니다.", topic(seq))
        }
        Clause::ResetsAnother { seq } => write!(
            out,
            "{me}는 {you}가 방금 기다린다고 한 번호 {} RST를 보냅니다. {you}가 생각하는 연결은 존재하지 않으며, {you}는 그 연결을 정리합니다.",
            by(seq)
        ),
        Clause::Resets { seq, ack: None } => write!(out, "{me}가 시퀀스 번호가 {seq}인 RST를 보냅니다."),
        Clause::Resets { seq, ack: Some(ack) } => {
            write!(out, "{me}가 시퀀스 번호가 {seq}이고 ACK 번호가 {ack}인 RST를 보냅니다.")
        }
        Clause::PeerIgnoresReset(why) => {
            let why = match why {
                Unacceptable::NoConnection => "받는 쪽에는 그 연결이 이미 없기 때문입니다",
                Unacceptable::NotForTheSyn => "SYN에 대한 확인 응답이 아니기 때문입니다",
                Unacceptable::WrongNumber => "기다리던 번호가 아니기 때문입니다",
            };
            write!(out, "{you}는 이를 받아들이지 않습니다. {why}. 이 RST로 달라지는 것은 없습니다.")
        }
        Clause::Challenges { seq, ack } => write!(
            out,
            "{me}는 방금 온 SYN이나 RST를 그대로 믿지 않고, 자기 연결의 현재 위치만 알립니다(challenge ACK). {me}의 다음 번호는 {seq}, 기다리는 번호는 {ack}입니다."
        ),
        Clause::ExactResetAnswers => {
            write!(out, "그 SYN이나 RST를 정말로 보낸 쪽이라면 정확한 번호의 RST로 답할 수 있습니다.")
        }
        Clause::AbortsNothing { seq } => {
            write!(out, "{me}가 RST(시퀀스 번호 {seq})를 보냅니다. 양쪽이 이미 FIN을 보냈으므로 더 끊을 것이 없습니다.")
        }
        Clause::CapturedAgain => {
            write!(out, "{me}의 같은 패킷이 두 번 캡처되었습니다. 보낸 것은 한 번이므로 한 번만 셉니다.")
        }
        Clause::AfterClose { bytes } => {
            write!(out, "연결은 이미 끝났습니다. 양쪽이 모두 닫았거나 강제로 끊긴 상태이며, {me}의 이 세그먼트")?;
            match bytes {
                Some(bytes) => write!(out, "({bytes}바이트)는 그 뒤에 왔습니다."),
                None => write!(out, "는 그 뒤에 왔습니다."),
            }
        }
        Clause::ImpossibleFlags(flags) => {
            write!(out, "{me}가 보낸 플래그 조합({})은 정상적인 TCP에서는 나오지 않습니다.", FlagNames(flags))
        }
        Clause::NoFlags => {
            write!(out, "{me}가 보낸 플래그 조합(플래그 없음)은 정상적인 TCP에서는 나오지 않습니다.")
        }
        Clause::ProbeOrDamaged => {
            write!(out, "포트 스캐너의 탐색이거나 손상된 세그먼트이며, 연결에는 영향을 주지 않습니다.")
        }
    }
}

fn sends(out: &mut String, me: &str, sends: &str, payload: Payload) -> fmt::Result {
    let Payload { bytes, rel_first, rel_last, rel_next } = payload;
    write!(out, "{me}가 {bytes}바이트(상대적 번호 {rel_first}~{rel_last})를 {sends}. 다음 번호는 {rel_next}입니다.")
}

fn fin_takes(out: &mut String, number: FinNumber) -> fmt::Result {
    let FinNumber { rel_fin, rel_next, has_payload } = number;
    let although = if has_payload { "" } else { "페이로드가 없어도 " };
    write!(out, "FIN은 {although}번호 하나(상대적 번호 {rel_fin})를 차지하므로 다음 번호는 {rel_next}입니다.")
}
