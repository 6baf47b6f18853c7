//! 한국어 문장.

use super::story::{Words, span};
use super::{Scene, Size};
use crate::tcp::{Completeness, Flags, Phase, Side, Span, State, Step};

fn name(side: Side) -> &'static str {
    match side {
        Side::Client => "클라이언트",
        Side::Server => "서버",
    }
}

/// 숫자를 소리 내어 읽을 때 마지막 글자에 받침이 있는가: 영 일 삼 육 칠 팔.
fn ends_in_consonant(number: u32) -> bool {
    matches!(number % 10, 0 | 1 | 3 | 6 | 7 | 8)
}

/// `을` 또는 `를`을 붙인 숫자.
fn object(number: u32) -> String {
    format!("{number}{}", if ends_in_consonant(number) { "을" } else { "를" })
}

/// `은` 또는 `는`을 붙인 숫자.
fn topic(number: u32) -> String {
    format!("{number}{}", if ends_in_consonant(number) { "은" } else { "는" })
}

/// `으로` 또는 `로`를 붙인 숫자. ㄹ 받침(일, 칠, 팔) 뒤에는 `로`.
fn by(number: u32) -> String {
    format!("{number}{}", if matches!(number % 10, 0 | 3 | 6) { "으로" } else { "로" })
}

/// 무슨 일이 왜 일어나는가.
pub fn narration(s: &Scene) -> String {
    let me = name(s.verdict.sender);
    let you = name(s.verdict.sender.peer());
    let (seq, next, ack) = (s.seq(), s.next(), s.ack());
    let (rel_seq, rel_next, rel_ack) = (s.rel_seq(), s.rel_next(), s.rel_ack());
    let len = s.segment.len;
    match s.verdict.step {
        Step::Syn => format!(
            "{me}(포트 {})가 {you}(포트 {})에 연결을 요청합니다. 초기 시퀀스 번호(ISN)로 임의의 값 {} 골랐습니다. SYN은 페이로드가 없어도 번호를 하나 차지하므로 다음 번호는 {next}입니다.",
            s.segment.source_port,
            s.segment.destination_port,
            object(seq)
        ),
        Step::SynRetransmission if s.verdict.phase != Phase::Opening => format!(
            "이미 수립된 연결에 {me}의 SYN(번호 {seq}) 사본이 도착했습니다. 오래된 중복 세그먼트이며, {you}는 challenge ACK으로 응답합니다."
        ),
        Step::SynRetransmission => format!(
            "{me}가 같은 번호 {} 연결을 다시 요청합니다. 유효한 응답을 받지 못했기 때문입니다. SYN이나 그에 대한 응답이 유실되었거나, 아무도 응답하지 않는 것입니다.",
            by(seq)
        ),
        Step::SimultaneousSyn => format!(
            "{me}도 {you}의 SYN을 받기 전에 자신의 SYN(번호 {seq})을 보냅니다. 양쪽이 함께 연결을 여는 동시 열기(simultaneous open)입니다. 어느 쪽도 상대방의 요청을 기다리지 않고, 각자 상대방의 SYN에 확인 응답합니다."
        ),
        Step::SynWithData => format!(
            "{me}가 번호 {} 연결을 요청하면서, 핸드셰이크가 끝나기 전에 데이터 {len}바이트를 함께 보냅니다(TCP Fast Open). SYN이 번호 하나, 데이터가 번호 {len}개를 차지하므로 다음 번호는 {next}입니다.",
            by(seq)
        ),
        Step::SynAck => syn_ack(s, me, you),
        Step::SynAckRetransmission => {
            format!("{me}가 같은 번호 {} SYN-ACK을 다시 보냅니다. {you}의 ACK이 도착하지 않았기 때문입니다.", by(seq))
        }
        Step::HandshakeAck => handshake_ack(s, me, you),
        Step::Refused if s.receiver().isn().is_none() => format!(
            "{me}가 탐색에 RST로 답합니다. 포트 {}에서 연결을 받지 않거나, 방화벽이 대신 거부한 것입니다.",
            s.segment.source_port
        ),
        Step::Refused => format!(
            "{me}가 연결을 거부합니다. 포트 {}에서 연결을 받지 않거나, 방화벽이 대신 거부한 것입니다. 연결 시도는 이 RST로 끝나며, ACK 번호 {} 어느 SYN에 대한 답인지 알려 줍니다.",
            s.segment.source_port,
            topic(ack)
        ),
        Step::WrongAck => format!(
            "{me}가 확인 응답한 번호 {} {you}가 이 핸드셰이크에서 보낸 적이 없는 번호입니다. 오래되었거나 위조된 세그먼트이며, 여기에는 시퀀스 번호가 {ack}인 RST로 답합니다.",
            topic(ack)
        ),
        Step::ConflictingSynAck => format!(
            "{me}가 이번에는 다른 초기 시퀀스 번호 {} 다시 응답합니다. 재전송이 아니라, 오래된 중복 세그먼트이거나 두 장비가 각각 응답한 것입니다.",
            by(seq)
        ),
        Step::UnexpectedSyn => format!(
            "이미 수립된 연결에서 {me}가 번호가 {seq}인 SYN을 보냅니다. {you}는 이를 그대로 믿지 말고 challenge ACK으로 응답해야 합니다."
        ),
        Step::Data => format!("{} {}", data(s, me, "보냅니다"), so_far(s, me, you)),
        Step::DataRetransmission => format!(
            "{me}가 {len}바이트(상대적 번호 {rel_seq}~{})를 다시 보냅니다. ACK이 오지 않아 유실된 것으로 판단했습니다.",
            s.rel_last()
        ),
        Step::OutOfOrderData => format!(
            "{me}가 보낸 {len}바이트(상대적 번호 {rel_seq}~{})가 뒤의 번호보다 늦게 캡처되었습니다. 전송 도중에 순서가 뒤바뀐 것입니다.",
            s.rel_last()
        ),
        Step::HalfClosedData => format!(
            "{} {you}는 자신이 보내는 방향을 닫았지만, 이쪽 방향은 아직 열려 있습니다. 연결이 반만 닫힌(half-closed) 상태입니다.",
            data(s, me, "더 보냅니다")
        ),
        Step::Ack => so_far(s, me, you),
        Step::DuplicateAck => format!(
            "{me}가 상대적 번호 {} 기다린다고 다시 알립니다. 대개는 그 뒤의 바이트가 먼저 도착했고 이 번호는 아직 오지 않았다는 뜻입니다.",
            object(rel_ack)
        ),
        Step::KeepAlive => format!(
            "{me}는 보낼 데이터가 없지만, {you}가 아직 살아 있는지 확인합니다. 이미 확인 응답을 받은 번호(상대적 번호 {rel_seq})를 일부러 써서 {you}가 응답할 수밖에 없게 합니다."
        ),
        Step::KeepAliveAck => format!("{me}는 아직 살아 있으며, 여전히 상대적 번호 {} 기다립니다.", object(rel_ack)),
        Step::ZeroWindowProbe => format!(
            "{you}의 수신 윈도우가 0이라 더 보낼 수 없습니다. {me}가 {len}바이트(상대적 번호 {rel_seq})를 보내, 다시 받을 공간이 생겼는지 확인합니다."
        ),
        Step::ZeroWindowProbeAck => format!(
            "{me}가 프로브에 응답합니다. 윈도우는 {}바이트이고, 상대적 번호 {} 기다립니다.",
            s.window(),
            object(rel_ack)
        ),
        Step::WindowUpdate => format!(
            "{me}가 상대적 번호 {rel_ack}부터 {}바이트를 받을 수 있다고 알립니다. 새로 확인 응답하는 데이터는 없습니다.",
            s.window()
        ),
        Step::FirstFin => format!(
            "{me}는 더 보낼 데이터가 없어 먼저 연결을 닫기 시작합니다(어느 쪽이든 먼저 닫을 수 있습니다). {}FIN은 {}번호 하나(상대적 번호 {})를 차지하므로 다음 번호는 {rel_next}입니다. {you}는 아직 데이터를 보낼 수 있습니다.",
            carried(s),
            no_payload(len),
            rel_next.wrapping_sub(1)
        ),
        Step::SecondFin => second_fin(s, me, you),
        Step::FinRetransmission => format!(
            "{me}가 FIN(상대적 번호 {})을 다시 보냅니다. 그에 대한 ACK을 받지 못했기 때문입니다.",
            rel_next.wrapping_sub(1)
        ),
        Step::FirstFinAck if s.states().0 == State::Closing => format!(
            "{me}가 {you}의 FIN에 확인 응답합니다. ACK {} FIN의 번호에 1을 더한 값입니다. 이와 엇갈린 {me}의 FIN은 아직 확인 응답을 받지 못했습니다.",
            topic(rel_ack)
        ),
        Step::FirstFinAck => format!(
            "{me}가 {you}의 FIN에 확인 응답합니다. ACK {} FIN의 번호에 1을 더한 값입니다. {you}가 보내는 방향은 닫혔고, {me}는 아직 데이터를 보낼 수 있습니다.",
            topic(rel_ack)
        ),
        Step::LastAck => last_ack(s, me, you),
        Step::Abort => abort(s, me, you),
        Step::StrayReset => format!(
            "{me}가 시퀀스 번호가 {seq}{}인 RST를 보냅니다. {you}는 이를 받아들이지 않습니다. {}. 이 RST로 달라지는 것은 없습니다.",
            if s.segment.has(Flags::ACK) { format!("이고 ACK 번호가 {ack}") } else { String::new() },
            stray_reason(s)
        ),
        Step::ChallengeAck => format!(
            "{me}는 방금 온 SYN이나 RST를 그대로 믿지 않고, 자기 연결의 현재 위치만 알립니다(challenge ACK). {me}의 다음 번호는 {seq}, 기다리는 번호는 {ack}입니다. 그 SYN이나 RST를 정말로 보낸 쪽이라면 정확한 번호의 RST로 답할 수 있습니다."
        ),
        Step::AfterClose => format!(
            "연결은 이미 끝났습니다. 양쪽이 모두 닫았거나 강제로 끊긴 상태이며, {me}의 이 세그먼트{}는 그 뒤에 왔습니다.",
            if len > 0 { format!("({len}바이트)") } else { String::new() }
        ),
        Step::ImpossibleFlags => format!(
            "{me}가 보낸 플래그 조합({})은 정상적인 TCP에서는 나오지 않습니다. 포트 스캐너의 탐색이거나 손상된 세그먼트이며, 연결에는 영향을 주지 않습니다.",
            flags(s.segment.flags)
        ),
    }
}

