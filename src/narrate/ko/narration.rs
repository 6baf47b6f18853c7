//! 한국어 설명: 무슨 일이 왜 일어나는가.

use super::{Captured, First, by, guessed, object, range, side, topic, with};
use crate::narrate::clause::{Acked, Clause, Covers, FinNumber, Payload, Room, Sent, Unacceptable};
use crate::narrate::evidence::{Duplicate, Repeated};
use crate::narrate::text::FlagNames;
use crate::tcp::{Earlier, Side};
use std::fmt::{self, Write};

/// 보낸 쪽이 `sender`인 세그먼트에 대해 온전한 문장을 하나 이상 쓴다. `guess`는 보낸 쪽을 처음 부르며, 누가 클라이언트인지가
/// 추정이라는 뜻이다.
pub fn write(out: &mut String, sender: Side, guess: bool, clause: &Clause) -> fmt::Result {
    let (me, you) = (if guess { guessed(sender) } else { side(sender) }, side(sender.peer()));
    match *clause {
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
            write!(out, "그 전에 캡처된 SYN-ACK이나 RST는 없습니다. 아마 SYN이 유실되었거나 방화벽이 버렸을 것입니다.")
        }
        Clause::SynAckBefore => {
            write!(out, "그 전에 SYN-ACK이 캡처되었습니다. 아마 {me}에 제때 도착하지 못했을 것입니다.")
        }
        Clause::ResetBefore { own: false } => {
            write!(out, "그 전에 RST가 캡처되었습니다. {me}가 다시 시도하는 것입니다.")
        }
        Clause::ResetBefore { own: true } => {
            write!(out, "그 전에 {me}가 직접 RST를 보냈고, 이제 다시 연결을 요청합니다.")
        }
        Clause::PortsReused => {
            write!(out, "Wireshark의 분석에 따르면, 이 캡처의 앞선 연결이 같은 포트를 사용했습니다.")
        }
        Clause::AsksToo { seq } => write!(
            out,
            "{me}도 {you}의 SYN에 대한 확인 응답 없이 자신의 SYN(번호 {seq})을 보냅니다. 양쪽이 동시에 연결을 여는 동시 연결(simultaneous open)입니다."
        ),
        Clause::NeitherWaits => {
            write!(out, "어느 쪽도 상대방의 요청을 기다리지 않고, 각자 상대방의 SYN에 확인 응답합니다.")
        }
        Clause::Accepts => write!(out, "{me}가 연결을 수락하며, 한 세그먼트에 두 가지 메시지를 담습니다."),
        Clause::AnswersAndRepeats => write!(out, "{me}가 {you}의 SYN에 응답하면서 자신의 SYN을 다시 보냅니다."),
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
            write!(out, "그 전에 이에 대한 ACK이 캡처되었습니다. 아마 {me}에 도착하지 못했거나 {me}가 버렸을 것입니다.")
        }
        Clause::NoHandshakeAckBefore => {
            write!(out, "그 전에 캡처된 ACK은 없습니다. 아마 SYN-ACK이나 그에 대한 ACK이 유실되었을 것입니다.")
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
            "{me}가 확인 응답한 번호 {} 이 핸드셰이크에서 {you}가 쓴 어느 번호와도 맞지 않습니다. 아마 오래되었거나 위조된 세그먼트일 것입니다. RFC 9293에 따르면 이에 대해 RST(시퀀스 번호 {ack})로 응답해야 합니다.",
            topic(ack)
        ),
        Clause::UnexpectedSyn { seq } => write!(out, "이미 수립된 연결에서 {me}가 SYN(번호 {seq})을 보냅니다."),
        Clause::PeerMustChallenge => {
            write!(out, "RFC 9293에 따르면 {you}는 이를 그대로 믿지 않고 challenge ACK으로 응답해야 합니다.")
        }
        Clause::Sends(payload) => sends(out, me, "보냅니다", payload),
        Clause::StillSends(payload) => {
            write!(out, "{you}가 FIN을 보낸 뒤이지만(연결이 절반만 닫힘), ")?;
            sends(out, me, "더 보냅니다", payload)
        }
        Clause::FullSegment { mss, options } => {
            if let Some(options) = options {
                write!(out, "헤더의 옵션 {options}바이트와 함께 ")?;
            }
            write!(
                out,
                "MSS {} 꽉 채운 세그먼트입니다. TCP는 보낼 데이터를 이런 세그먼트로 나누며(IP 단편화가 아닙니다), 시퀀스 번호는 세그먼트의 길이만큼 늘어납니다.",
                object(mss.into())
            )
        }
        Clause::OverMss { mss } => write!(out, "MSS {mss}보다 큽니다(아마 TSO 또는 GRO)."),
        Clause::FirstOverMss { mss } => write!(
            out,
            "MSS {mss}보다 큽니다. 아마 네트워크 카드가 나누기 전(TSO)이나 수신 후 합친 뒤(GRO)에 캡처되었을 것입니다."
        ),
        Clause::Pushes => write!(out, "PSH가 설정되어 있습니다."),
        Clause::PushMeans => {
            write!(out, "PSH가 설정되어 있으므로, {you}는 데이터를 더 기다리지 말고 애플리케이션에 전달해야 합니다.")
        }
        Clause::Marked(flags) => write!(out, "그 밖에 설정된 플래그: {}.", FlagNames(flags)),
        Clause::InFlight { bytes, window, first } => {
            let what = if first {
                "전송 중인(in flight), 즉 아직 확인 응답을 받지 못한"
            } else {
                "전송 중인"
            };
            write!(out, "이 세그먼트까지 {what} 데이터는 {bytes}바이트")?;
            match window {
                None => write!(out, "입니다."),
                Some(window) if bytes < window => write!(out, "이며, {you}의 윈도우는 {window}바이트입니다."),
                Some(window) => write!(out, "로, {you}의 윈도우 {window}바이트를 다 채웠습니다."),
            }
        }
        Clause::SendsAgain { bytes, rel_first, rel_last } => {
            write!(out, "{me}가 {bytes}바이트(상대 시퀀스 번호 {})를 재전송합니다.", range(rel_first, rel_last))
        }
        Clause::GoesBack { bytes, rel_first, rel_last } => write!(
            out,
            "{me}가 {bytes}바이트(상대 시퀀스 번호 {})를 보냅니다. Wireshark는 이를 재전송으로 판단합니다.",
            range(rel_first, rel_last)
        ),
        Clause::ComesLate { bytes, rel_first, rel_last } => write!(
            out,
            "{me}가 보낸 {bytes}바이트(상대 시퀀스 번호 {})가 뒤의 번호보다 늦게 캡처되었습니다.",
            range(rel_first, rel_last)
        ),
        Clause::NotCapturedBefore => {
            write!(out, "Wireshark는 이를 재전송으로 판단하지만, 이 번호들은 그 전에 캡처된 적이 없습니다.")
        }
        Clause::ProbablyOvertaken => write!(out, "아마 전송 도중에 순서가 뒤바뀌었을 것입니다."),
        Clause::Repeats(Repeated { earlier: Earlier { frame, before }, whole: true, .. }) => {
            write!(out, "{} 프레임 {} 번호 범위가 같습니다.", Captured(before), with(frame.get()))
        }
        Clause::Repeats(Repeated { earlier: Earlier { frame, before }, whole: false, .. }) => {
            write!(out, "{} 프레임 {} 같은 번호에서 시작합니다.", Captured(before), with(frame.get()))
        }
        Clause::AckedBefore(false) => write!(
            out,
            "이 세그먼트 전체에 대한 ACK은 그 전에 캡처되지 않았습니다. 아마 먼저 보낸 세그먼트가 전송 도중에 유실되었을 것입니다."
        ),
        Clause::AckedBefore(true) => {
            write!(
                out,
                "이 세그먼트 전체에 대한 ACK이 그 전에 캡처되었습니다. 아마 그 ACK이 {me}에 제때 도착하지 못했을 것입니다."
            )
        }
        Clause::TooSoon => write!(
            out,
            "타임아웃에 따른 재전송으로 보기에는 너무 이릅니다. 아마 패킷이 전송 도중에 복제되었거나 두 번 캡처되었을 것입니다."
        ),
        Clause::AckedAlready => write!(
            out,
            "이 세그먼트 전체에 대한 ACK이 그 전에 캡처되었습니다. 필요 없는 재전송이거나, 둘의 캡처 순서가 뒤바뀐 것입니다."
        ),
        Clause::HasNothing { rel_ack } => {
            write!(out, "ACK {rel_ack}: {you}의 데이터는 아직 받은 것이 없고, 다음에 받을 번호는 {rel_ack}입니다.")
        }
        Clause::HasBytes { bytes, rel_ack } => write!(
            out,
            "ACK {rel_ack}: {me}가 {you}의 데이터를 {}까지 모두 받았고, 다음에 받을 번호는 {rel_ack}입니다.",
            First(bytes)
        ),
        Clause::AlsoHasBytes { bytes, rel_ack } => {
            write!(out, "ACK {rel_ack}: {you}의 데이터를 {}까지 모두 받았습니다.", First(bytes))
        }
        Clause::Expects { rel_ack } => {
            write!(out, "ACK {} {me}가 {you}로부터 다음에 받을 번호입니다.", topic(rel_ack))
        }
        Clause::ExpectsUnseen { rel_ack } => write!(
            out,
            "ACK {} {me}가 {you}로부터 다음에 받을 번호입니다. 이 ACK이 확인 응답하는 데이터는 그 전에 캡처되지 않았습니다.",
            topic(rel_ack)
        ),
        Clause::AcksFrame { what, sent } => acks_frame(out, what, sent),
        Clause::ExpectsStill { rel_ack } => {
            write!(out, "{me}가 상대 시퀀스 번호 {} 기다린다고 다시 알립니다.", object(rel_ack))
        }
        Clause::Duplicates(Duplicate { number, of }) => {
            write!(out, "프레임 {}의 ACK에 대한 중복 ACK #{number}입니다.", of.get())
        }
        Clause::SackHole { rel_ack, rel_hole_last, rel_first, rel_last } => write!(
            out,
            "SACK: {me}가 상대 시퀀스 번호로 {}번은 받았지만, 그 앞의 {rel_ack}~{rel_hole_last}번은 아직 받지 못했습니다.",
            range(rel_first, rel_last)
        ),
        Clause::SackTwice { rel_first, rel_last } => {
            write!(out, "D-SACK: 상대 시퀀스 번호로 {}번이 두 번 도착했습니다.", range(rel_first, rel_last))
        }
        Clause::KeepsAlive { bytes, rel_seq, shut } => {
            if shut {
                write!(out, "{you}의 윈도우가 0인데 ")?;
            }
            write!(out, "{me}가 상대 시퀀스 번호 {} ", by(rel_seq))?;
            match bytes {
                0 => write!(out, "페이로드 없는 세그먼트를 보냅니다. ")?,
                bytes => write!(out, "{bytes}바이트를 보냅니다. ")?,
            }
            match shut {
                false => write!(out, "아마 {you}가 아직 살아 있는지를 이미 쓴 번호로 확인하는 keep-alive일 것입니다."),
                true => write!(out, "받을 여유가 생겼는지 확인하려는 것으로 보입니다."),
            }
        }
        Clause::IsAlive { rel_ack } => {
            write!(
                out,
                "{me}가 keep-alive에 응답합니다. 아직 살아 있으며, 상대 시퀀스 번호 {} 기다리고 있습니다.",
                object(rel_ack)
            )
        }
        Clause::Probes { bytes, rel_seq } => write!(
            out,
            "{you}의 윈도우가 0인데 {me}가 {bytes}바이트(상대 시퀀스 번호 {rel_seq})를 보냅니다. 받을 여유가 생겼는지 확인하려는 것으로 보입니다."
        ),
        Clause::AnswersProbe { room, rel_ack } => {
            write!(out, "{me}가 프로브에 응답합니다. 윈도우는 ")?;
            window(out, room)?;
            write!(out, "이고, 상대 시퀀스 번호 {} 기다립니다.", object(rel_ack))
        }
        Clause::HasRoom { room, rel_ack } => {
            write!(out, "{me}가 새로 확인 응답하는 데이터는 없습니다. 윈도우는 이제 상대 시퀀스 번호 {rel_ack}부터 ")?;
            window(out, room)?;
            write!(out, "입니다.")
        }
        Clause::WindowShut { still: true } => write!(out, "{me}의 윈도우는 여전히 0입니다."),
        Clause::WindowShut { still: false } => {
            write!(out, "{me}의 윈도우가 0이므로 {you}는 당분간 데이터를 보내지 말아야 합니다.")
        }
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
        Clause::WaitsForThat => write!(
            out,
            "{me}가 TIME-WAIT 상태에서 기다리는 이유 중 하나가 이것입니다. 먼저 보낸 ACK이 유실되었을 수 있기 때문입니다."
        ),
        Clause::OwnFinUnacked => write!(out, "이와 엇갈린 {me}의 FIN은 아직 확인 응답을 받지 못했습니다."),
        Clause::OneWayClosed => {
            write!(out, "{you}가 보내는 방향은 닫혔고, {me}는 아직 데이터를 보낼 수 있습니다.")
        }
        Clause::BothWaysClosed => write!(out, "이 ACK이 도착하면 두 방향이 모두 닫혀 연결이 끝납니다."),
        Clause::Waits => write!(
            out,
            "먼저 닫은 {me}는 오래된 세그먼트가 사라질 때까지, 또 이 ACK이 유실될 경우에 대비해 TIME-WAIT 상태에서 기다립니다."
        ),
        Clause::BothWait => write!(
            out,
            "양쪽이 동시에 닫았으므로, 둘 다 오래된 세그먼트가 사라질 때까지, 또 마지막 ACK이 유실될 경우에 대비해 TIME-WAIT 상태에서 기다립니다."
        ),
        Clause::AnswersWithReset { frame, seq } => write!(
            out,
            "{me}가 프레임 {}에 RST로 응답합니다. ACK 플래그가 없고, 시퀀스 번호 {} 그 프레임의 ACK 번호입니다. 그런 연결이 없거나 더는 없는 호스트가 이렇게 응답합니다(RFC 9293, 3.10.7.1).",
            frame.get(),
            topic(seq)
        ),
        Clause::KnowsNoConnection { seq } => write!(
            out,
            "{me}가 ACK 플래그가 없는 RST를 보냅니다. 시퀀스 번호 {} {you}의 마지막 ACK 번호입니다. 그런 연결이 없거나 더는 없는 호스트가 이렇게 응답합니다(RFC 9293, 3.10.7.1).",
            topic(seq)
        ),
        Clause::ResetFits => {
            write!(out, "{you}가 기다리던 번호이므로, 도착하면 {you}는 이 RST를 받아들입니다.")
        }
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
        Clause::PeerIgnoresReset(why) => {
            let why = match why {
                Unacceptable::NoConnection => "받는 쪽에는 그 연결이 이미 없기 때문입니다",
                Unacceptable::NotForTheSyn => "SYN에 대한 확인 응답이 아니기 때문입니다",
                Unacceptable::WrongNumber => "기다리던 번호가 아니기 때문입니다",
            };
            write!(out, "{you}는 이를 받아들이지 않습니다. {why}. 이 RST는 연결에 영향을 주지 않습니다.")
        }
        Clause::Challenges { seq, ack } => write!(
            out,
            "{me}가 앞선 SYN이나 RST에 challenge ACK으로 응답합니다. 자기 연결의 현재 상태만 알리는 ACK으로, {me}의 다음 번호는 {seq}, 기다리는 번호는 {ack}입니다."
        ),
        Clause::ExactResetAnswers => {
            write!(out, "그 SYN이나 RST를 정말로 보낸 쪽이라면 정확한 번호의 RST로 응답할 수 있습니다.")
        }
        Clause::NothingToAbort => write!(out, "양쪽이 이미 FIN을 보냈으므로 더 끊을 것이 없습니다."),
        Clause::ResetsAfterEnd => write!(out, "연결은 그 전에 이미 끝났습니다."),
        Clause::SendsBeforeFirst { seq, ack, bytes, fin, older } => {
            match older {
                true => write!(out, "{me}가 같은 포트를 쓰는 예전 연결을 이어 갑니다")?,
                false => write!(out, "{me}가 세그먼트를 보냅니다")?,
            }
            write!(out, "(원래(raw) 번호 {seq}, ACK {ack}). 내용은 ")?;
            match (bytes, fin) {
                (0, false) => write!(out, "이 ACK뿐입니다."),
                (0, true) => write!(out, "FIN입니다."),
                (_, false) => write!(out, "{bytes}바이트입니다."),
                (_, true) => write!(out, "{bytes}바이트와 FIN입니다."),
            }
        }
        Clause::WhyRaw { older: true } => write!(
            out,
            "이 번호들은 캡처된 SYN과 맞지 않으므로, 그 SYN부터 세는 상대 시퀀스 번호는 여기서 의미가 없습니다."
        ),
        Clause::WhyRaw { older: false } => {
            write!(out, "이 번호 가운데 하나가 알려진 첫 번호보다 앞에 있어, 상대 시퀀스 번호로 나타낼 수 없습니다.")
        }
        Clause::Silence { seconds } => {
            write!(out, "그 전 약 {seconds}초 동안 이 연결에서는 아무것도 캡처되지 않았습니다.")
        }
        Clause::CapturedAgain => {
            write!(out, "{me}의 같은 패킷이 두 번 캡처되었습니다. 보낸 것은 한 번이므로 한 번만 셉니다.")
        }
        Clause::AfterClose { bytes } => {
            write!(out, "연결 종료 후 캡처된 {me}의 세그먼트")?;
            match bytes {
                Some(bytes) => write!(out, "({bytes}바이트)입니다."),
                None => write!(out, "입니다."),
            }
        }
        Clause::ImpossibleFlags(flags) => write!(
            out,
            "{me}가 보낸 세그먼트의 플래그는 {}입니다. 오늘날 쓰이는 TCP는 이런 플래그의 세그먼트를 보내지 않습니다.",
            FlagNames(flags)
        ),
        Clause::NoFlags => {
            write!(out, "{me}가 플래그가 하나도 없는 세그먼트를 보냅니다. TCP는 이런 세그먼트를 보내지 않습니다.")
        }
        Clause::ProbeOrDamaged => {
            write!(
                out,
                "아마 포트 스캐너의 프로브이거나 손상된 세그먼트일 것이며, 어떤 연결에도 영향을 주지 않을 것입니다."
            )
        }
    }
}

