//! 한국어 대화: 보내는 쪽이 말로 한다면.

use super::{First, range};
use crate::narrate::arrow::Arrow;
use crate::narrate::clause::Room;
use crate::narrate::speech::Speech;
use crate::narrate::text::FlagNames;
use std::fmt::{self, Write};

/// 상대 시퀀스 번호를 처음으로 말한 뒤에 붙인다.
pub const RELATIVE_FROM_HERE: &str = " (여기부터 상대 시퀀스 번호입니다.)";

/// 보내는 쪽의 말을 쓴다.
pub fn write(out: &mut String, speech: &Speech) -> fmt::Result {
    match *speech {
        Speech::MayI { seq } => write!(out, "연결해도 될까요? 제 번호 {seq}에 맞춰 주세요."),
        Speech::MayIStill { seq } => write!(out, "여보세요? 연결해도 될까요? 제 번호는 그대로 {seq}입니다."),
        Speech::MeToo { seq } => write!(out, "저도 연결하고 싶어요. 제 번호 {seq}에 맞춰 주세요."),
        Speech::MayIWithData { seq, bytes } => {
            write!(out, "연결해도 될까요? 제 번호 {seq}에 맞춰 주세요. {}는 미리 보냅니다.", First(bytes))
        }
        Speech::Yes { syn, ack, seq } => {
            write!(out, "네. {syn}번을 받았으니 {ack}번부터 보내 주세요. 제 번호 {seq}에 맞춰 주세요.")
        }
        Speech::YesWithData { bytes, ack, seq } => {
            write!(out, "네. SYN과 {}를 받았으니 {ack}번부터 보내 주세요. 제 번호 {seq}에 맞춰 주세요.", First(bytes))
        }
        Speech::YesAgain { ack, seq } => {
            write!(out, "제 답을 받으셨나요? {ack}번부터 보내 주세요. 제 번호 {seq}에 맞춰 주세요.")
        }
        Speech::YesOtherwise { ack, seq } => write!(out, "네, {ack}번부터 보내 주세요. 제 번호 {seq}에 맞춰 주세요."),
        Speech::Connected { syn, ack } => {
            write!(out, "{syn}번을 받았으니 {ack}번부터 보내 주세요. 이제 연결되었네요.")
        }
        Speech::ConnectedHaving { bytes, ack } => {
            write!(out, "SYN과 {}를 받았으니 {ack}번부터 보내 주세요. 이제 연결되었네요.", First(bytes))
        }
        Speech::ConnectedWithData { syn, ack, bytes } => write!(
            out,
            "{syn}번을 받았으니 {ack}번부터 보내 주세요. 이제 연결되었네요. 데이터 {bytes}바이트도 함께 보냅니다."
        ),
        Speech::No { port } => write!(out, "아니요, 포트 {port}에는 연결할 수 없습니다."),
        Speech::HaveAllBefore { ack } => write!(out, "그쪽의 {ack}번 앞까지 다 받았습니다."),
        Speech::Here { rel_first, rel_last, rel_ack } => {
            write!(out, "{}번 바이트입니다. 다음에는 그쪽의 {rel_ack}번을 기다립니다.", range(rel_first, rel_last))
        }
        Speech::Back { rel_first, rel_last } => {
            write!(out, "{}번 바이트로 돌아갑니다.", range(rel_first, rel_last))
        }
        Speech::OnceMore { rel_first, rel_last } => {
            write!(out, "다시 보냅니다. {}번 바이트입니다.", range(rel_first, rel_last))
        }
        Speech::Late { rel_first, rel_last } => write!(out, "늦었지만 {}번 바이트입니다.", range(rel_first, rel_last)),
        Speech::IAmNotDone { rel_first, rel_last } => {
            write!(out, "그쪽은 다 보내셨지만 저는 아직입니다. {}번 바이트입니다.", range(rel_first, rel_last))
        }
        Speech::Have { bytes, rel_ack } => {
            write!(out, "{}를 받았습니다. {rel_ack}번부터 보내 주세요.", First(bytes))
        }
        Speech::HaveAndFull { bytes } => {
            write!(out, "{}를 받았지만, 더 받을 여유는 없습니다.", First(bytes))
        }
        Speech::Waiting { rel_ack } => write!(out, "그쪽의 {rel_ack}번을 기다립니다."),
        Speech::StillWaiting { rel_ack } => write!(out, "다음에 받을 것은 여전히 그쪽의 {rel_ack}번입니다."),
        Speech::AreYouThere => write!(out, "아직 계신가요?"),
        Speech::IAmThere { rel_ack } => write!(out, "네, 그쪽의 {rel_ack}번을 기다리고 있습니다."),
        Speech::DoYouHaveRoom => write!(out, "이제 받을 여유가 생겼나요?"),
        Speech::NoRoom => write!(out, "아니요, 아직입니다."),
        Speech::YesRoom { room: Room::Bytes(window), rel_ack } => {
            write!(out, "네, {window}바이트 받을 수 있습니다. {rel_ack}번부터 보내 주세요.")
        }
        Speech::YesRoom { room: Room::Unscaled(window), rel_ack } => {
            write!(out, "네, 제 스케일로 {window}까지 받을 수 있습니다. {rel_ack}번부터 보내 주세요.")
        }
        Speech::HasRoom { room: Room::Bytes(window), rel_ack } => {
            write!(out, "그쪽의 {rel_ack}번부터 {window}바이트를 받을 수 있습니다.")
        }
        Speech::HasRoom { room: Room::Unscaled(window), rel_ack } => {
            write!(out, "그쪽의 {rel_ack}번부터 제 스케일로 {window}까지 받을 수 있습니다.")
        }
        Speech::Done { rel_fin } => write!(out, "더 보낼 것이 없습니다. 제 FIN은 {rel_fin}번입니다."),
        Speech::DoneToo { rel_fin } => write!(out, "저도 더 보낼 것이 없습니다. 제 FIN은 {rel_fin}번입니다."),
        Speech::NotedAndDone { rel_fin } => {
            write!(out, "다 보내셨군요, 확인했습니다. 저도 다 보냈습니다. 제 FIN은 {rel_fin}번입니다.")
        }
        Speech::DoneAgain { rel_fin } => {
            write!(out, "다 보냈다고 말씀드렸습니다. 제 FIN은 {rel_fin}번입니다.")
        }
        Speech::Noted { rel_fin } => write!(out, "다 보내셨군요, 확인했습니다(그쪽의 {rel_fin}번)."),
        Speech::Goodbye { rel_fin } => {
            write!(out, "그쪽도 다 보내셨군요, 확인했습니다(그쪽의 {rel_fin}번). 안녕히 계세요.")
        }
        Speech::NotedAgain { rel_fin } => {
            write!(out, "말씀드린 대로 다 보내신 것을 확인했습니다(그쪽의 {rel_fin}번).")
        }
        Speech::InOlder { seq, ack } => {
            write!(out, "우리의 예전 연결에서 제 번호는 {seq}번이고, 그쪽의 {ack}번을 기다립니다.")
        }
        Speech::At { seq, ack } => write!(out, "제 번호는 {seq}번이고, 그쪽의 {ack}번을 기다립니다."),
        Speech::NotMine => write!(out, "저에게는 그런 연결이 없습니다."),
        Speech::OldOneIsOver => write!(out, "우리의 예전 연결은 끝났습니다."),
        Speech::Forget => write!(out, "없던 일로 해 주세요. 저에게는 그런 연결이 없습니다."),
        Speech::Over => write!(out, "지금 바로 끊겠습니다."),
        Speech::OverAt { seq } => write!(out, "{seq}번에서 끊겠습니다."),
        Speech::Really { seq, ack } => write!(out, "정말인가요? 제 번호는 {seq}번이고, 그쪽의 {ack}번을 기다립니다."),
        Speech::OldSyn { seq } => write!(out, "(번호가 {seq}인 예전 SYN이 다시 캡처됨)"),
        Speech::AfterTheEnd { reset } => write!(out, "({} 캡처됨)", if reset { "RST 이후" } else { "연결 종료 후" }),
        Speech::SeenBefore => write!(out, "(같은 패킷이 다시 캡처됨)"),
        Speech::Flags(flags) => write!(out, "({})", FlagNames(flags)),
        Speech::NoFlags => write!(out, "(플래그 없음)"),
    }
}

/// 화살표 위의 글을 쓴다.
pub fn arrow(out: &mut String, &Arrow { kind, seq, ack }: &Arrow) -> fmt::Result {
    out.write_str(kind)?;
    if let Some(seq) = seq {
        write!(out, " {seq}")?;
    }
    match ack {
        Some(ack) => write!(out, ", 그쪽 {ack}번부터"),
        None => Ok(()),
    }
}