fn syn_ack(s: &Scene, me: &str, you: &str) -> String {
    let (seq, next, ack) = (s.seq(), s.next(), s.ack());
    let acknowledged = match s.bytes_acked() {
        Some(0) => format!("ACK {ack} = {} + 1: {you}의 SYN을 받았습니다.", ack.wrapping_sub(1)),
        Some(count) => format!("ACK {ack}: {you}의 SYN과 그에 실린 데이터 {count}바이트까지 받았습니다."),
        None => format!("ACK {ack}: 다음에 받을 번호입니다."),
    };
    if s.connection.opening().is_simultaneous() {
        return format!(
            "{me}가 {you}의 SYN에 응답하면서 자신의 SYN을 다시 보냅니다. {acknowledged} SYN: {me}의 번호는 그대로 {seq}, 다음 번호는 {next}입니다."
        );
    }
    let takes = match s.segment.len {
        0 => "SYN이 번호를 하나 차지하므로".into(),
        len => format!("SYN이 번호 하나, 함께 보낸 데이터가 번호 {len}개를 차지하므로"),
    };
    format!(
        "{me}가 연결을 수락하며, 한 세그먼트에 두 가지 메시지를 담습니다. {acknowledged} SYN: {me}도 초기 시퀀스 번호를 임의로 골랐으며, 그 값은 {seq}입니다. {takes} 다음 번호는 {next}입니다."
    )
}

