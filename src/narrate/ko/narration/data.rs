//! 데이터와 ACK에 대한 설명.

use crate::narrate::clause::{Acked, DataClause as Clause, Payload, Room, Sent};
use crate::narrate::evidence::{Duplicate, Filled, Repeated};
use crate::narrate::ko::{Captured, First, by, object, range, topic, with};
use crate::narrate::text::percent;
use crate::tcp::Earlier;
use std::fmt::{self, Write};

pub fn write(out: &mut String, me: &str, you: &str, clause: Clause) -> fmt::Result {
    match clause {
        Clause::Sends(payload) => sends(out, me, "보냅니다", payload),
        Clause::StillSends(payload) => {
            write!(out, "{you}가 FIN을 보낸 뒤이지만(연결이 반만 닫힘), ")?;
            sends(out, me, "더 보냅니다", payload)
        }
        Clause::FullSegment { mss, options } => {
            if let Some(options) = options {
                write!(out, "헤더의 옵션 {options}바이트와 함께 ")?;
            }
            write!(
                out,
                "MSS {} 꽉 채운 세그먼트입니다. TCP는 보낼 데이터를 이 크기 이하의 세그먼트로 나누며(IP 단편화가 아닙니다), 시퀀스 번호는 세그먼트의 길이만큼 늘어납니다.",
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
        Clause::InFlight { bytes, window, first } => {
            let what = if first {
                "전송 중인(in flight), 즉 아직 확인 응답을 받지 못한"
            } else {
                "전송 중인"
            };
            write!(out, "이 세그먼트까지 {what} 데이터는 {bytes}바이트")?;
            match window {
                None => write!(out, "입니다."),
                Some((window, Filled::Little | Filled::Partly)) => {
                    write!(out, "이며, {you}의 윈도우는 {window}바이트입니다.")
                }
                Some((window, Filled::Nearly)) => {
                    write!(out, "로, {you}의 윈도우 {window}바이트의 {}%입니다.", percent(bytes, window))
                }
                Some((window, Filled::Wholly)) if bytes > window => {
                    write!(out, "로, {you}의 윈도우 {window}바이트보다 많습니다.")
                }
                Some((window, Filled::Wholly)) => write!(out, "로, {you}의 윈도우 {window}바이트를 가득 채웠습니다."),
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
        Clause::NotCapturedBefore { late } => {
            let what = if late { "순서가 뒤바뀐 세그먼트로" } else { "재전송으로" };
            write!(out, "Wireshark는 이를 {what} 판단하지만, 이 번호들은 그 전에 캡처된 적이 없습니다.")
        }
        Clause::PartlyNew => write!(out, "앞부분은 이미 보낸 바이트이고, 뒷부분은 새로 보내는 바이트입니다."),
        Clause::ProbablyOvertaken => {
            write!(out, "아마 전송 도중에 순서가 뒤바뀌었거나, 재전송된 세그먼트일 것입니다.")
        }
        Clause::Repeats(Repeated { earlier: Earlier { frame, before }, whole: true, .. }) => {
            write!(out, "{} 프레임 {} 시퀀스 번호 범위가 같습니다.", Captured(before), with(frame.get()))
        }
        Clause::Repeats(Repeated { earlier: Earlier { frame, before }, whole: false, .. }) => {
            write!(out, "{} 프레임 {} 같은 번호에서 시작합니다.", Captured(before), with(frame.get()))
        }
        Clause::AckedBefore(false) => write!(
            out,
            "여기까지 확인 응답하는 ACK은 이 프레임 이전에 캡처되지 않았습니다. 아마 먼저 보낸 세그먼트나 그에 대한 ACK이 유실되었거나 늦어졌을 것입니다."
        ),
        Clause::AckedBefore(true) => {
            write!(
                out,
                "여기까지 확인 응답하는 ACK이 이 프레임 이전에 캡처되었습니다. 아마 그 ACK이 {me}에 제때 도착하지 못했을 것입니다."
            )
        }
        Clause::TooSoon { copied: false } => write!(
            out,
            "타임아웃에 따른 재전송으로 보기에는 너무 이르지만, 헤더가 서로 다르므로 아마 같은 패킷의 복사본은 아닐 것이며, 데이터도 다를 수 있습니다."
        ),
        Clause::TooSoon { copied: true } => write!(
            out,
            "타임아웃에 따른 재전송으로 보기에는 너무 이릅니다. 아마 패킷이 전송 도중에 복제되었거나 두 번 캡처되었을 것입니다."
        ),
        Clause::AckedAlready => write!(
            out,
            "여기까지 확인 응답하는 ACK이 이 프레임 이전에 캡처되었습니다. 필요 없는 재전송이거나, 둘의 캡처 순서가 뒤바뀐 것입니다."
        ),
        Clause::HasNothing { rel_ack } => {
            write!(out, "ACK {rel_ack}: {you}의 데이터는 아직 받은 것이 없고, 다음에 받을 번호는 {rel_ack}입니다.")
        }
        Clause::HasBytes { bytes, rel_ack } => write!(
            out,
            "ACK {rel_ack}: {me}가 {you}의 데이터 중 {}를 {}받았고, 다음에 받을 번호는 {rel_ack}입니다.",
            First(bytes),
            all(bytes)
        ),
        Clause::AlsoHasBytes { bytes, rel_ack } => {
            write!(out, "ACK {rel_ack}: {you}의 데이터 중 {}를 {}받았습니다.", First(bytes), all(bytes))
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
            write!(out, "{me}의 ACK 번호는 그대로 {rel_ack}(상대 시퀀스 번호)이고, 윈도우는 이제 ")?;
            window(out, room)?;
            write!(out, "입니다.")
        }
        Clause::WindowShut { still: true } => write!(out, "{me}의 윈도우는 여전히 0입니다."),
        Clause::WindowShut { still: false } => {
            write!(out, "{me}의 윈도우가 0이므로 {you}는 당분간 데이터를 보내지 말아야 합니다.")
        }
    }
}

fn all(bytes: u32) -> &'static str {
    if bytes == 1 { "" } else { "모두 " }
}

/// SYN과 FIN에 대해 이미 쓴 것은 다시 쓰지 않는다.
fn acks_frame(out: &mut String, what: Acked, sent: Sent) -> fmt::Result {
    let any = what == Acked::Any;
    let what = match what {
        Acked::Syn => "그 SYN은",
        Acked::Fin => "그 FIN은",
        Acked::Any => "이 ACK은",
    };
    let it = if any { "것에 대한 확인 응답" } else { "것" };
    match sent {
        Sent::Once(Earlier { frame, before }) if any => {
            write!(out, "이 ACK은 {} 프레임 {}에 대한 확인 응답입니다.", Captured(before), frame.get())
        }
        Sent::Once(Earlier { frame, before }) => {
            write!(out, "{what} {} 프레임 {}입니다.", Captured(before), frame.get())
        }
        Sent::Twice(first, last) => write!(
            out,
            "{what} 프레임 {}에서 보내고 프레임 {}에서 다시 보낸 {it}이며, 그중 어느 것이 도착했는지는 ACK 번호로 알 수 없습니다.",
            first.get(),
            last.get()
        ),
        Sent::Both(first, last) => {
            write!(out, "{what} 프레임 {}에서 보내고 프레임 {}에서 다시 보낸 {it}입니다.", first.get(), last.get())
        }
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