/// SYN과 FIN에 대해 이미 쓴 것은 다시 쓰지 않는다.
fn acks_frame(out: &mut String, what: Acked, sent: Sent) -> fmt::Result {
    let any = what == Acked::Any;
    let what = match what {
        Acked::Syn => "그 SYN은",
        Acked::Fin => "그 FIN은",
        Acked::Any => "이 ACK이 확인 응답하는 것은",
    };
    match sent {
        Sent::Once(Earlier { frame, before }) if any => {
            write!(out, "이 ACK은 {} 프레임 {}에 대한 확인 응답입니다.", Captured(before), frame.get())
        }
        Sent::Once(Earlier { frame, before }) => {
            write!(out, "{what} {} 프레임 {}입니다.", Captured(before), frame.get())
        }
        Sent::Twice(first, last) => write!(
            out,
            "{what} 프레임 {}에서 보냈고 프레임 {}에서 다시 보낸 것이며, 그중 어느 쪽이 도착했는지는 ACK 번호로 알 수 없습니다.",
            first.get(),
            last.get()
        ),
        Sent::Maybe(frame) if any => write!(out, "이 ACK은 프레임 {}에 대한 확인 응답입니다.", frame.get()),
        Sent::Maybe(frame) => write!(out, "{what} 프레임 {}입니다.", frame.get()),
    }
}

fn window(out: &mut String, room: Room) -> fmt::Result {
    match room {
        Room::Bytes(bytes) => write!(out, "{bytes}바이트"),
        Room::Unscaled(raw) => write!(out, "{raw}(스케일은 알 수 없음)"),
    }
}

fn sends(out: &mut String, me: &str, sends: &str, payload: Payload) -> fmt::Result {
    let Payload { bytes, rel_first, rel_last, rel_next } = payload;
    write!(
        out,
        "{me}가 {bytes}바이트(상대 시퀀스 번호 {})를 {sends}. 다음 번호는 {rel_next}입니다.",
        range(rel_first, rel_last)
    )
}

fn fin_takes(out: &mut String, number: FinNumber) -> fmt::Result {
    let FinNumber { rel_fin, rel_next, has_payload } = number;
    let although = if has_payload { "" } else { "페이로드가 없어도 " };
    write!(out, "FIN은 {although}번호 하나(상대 시퀀스 번호 {rel_fin})를 차지하므로 다음 번호는 {rel_next}입니다.")
}