fn handshake_ack(s: &Scene, me: &str, you: &str) -> String {
    let ack = s.ack();
    let what = match s.bytes_acked() {
        Some(0) => format!("ACK {ack} = {} + 1", ack.wrapping_sub(1)),
        Some(count) => format!("ACK {ack}, 그에 실린 데이터 {count}바이트까지"),
        None => format!("ACK {ack}"),
    };
    let rest = if s.segment.len > 0 {
        format!("데이터 {}바이트도 함께 보냅니다.", s.segment.len)
    } else {
        format!(
            "ACK은 그 자체로는 번호를 차지하지 않으므로 {me}의 다음 번호는 그대로 {}(상대적 번호 {})입니다.",
            s.next(),
            s.rel_next()
        )
    };
    format!(
        "{me}가 {you}의 SYN에 확인 응답합니다({what}). 이제 양쪽이 서로의 번호를 알게 되었고, 연결이 수립되었습니다. {rest}"
    )
}

/// 페이로드가 있는 세그먼트가 나르는 것.
fn data(s: &Scene, me: &str, sends: &str) -> String {
    let (first, last, len) = (s.rel_seq(), s.rel_last(), s.segment.len);
    let size = match s.size() {
        Size::Part => String::new(),
        Size::Full(mss) => {
            let options = u32::from(mss).saturating_sub(len);
            let with =
                if options > 0 { format!("헤더의 옵션 {options}바이트와 함께 ") } else { String::new() };
            format!(
                " {with}MSS를 꽉 채운 세그먼트입니다. 보내는 쪽이 데이터를 MSS {mss}에 맞춰 나눈 것이며 IP 단편화가 아닙니다. 그래서 시퀀스 번호는 세그먼트마다 길이만큼 늘고, ACK 번호는 그대로입니다."
            )
        }
        Size::Over(mss) => {
            format!(" MSS {mss}보다 큽니다. 네트워크 카드가 나누기 전이나 합친 뒤에 캡처된 것입니다.")
        }
    };
    format!("{me}가 {len}바이트(상대적 번호 {first}~{last})를 {sends}. 다음 번호는 {}입니다.{size}", s.rel_next())
}

