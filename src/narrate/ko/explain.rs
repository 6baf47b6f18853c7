//! 한국어 헤더 해설.

use super::topic;
use crate::narrate::explain::{Acknowledged, Flag, Line, Opt, Part, PortOrigin, Taken};
use crate::narrate::text::join;
use std::fmt::{self, Write};

/// 한 줄을 쓴다.
pub fn write(out: &mut String, line: &Line) -> fmt::Result {
    match *line {
        Line::Ports { from, to, client, server, origin } => {
            let (client, server) = (topic(client), topic(server));
            write!(out, "포트: {from} → {to}. ")?;
            match origin {
                PortOrigin::Assumed => {
                    write!(out, "SYN이 캡처되지 않아 {client} 클라이언트, {server} 서비스의 포트로 봅니다")
                }
                PortOrigin::WellKnown => write!(
                    out,
                    "{client} 클라이언트가 쓰는 잘 알려진(well-known) 포트이고, {server} 서비스의 포트입니다"
                ),
                PortOrigin::Ephemeral => write!(
                    out,
                    "{client} 클라이언트가 이 연결을 위해 고른 임시(ephemeral) 포트이고, {server} 서비스의 포트입니다"
                ),
            }?;
            write!(out, ". 두 포트와 두 주소의 조합으로 연결 하나를 식별합니다.")
        }
        Line::Stream { number } => write!(
            out,
            "스트림 인덱스: {number}. Wireshark가 캡처에 나오는 연결마다 0부터 매긴 번호이며, 헤더에는 없는 값입니다."
        ),
        Line::NothingComplete => write!(out, "지금까지의 완전성(completeness): 0 = 아직 없음."),
        Line::Completeness { sum, ref parts, has_fin } => {
            write!(out, "지금까지의 완전성(completeness): {sum} = ")?;
            join(out, parts, " + ", |out, &(bit, part)| write!(out, "{bit} {}", self::part(part)))?;
            write!(out, ".")?;
            if has_fin {
                write!(
                    out,
                    " 비트는 그 종류의 세그먼트가 캡처되었는지만 나타내고 몇 개인지, 누가 보냈는지는 나타내지 않으므로, 두 FIN의 비트는 하나입니다. 두 FIN은 tcpshake.closing 아래의 필드로 구분합니다."
                )?;
            }
            Ok(())
        }
        Line::CompletenessInTheEnd { sum, ref parts, is_all } => {
            write!(out, "캡처 끝까지의 완전성(completeness): {sum} = ")?;
            join(out, parts, " + ", |out, &(bit, part)| write!(out, "{bit} {}", self::part(part)))?;
            write!(out, "{}.", if is_all { ", 즉 연결 수립, 데이터, FIN에 의한 종료가 모두 있음" } else { "" })
        }
        Line::NoPayload => write!(out, "세그먼트 길이: 0. 페이로드 없이 헤더만 있습니다."),
        Line::Payload { bytes } => write!(out, "세그먼트 길이: 페이로드 {bytes}바이트."),
        Line::InitialNumber { seq, rel_seq, random } => {
            write!(out, "시퀀스 번호: {seq}, 상대 시퀀스 번호 {rel_seq}. 초기 시퀀스 번호(ISN)입니다. ")?;
            if random {
                write!(
                    out,
                    "오래된 중복 세그먼트와 섞이지 않고 아무도 추측하지 못하도록 TCP가 고르는 무작위 값입니다. "
                )?;
            }
            write!(out, "상대(relative) 시퀀스 번호는 실제(raw) 시퀀스 번호에서 ISN을 뺀 값입니다.")
        }
        Line::Number { seq, rel_seq, base } => {
            write!(out, "시퀀스 번호: {seq}, 상대 시퀀스 번호 {rel_seq} = {seq} − {base}.")
        }
        Line::RawNumber { seq } => write!(out, "시퀀스 번호: {seq}."),
        Line::NextNumber { next, rel_next, step } => {
            let why = match step {
                Taken::Syn => "SYN은 페이로드가 없어도 번호를 하나 차지하므로 1만큼 늘었습니다",
                Taken::Fin => "FIN은 페이로드가 없어도 번호를 하나 차지하므로 1만큼 늘었습니다",
                Taken::FlagAndPayload => "페이로드 길이에 SYN이나 FIN의 몫 1을 더한 만큼 늘었습니다",
                Taken::ResetNothing => "RST는 번호를 차지하지 않으므로 그대로입니다",
                Taken::AckNothing => "ACK은 그 자체로는 번호를 차지하지 않으므로 그대로입니다",
                Taken::Payload => "페이로드 길이만큼 늘었습니다",
            };
            write!(out, "다음 시퀀스 번호: {next}, 상대 시퀀스 번호 {rel_next}. {why}.")
        }
        Line::NoAcknowledgment => write!(out, "확인 응답 번호: 없음. ACK 플래그가 설정되지 않았습니다."),
        Line::Acknowledgment { ack, rel_ack, covers } => {
            let what = match covers {
                Acknowledged::Fin => "번호 하나로 치는 FIN까지 모두",
                Acknowledged::Syn => "번호 하나로 치는 SYN을",
                Acknowledged::Bytes => "그 앞의 모든 바이트를",
            };
            write!(
                out,
                "확인 응답 번호: {ack}, 상대 확인 응답 번호 {rel_ack}. 다음에 받을 번호이며, {what} 받았다는 뜻입니다."
            )
        }
        Line::FinAcknowledges => write!(
            out,
            "FIN에도 확인 응답이 있는 이유: 첫 SYN 뒤의 모든 세그먼트에는 ACK 플래그가 있습니다. 자리를 더 차지하지 않으며, 없으면 받는 쪽이 세그먼트를 버립니다."
        ),
        Line::NoFlags => write!(out, "플래그: 없음."),
        Line::Flags(ref flags) => {
            write!(out, "플래그: ")?;
            join(out, flags, ", ", |out, &flag| out.write_str(self::flag(flag)))?;
            write!(out, ".")
        }
        Line::SynWindow { window } => write!(
            out,
            "윈도우: {window}바이트. 상대방은 ACK을 기다리지 않고 이만큼 보낼 수 있습니다. SYN에서는 윈도우 스케일을 적용하지 않습니다."
        ),
        Line::Window { window } => {
            write!(out, "윈도우: {window}바이트. 상대방은 확인 응답 번호부터 이만큼 보낼 수 있습니다.")
        }
        Line::UnscaledWindow { raw } => {
            write!(out, "윈도우: {raw}. 양쪽 SYN이 모두 캡처되지는 않아 스케일은 알 수 없습니다.")
        }
        Line::ScaledWindow { raw, factor, window } => write!(
            out,
            "윈도우: {raw} × {factor} = {window}바이트. 상대방은 확인 응답 번호부터 이만큼 보낼 수 있습니다."
        ),
        Line::Options(ref options) => {
            write!(out, "옵션: ")?;
            join(out, options, "; ", |out, &one| option(out, one))?;
            write!(out, ".")
        }
        Line::EthernetsMss { mss, ip } => {
            write!(out, "MSS와 MTU: {mss} = 1500(이더넷의 MTU) − {ip}(IP 헤더) − 20(TCP 헤더).")
        }
    }
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Syn => "SYN",
        Part::SynAck => "SYN-ACK",
        Part::Ack => "ACK",
        Part::Data => "데이터",
        Part::Fin => "FIN",
        Part::Rst => "RST",
    }
}

fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::Syn => "SYN(시퀀스 번호 동기화)",
        Flag::Ack => "ACK(확인 응답 번호가 유효함)",
        Flag::Psh => "PSH(더 기다리지 말고 데이터를 애플리케이션에 전달)",
        Flag::Fin => "FIN(더 보낼 데이터가 없음)",
        Flag::Rst => "RST(연결을 무효로 함)",
        Flag::Urg => "URG(긴급 포인터가 유효함)",
        Flag::Ece => "ECE(도중에 혼잡이 표시됨, SYN에서는 ECN 사용 제안 또는 수락)",
        Flag::Cwr => "CWR(속도를 줄임, SYN에서는 ECN 사용 제안)",
    }
}

fn option(out: &mut String, option: Opt) -> fmt::Result {
    match option {
        Opt::Mss(mss) => write!(out, "MSS {mss}(한 세그먼트의 페이로드를 이보다 크게 보내지 말라는 뜻)"),
        Opt::WindowScale { shift, factor } => {
            write!(out, "윈도우 스케일 {shift}(이후 보내는 윈도우 값은 {factor}배로 계산)")
        }
        Opt::SackPermitted => write!(out, "SACK 허용(뒤쪽에서 먼저 도착한 구간도 알려 달라는 뜻)"),
        Opt::Timestamps { value, echo } => {
            write!(out, "타임스탬프 {value}, 에코 {echo}(왕복 시간을 재고 오래된 세그먼트를 가려내는 데 씀)")
        }
        Opt::CookieRequest => write!(out, "Fast Open(쿠키 요청)"),
        Opt::Cookie { bytes } => write!(out, "Fast Open(쿠키 {bytes}바이트)"),
    }
}
