//! 어느 단계에서나 나올 수 있는 설명.

use crate::narrate::clause::OddClause as Clause;
use crate::narrate::text::{DAY, FlagNames};
use std::fmt::{self, Write};

pub fn write(out: &mut String, me: &str, clause: Clause) -> fmt::Result {
    match clause {
        Clause::Marked(flags) => write!(out, "그 밖에 설정된 플래그: {}.", FlagNames(flags)),
        Clause::SendsBeforeFirst { seq, ack, bytes, fin, older } => {
            match older {
                true => write!(out, "{me}가 같은 포트를 쓰는 예전 연결을 이어 갑니다")?,
                false => write!(out, "{me}가 세그먼트를 보냅니다")?,
            }
            write!(out, "(실제(raw) 번호 {seq}, ACK {ack}). 내용은 ")?;
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
            write!(
                out,
                "이 번호 가운데 하나가 그 번호를 쓰는 쪽에서 확인된 첫 번호보다 앞서므로, 상대 시퀀스 번호로 나타낼 수 없습니다."
            )
        }
        Clause::Silence { seconds: seconds @ DAY.. } => {
            write!(
                out,
                "캡처 시각으로는 그 전 약 {}일 동안 이 연결에서 아무것도 캡처되지 않았습니다.",
                (seconds + DAY / 2) / DAY
            )
        }
        Clause::Silence { seconds } => {
            write!(out, "그 전 약 {seconds}초 동안 이 연결에서는 아무것도 캡처되지 않았습니다.")
        }
        Clause::CapturedAgain => {
            write!(out, "{me}가 보낸 동일한 패킷이 앞서 캡처되었습니다. 실제 전송은 한 번이므로 한 번만 집계합니다.")
        }
        Clause::AfterClose { bytes, reset } => {
            write!(out, "{} 캡처된 {me}의 세그먼트", if reset { "RST 이후" } else { "연결 종료 후" })?;
            match bytes {
                Some(bytes) => write!(out, "({bytes}바이트)입니다.")?,
                None => write!(out, "입니다.")?,
            }
            if reset {
                write!(out, " 그 RST가 받아들여졌다면 연결은 이미 끝난 상태입니다.")?;
            }
            Ok(())
        }
        Clause::ImpossibleFlags(flags) => write!(
            out,
            "{me}가 {} 플래그만 설정된 세그먼트를 보냅니다. 오늘날 쓰이는 TCP는 이런 세그먼트를 보내지 않습니다.",
            FlagNames(flags)
        ),
        Clause::NoFlags => {
            write!(out, "{me}가 플래그가 하나도 없는 세그먼트를 보냅니다. TCP는 이런 세그먼트를 보내지 않습니다.")
        }
        Clause::ProbeOrDamaged => write!(out, "아마 포트 스캐너의 프로브이거나 손상된 세그먼트일 것입니다."),
    }
}