/// 보낸 쪽이 상대에게서 받은 것.
fn so_far(s: &Scene, me: &str, you: &str) -> String {
    let rel_ack = s.rel_ack();
    match s.bytes_acked() {
        Some(0) => {
            format!("ACK {rel_ack}: {you}의 데이터는 아직 받은 것이 없고, 다음에 받을 번호는 {rel_ack}입니다.")
        }
        Some(count) if s.segment.len == 0 => {
            format!(
                "{me}가 {you}의 데이터를 처음부터 {count}바이트까지 받았습니다. ACK {} 다음에 받을 번호입니다.",
                topic(rel_ack)
            )
        }
        Some(count) => format!("ACK {rel_ack}: {you}의 데이터를 처음부터 {count}바이트까지 받았습니다."),
        None => format!("ACK {} {me}가 {you}로부터 다음에 받을 번호입니다.", topic(rel_ack)),
    }
}

fn carried(s: &Scene) -> String {
    if s.segment.len == 0 {
        String::new()
    } else {
        format!("마지막 {}바이트를 FIN과 함께 보냅니다. ", s.segment.len)
    }
}

fn no_payload(len: u32) -> &'static str {
    if len == 0 { "페이로드가 없어도 " } else { "" }
}

fn second_fin(s: &Scene, me: &str, you: &str) -> String {
    let next = s.rel_next();
    let both = if s.acks_fin() && s.is_first_fin_ack() {
        format!(
            " 같은 세그먼트의 ACK {} {you}의 FIN에도 확인 응답하므로, 연결을 닫는 데 세그먼트 네 개가 아니라 세 개가 쓰입니다.",
            by(s.rel_ack())
        )
    } else if s.acks_fin() {
        String::new()
    } else {
        format!(
            " 이 세그먼트는 {you}의 FIN에 확인 응답하지 않습니다. 두 FIN이 도중에 엇갈린 동시 닫기(simultaneous close)입니다."
        )
    };
    format!(
        "{me}도 더 보낼 데이터가 없습니다. {}FIN은 {}번호 하나(상대적 번호 {})를 차지하므로 다음 번호는 {next}입니다.{both}",
        carried(s),
        no_payload(s.segment.len),
        next.wrapping_sub(1)
    )
}

fn last_ack(s: &Scene, me: &str, you: &str) -> String {
    let wait = match s.states() {
        (State::TimeWait, State::TimeWait) => {
            " 양쪽이 동시에 닫았으므로, 둘 다 오래된 세그먼트가 사라질 때까지 TIME-WAIT 상태에서 기다립니다.".into()
        }
        (State::TimeWait, _) => {
            format!(" 먼저 닫은 {me}는 오래된 세그먼트가 사라질 때까지 TIME-WAIT 상태에서 기다립니다.")
        }
        _ => String::new(),
    };
    format!(
        "{me}가 {you}의 FIN에 확인 응답합니다. ACK {} FIN의 번호에 1을 더한 값입니다. 두 방향이 모두 닫혀 연결이 끝났습니다.{wait}",
        topic(s.rel_ack())
    )
}

fn abort(s: &Scene, me: &str, you: &str) -> String {
    if s.verdict.phase == Phase::Opening && s.resets_another_connection() {
        return format!(
            "{me}는 {you}가 방금 기다린다고 한 번호 {} RST를 보냅니다. {you}가 생각하는 연결은 존재하지 않으며, {you}는 그 연결을 정리합니다.",
            by(s.seq())
        );
    }
    let judged = match s.verdict.reset_acceptable {
        Some(true) => {
            format!(" 시퀀스 번호 {} {you}가 기다리던 번호이므로, {you}는 이 RST를 받아들입니다.", topic(s.seq()))
        }
        _ => String::new(),
    };
    if s.verdict.phase == Phase::Opening {
        return format!("{me}가 RST로 연결 시도를 포기합니다. 연결은 수립되지 않습니다.{judged}");
    }
    format!(
        "{me}가 RST로 연결을 강제로 끊습니다. FIN과 ACK으로 닫는 정상 종료가 아니며, 아직 전달되지 않은 데이터는 사라집니다.{judged}"
    )
}

fn stray_reason(s: &Scene) -> &'static str {
    match s.states().1 {
        State::Closed => "받는 쪽에는 그 연결이 이미 없기 때문입니다",
        State::SynSent => "SYN에 대한 확인 응답이 아니기 때문입니다",
        _ => "기다리던 번호가 아니기 때문입니다",
    }
}

/// 플래그의 이름: `SYN, FIN`.
fn flags(flags: Flags) -> String {
    let names: Vec<&str> = flags.iter_names().map(|(name, _)| name).collect();
    if names.is_empty() { "플래그 없음".into() } else { names.join(", ") }
}

/// 보내는 쪽이 말로 한다면.
pub fn speech(s: &Scene) -> String {
    let (seq, ack) = (s.seq(), s.ack());
    let (rel_seq, rel_ack) = (s.rel_seq(), s.rel_ack());
    let len = s.segment.len;
    let fin = s.rel_next().wrapping_sub(1);
    match s.verdict.step {
        Step::Syn => format!("연결해도 될까요? 제 번호 {}에 맞춰 주세요.", seq),
        Step::SynRetransmission => format!("여보세요? 연결해도 될까요? 제 번호는 그대로 {seq}입니다."),
        Step::SimultaneousSyn => format!("저도 연결하고 싶어요. 제 번호 {seq}에 맞춰 주세요."),
        Step::SynWithData => format!("연결해도 될까요? 제 번호 {seq}에 맞춰 주세요. 처음 {len}바이트는 미리 보냅니다."),
        Step::SynAck => match s.bytes_acked() {
            Some(count @ 1..) => {
                format!("네. SYN과 처음 {count}바이트를 받았으니 {ack}번부터 보내 주세요. 제 번호 {seq}에 맞춰 주세요.")
            }
            _ => format!(
                "네. {}번을 받았으니 {ack}번부터 보내 주세요. 제 번호 {seq}에 맞춰 주세요.",
                ack.wrapping_sub(1)
            ),
        },
        Step::SynAckRetransmission => {
            format!("제 답을 받으셨나요? {ack}번부터 보내 주세요. 제 번호 {seq}에 맞춰 주세요.")
        }
        Step::HandshakeAck if len > 0 => format!(
            "{}번을 받았으니 {ack}번부터 보내 주세요. 이제 연결되었네요. 먼저 {len}바이트 보냅니다.",
            ack.wrapping_sub(1)
        ),
        Step::HandshakeAck => {
            format!("{}번을 받았으니 {ack}번부터 보내 주세요. 이제 연결되었네요.", ack.wrapping_sub(1))
        }
        Step::Refused => format!("아니요. 여기 포트 {}에서는 아무도 연결을 받지 않습니다.", s.segment.source_port),
        Step::WrongAck => format!("그쪽의 {ack}번 앞까지 다 받았습니다."),
        Step::ConflictingSynAck => format!("네, {ack}번부터 보내 주세요. 제 번호 {seq}에 맞춰 주세요."),
        Step::UnexpectedSyn => format!("연결해도 될까요? 제 번호 {seq}에 맞춰 주세요."),
        Step::Data => format!("{rel_seq}~{}번 바이트입니다. 다음에는 그쪽의 {}번을 기다립니다.", s.rel_last(), rel_ack),
        Step::DataRetransmission => format!("다시 보냅니다. {rel_seq}~{}번 바이트입니다.", s.rel_last()),
        Step::OutOfOrderData => format!("늦었지만 {rel_seq}~{}번 바이트입니다.", s.rel_last()),
        Step::HalfClosedData => {
            format!("그쪽은 다 보내셨지만 저는 아직입니다. {rel_seq}~{}번 바이트입니다.", s.rel_last())
        }
        Step::Ack => match s.bytes_acked() {
            Some(count @ 1..) => format!("처음부터 {count}바이트까지 받았습니다. {rel_ack}번부터 보내 주세요."),
            _ => format!("그쪽의 {rel_ack}번을 기다립니다."),
        },
        Step::DuplicateAck => format!("아직 그쪽의 {rel_ack}번을 기다립니다."),
        Step::KeepAlive => "아직 계신가요?".into(),
        Step::KeepAliveAck => format!("네, 그쪽의 {rel_ack}번을 기다리고 있습니다."),
        Step::ZeroWindowProbe => "이제 자리가 났나요?".into(),
        Step::ZeroWindowProbeAck if s.window() == 0 => "아니요, 아직입니다.".into(),
        Step::ZeroWindowProbeAck => format!("네, {}바이트 받을 수 있습니다. {rel_ack}번부터 보내 주세요.", s.window()),
        Step::WindowUpdate => format!("그쪽의 {rel_ack}번부터 {}바이트를 받을 수 있습니다.", s.window()),
        Step::FirstFin => format!("더 보낼 것이 없습니다. 제 FIN은 {fin}번입니다."),
        Step::SecondFin if s.acks_fin() && s.is_first_fin_ack() => {
            format!("다 보내셨군요, 확인했습니다. 저도 다 보냈습니다. 제 FIN은 {fin}번입니다.")
        }
        Step::SecondFin => format!("저도 더 보낼 것이 없습니다. 제 FIN은 {fin}번입니다."),
        Step::FinRetransmission => format!("다 보냈다고 말씀드렸습니다. 제 FIN은 {fin}번입니다."),
        Step::FirstFinAck => format!("다 보내셨군요, 확인했습니다(그쪽의 {}번).", rel_ack.wrapping_sub(1)),
        Step::LastAck => {
            format!("그쪽도 다 보내셨군요, 확인했습니다(그쪽의 {}번). 안녕히 계세요.", rel_ack.wrapping_sub(1))
        }
        Step::Abort if s.verdict.phase == Phase::Opening && s.resets_another_connection() => {
            "우리의 예전 연결은 끝났습니다.".into()
        }
        Step::Abort if s.verdict.phase == Phase::Opening => "없던 일로 해 주세요. 연결하지 않겠습니다.".into(),
        Step::Abort => "지금 바로 끊겠습니다.".into(),
        Step::StrayReset => format!("{seq}번에서 끊겠습니다."),
        Step::ChallengeAck => format!("정말인가요? 제 번호는 {seq}번이고, 그쪽의 {ack}번을 기다립니다."),
        Step::AfterClose => "(끝난 뒤에 온 말)".into(),
        Step::ImpossibleFlags => format!("({})", flags(s.segment.flags)),
    }
}

/// 헤더 항목마다 한 줄.
pub fn explain(s: &Scene) -> Vec<String> {
    let mut lines = vec![ports(s), stream(s), completeness(s), length(s), sequence(s), next(s), acknowledgment(s)];
    lines.push(flag_meanings(s));
    lines.extend(window(s));
    lines.extend(options(s));
    lines
}

fn ports(s: &Scene) -> String {
    let (from, to) = (s.segment.source_port, s.segment.destination_port);
    let (client, server) = if s.verdict.sender == Side::Client { (from, to) } else { (to, from) };
    let (client_port, server_port) = (topic(client.into()), topic(server.into()));
    let picked = if s.verdict.sender_assumed {
        format!("SYN이 캡처되지 않아 {client_port} 클라이언트, {server_port} 서비스의 포트로 봅니다")
    } else if client < 1024 {
        format!("{client_port} 클라이언트가 쓰는 잘 알려진(well-known) 포트이고, {server_port} 서비스의 포트입니다")
    } else {
        format!(
            "{client_port} 클라이언트가 이 연결을 위해 고른 임시(ephemeral) 포트이고, {server_port} 서비스의 포트입니다"
        )
    };
    format!("포트: {from} → {to}. {picked}. 두 포트와 두 주소의 조합으로 연결 하나를 식별합니다.")
}

fn stream(s: &Scene) -> String {
    format!(
        "스트림 인덱스: {}. Wireshark가 캡처에 나오는 연결마다 0부터 매긴 번호이며, 헤더에는 없는 값입니다.",
        s.stream.0
    )
}

fn completeness(s: &Scene) -> String {
    const PARTS: [(Completeness, &str); 6] = [
        (Completeness::SYN, "SYN"),
        (Completeness::SYN_ACK, "SYN-ACK"),
        (Completeness::ACK, "ACK"),
        (Completeness::DATA, "데이터"),
        (Completeness::FIN, "FIN"),
        (Completeness::RST, "RST"),
    ];
    let so_far = s.verdict.so_far;
    let parts: Vec<String> = PARTS
        .iter()
        .filter(|(part, _)| so_far.contains(*part))
        .map(|(part, name)| format!("{} {name}", part.bits()))
        .collect();
    let fin = if so_far.contains(Completeness::FIN) {
        " FIN이 두 개여도 비트는 하나입니다. 두 FIN은 tcpshake.closing 아래의 필드로 구분합니다."
    } else {
        ""
    };
    let sum = if parts.is_empty() { "아직 없음".into() } else { parts.join(" + ") };
    format!("지금까지의 완전성(completeness): {} = {sum}.{fin}", so_far.bits())
}

fn length(s: &Scene) -> String {
    match s.segment.len {
        0 => "세그먼트 길이: 0. 페이로드 없이 헤더만 있습니다.".into(),
        len => format!("세그먼트 길이: 페이로드 {len}바이트."),
    }
}

fn sequence(s: &Scene) -> String {
    let (seq, relative) = (s.seq(), s.rel_seq());
    if s.segment.has(Flags::SYN) {
        return format!(
            "시퀀스 번호: {seq}, 상대적 번호 {relative}. 초기 시퀀스 번호(ISN)입니다. 오래된 중복 세그먼트와 섞이지 않고 아무도 추측하지 못하도록 임의로 고릅니다. 상대적(relative) 번호는 실제(raw) 번호에서 ISN을 뺀 값입니다."
        );
    }
    match s.sender().base() {
        Some(base) => format!("시퀀스 번호: {seq}, 상대적 번호 {relative} = {seq} − {}.", { base.0 }),
        None => format!("시퀀스 번호: {seq}."),
    }
}

fn next(s: &Scene) -> String {
    let (next, relative) = (s.next(), s.rel_next());
    let why = match (s.segment.has(Flags::SYN), s.segment.has(Flags::FIN), s.segment.len) {
        (true, _, 0) => "SYN은 페이로드가 없어도 번호를 하나 차지하므로 1만큼 늘었습니다",
        (_, true, 0) => "FIN은 페이로드가 없어도 번호를 하나 차지하므로 1만큼 늘었습니다",
        (true, _, _) | (_, true, _) => "페이로드 길이에 SYN이나 FIN의 몫 1을 더한 만큼 늘었습니다",
        (_, _, 0) if s.segment.has(Flags::RST) => "RST는 번호를 차지하지 않으므로 그대로입니다",
        (_, _, 0) => "ACK은 그 자체로는 번호를 차지하지 않으므로 그대로입니다",
        _ => "페이로드 길이만큼 늘었습니다",
    };
    format!("다음 시퀀스 번호: {next}, 상대적 번호 {relative}. {why}.")
}

fn acknowledgment(s: &Scene) -> String {
    if !s.segment.has(Flags::ACK) {
        return "확인 응답 번호: 없음. ACK 플래그가 설정되지 않았습니다.".into();
    }
    let (ack, relative) = (s.ack(), s.rel_ack());
    let what = if s.acks_fin() {
        "번호 하나로 치는 FIN까지 모두"
    } else if s.acks_just_the_syn() {
        "번호 하나로 치는 SYN을"
    } else {
        "그 앞의 모든 바이트를"
    };
    format!("확인 응답 번호: {ack}, 상대적 번호 {relative}. 다음에 받을 번호이며, {what} 받았다는 뜻입니다.")
}

fn flag_meanings(s: &Scene) -> String {
    const MEANINGS: [(Flags, &str); 8] = [
        (Flags::SYN, "SYN(시퀀스 번호 동기화)"),
        (Flags::ACK, "ACK(확인 응답 번호가 유효함)"),
        (Flags::PSH, "PSH(데이터를 바로 애플리케이션에 전달)"),
        (Flags::FIN, "FIN(더 보낼 데이터가 없음)"),
        (Flags::RST, "RST(연결을 무효로 함)"),
        (Flags::URG, "URG(긴급 포인터가 유효함)"),
        (Flags::ECE, "ECE(혼잡을 감지함, SYN에서는 ECN 사용 제안 또는 수락)"),
        (Flags::CWR, "CWR(속도를 줄임, SYN에서는 ECN 사용 제안)"),
    ];
    let set: Vec<&str> =
        MEANINGS.iter().filter(|(flag, _)| s.segment.has(*flag)).map(|(_, meaning)| *meaning).collect();
    if set.is_empty() { "플래그: 없음.".into() } else { format!("플래그: {}.", set.join(", ")) }
}

fn window(s: &Scene) -> Option<String> {
    let (raw, scaled) = (u32::from(s.segment.window), s.window());
    if s.segment.has(Flags::RST) {
        return None; // RST를 보낸 쪽은 더 받지 않는다
    }
    Some(if s.segment.has(Flags::SYN) {
        format!(
            "윈도우: {raw}바이트. 상대방은 ACK을 기다리지 않고 이만큼 보낼 수 있습니다. SYN에서는 윈도우 스케일을 적용하지 않습니다."
        )
    } else if raw == scaled {
        format!("윈도우: {raw}바이트. 상대방은 확인 응답 번호부터 이만큼 보낼 수 있습니다.")
    } else {
        format!(
            "윈도우: {raw} × {} = {scaled}바이트. 상대방은 확인 응답 번호부터 이만큼 보낼 수 있습니다.",
            scaled / raw.max(1)
        )
    })
}

fn options(s: &Scene) -> Option<String> {
    let options = &s.segment.options;
    let mut said = Vec::new();
    if let Some(mss) = options.mss {
        said.push(format!("MSS {mss}(한 세그먼트의 페이로드를 이보다 크게 보내지 말라는 뜻)"));
    }
    if let Some(shift) = options.window_scale {
        said.push(format!("윈도우 스케일 {shift}(이후 보내는 윈도우 값은 {}배로 계산)", 1u32 << shift));
    }
    if options.sack_permitted {
        said.push("SACK 허용(뒤쪽에서 먼저 도착한 구간도 알려 달라는 뜻)".into());
    }
    if let Some((value, echo)) = options.timestamps {
        said.push(format!("타임스탬프 {value}, 에코 {echo}(왕복 시간을 재고 오래된 세그먼트를 가려내는 데 씀)"));
    }
    match options.fast_open {
        Some(0) => said.push("Fast Open(쿠키 요청)".into()),
        Some(length) => said.push(format!("Fast Open(쿠키 {length}바이트)")),
        None => {}
    }
    (!said.is_empty()).then(|| format!("옵션: {}.", said.join("; ")))
}

/// 연결 이야기에 쓰는 말.
pub(super) const STORY: Words = Words {
    client: "클라이언트",
    server: "서버",
    frame: "프레임",
    seconds: "초",
    data: "데이터",
    flow: |flow| {
        let again = if flow.again > 0 { format!("(그중 재전송 {}개)", flow.again) } else { String::new() };
        format!("세그먼트 {}개{again}, {}바이트", flow.segments, flow.bytes)
    },
    more: |count| format!("같은 종류의 세그먼트 {count}개 더"),
    opening: |all, there, back| {
        let part =
            |name: &str, time: Option<Span>| time.map_or(String::new(), |time| format!(", {name} {}", span(time)));
        format!("연결 수립에 걸린 시간 {}{}{}", span(all), part("SYN→SYN-ACK", there), part("SYN-ACK→ACK", back))
    },
    closing: |all| format!("연결 종료에 걸린 시간 {}", span(all)),
    end: |outcome, kind, initiator| {
        let first = initiator.map_or(String::new(), |side| format!(", {}가 먼저 시작", name(side)));
        format!("결과: {outcome}. 종료: {kind}{first}")
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particles_follow_the_spoken_number() {
        assert_eq!(object(2160456513), "2160456513을");
        assert_eq!(object(4), "4를");
        assert_eq!(by(10), "10으로");
        assert_eq!(by(7), "7로");
        assert_eq!(by(2), "2로");
        assert_eq!(topic(80), "80은");
        assert_eq!(topic(443), "443은");
        for number in [0, 10, 100, 1000, 10000] {
            assert_eq!(object(number), format!("{number}을"));
            assert_eq!(topic(number), format!("{number}은"));
            assert_eq!(by(number), format!("{number}으로"));
        }
        assert_eq!(by(1), "1로");
        assert_eq!(by(3), "3으로");
        assert_eq!(by(6), "6으로");
        assert_eq!(by(8), "8로");
        for number in [2, 4, 5, 9] {
            assert_eq!(object(number), format!("{number}를"));
            assert_eq!(topic(number), format!("{number}는"));
            assert_eq!(by(number), format!("{number}로"));
        }
    }
}
