//! 판정의 근거.

use super::side;
use crate::narrate::text::{BareFrameList, Elapsed};
use crate::tcp::{Awaited, Compared, Finding, IcmpError, Open, Verdict, Why};
use std::fmt::{self, Write};

/// 근거 앞에 판정과 살펴볼 곳을 쓴다.
pub fn headline(out: &mut String, finding: &Finding) -> fmt::Result {
    let likely = if finding.certain || finding.suspect.is_none() { "" } else { "(추정)" };
    write!(out, "판정: {}{likely}. ", finding.verdict.name())?;
    match finding.suspect {
        Some(suspect) => write!(out, "살펴볼 곳: {}. ", suspect.name()),
        None => Ok(()),
    }
}

/// 근거를 쓴다.
pub fn write(out: &mut String, finding: &Finding) -> fmt::Result {
    match &finding.why {
        Why::Rst { rst, answers, hops } => {
            match answers {
                Some(syn) => write!(out, "SYN(프레임 {})에 RST(프레임 {})로 응답했습니다.", syn.get(), rst.get())?,
                None => write!(out, "SYN에 RST(프레임 {})로 응답했습니다.", rst.get())?,
            }
            match *hops {
                Compared::Same(hops) => {
                    write!(
                        out,
                        " RST의 TTL {hops}은(는) 이 호스트의 다른 패킷과 같습니다. 해당 포트에서 수신 대기 중인 프로그램이 없거나, 호스트 자체 방화벽이 거부한 것입니다."
                    )
                }
                Compared::SameDistance { rst, host } => write!(
                    out,
                    " 해당 포트에서 수신 대기 중인 프로그램이 없는 것으로 보입니다. RST의 TTL은 {rst}, 이 호스트의 다른 패킷은 {host}로 다르지만 지나온 홉 수는 같습니다."
                ),
                Compared::Other { rst, host } => write!(
                    out,
                    " RST의 TTL은 {rst}인데 이 호스트의 다른 패킷은 {host}입니다. 경로 중간의 장비(방화벽으로 추정)가 거부했습니다."
                ),
                Compared::Nothing => {
                    write!(
                        out,
                        " 해당 포트에서 수신 대기 중인 프로그램이 없는 것으로 보입니다. 비교할 만한 이 호스트의 다른 패킷은 캡처되지 않았습니다."
                    )
                }
            }
        }
        Why::Icmp { error } => {
            icmp(out, error)?;
            match (finding.verdict, error.is_receiver) {
                (Verdict::RejectedByFirewall, true) => write!(out, " 서버 자체 방화벽이 거부했습니다."),
                (Verdict::RejectedByFirewall, false) => write!(out, " 경로 중간의 방화벽이 거부했습니다."),
                (_, true) => write!(out, " 해당 호스트가 직접 보낸 오류입니다."),
                (_, false) => write!(out, " 경로 중간의 라우터가 전달하지 못했습니다."),
            }
        }
        Why::Silence { syns, over, waited } => {
            if syns.count > 1 {
                write!(
                    out,
                    "{} 동안 SYN을 {}번 보냈지만(프레임 {}) 응답이 없었습니다.",
                    Elapsed(*over),
                    syns.count,
                    BareFrameList(syns)
                )?;
            } else {
                write!(
                    out,
                    "SYN(프레임 {})을 보낸 뒤 {} 동안 응답이 없었습니다.",
                    BareFrameList(syns),
                    Elapsed(*waited)
                )?;
            }
            write!(out, " 서버가 꺼져 있거나, 경로 중간에서 SYN 또는 그 응답이 폐기되고 있습니다.")
        }
        Why::AskedOn { syn_ack, syns } => write!(
            out,
            "SYN-ACK(프레임 {})이 캡처되었는데도 클라이언트가 SYN을 다시 보냈습니다(프레임 {}). 캡처 지점과 클라이언트 사이에서 응답이 유실되었거나, 클라이언트가 응답을 버리고 있습니다.",
            syn_ack.get(),
            BareFrameList(syns)
        ),
        Why::AnsweredOn { syn_acks } => write!(
            out,
            "서버가 SYN-ACK을 {}번 보냈지만(프레임 {}) 클라이언트의 ACK이 오지 않았습니다. 클라이언트가 사라졌거나 응답을 무시하고 있거나, SYN-ACK 또는 ACK이 유실되었습니다.",
            syn_acks.count,
            BareFrameList(syn_acks)
        ),
        Why::AckIgnored { ack, syn_acks } => write!(
            out,
            "클라이언트가 SYN-ACK을 확인 응답했지만(프레임 {}) 서버가 SYN-ACK을 다시 보냈고(프레임 {}) 그 이상은 확인 응답하지 않았습니다. 서버의 accept 대기열이 가득 찼거나, 캡처 지점 뒤에서 ACK이 유실된 것으로 보입니다.",
            ack.get(),
            BareFrameList(syn_acks)
        ),
        Why::Disturbance { frame } => write!(
            out,
            "프레임 {}은(는) 이 핸드셰이크에 속하지 않습니다. 이전 연결이나 지연된 중복 세그먼트가 끼어들었습니다.",
            frame.get()
        ),
        Why::Probe { rst, after } => write!(
            out,
            "클라이언트가 SYN을 보낸 지 {} 만에 연결을 RST로 끊었고(프레임 {}) 어느 쪽도 데이터를 보내지 않았습니다. 포트 스캔이나 상태 확인(health check)입니다.",
            Elapsed(*after),
            rst.get()
        ),
        Why::ImpossibleFlags { frame } => {
            write!(out, "프레임 {}의 플래그 조합은 TCP에서 쓰이지 않습니다. 스캐너가 보낸 것입니다.", frame.get())
        }
        Why::Forgotten { silence, segment, rst, by } => write!(
            out,
            "{} 동안 통신이 없다가 보낸 프레임 {}에 {}의 주소로 RST(프레임 {})가 왔습니다. 연결을 모르는 호스트가 보내는 형태의 RST입니다. 재시작이나 유휴 타임아웃으로 연결 정보가 사라졌습니다.",
            Elapsed(*silence),
            segment.get(),
            side(*by),
            rst.get()
        ),
        Why::Forged { rst, of, hops, went_on } => {
            write!(out, "프레임 {}의 RST는 {}의 주소로 왔지만", rst.get(), side(*of))?;
            if let Compared::Other { rst, host } = *hops {
                write!(out, " TTL이 {rst}이고 {}의 다른 패킷은 {host}입니다.", side(*of))?;
            }
            match went_on {
                Some(frame) => write!(
                    out,
                    " {}는 RST를 보낸 적이 없는 것처럼 프레임 {}에서 통신을 계속합니다. 다른 장비가 보낸 RST입니다.",
                    side(*of),
                    frame.get()
                ),
                None => write!(out, " 경로 중간의 방화벽 등 다른 장비가 보낸 것으로 보입니다."),
            }
        }
        Why::Large { by, size, times, first, last } => write!(
            out,
            "{}의 {size}바이트 세그먼트가 {times}번 재전송되었지만(프레임 {}~{}) 응답이 없고, 더 작은 세그먼트는 도착했습니다. 경로 중간에서 큰 패킷이 폐기되는 것으로 보입니다.",
            side(*by),
            first.get(),
            last.get()
        ),
        Why::Unanswered { by, what, times, first, last, over } => {
            let what = match what {
                Awaited::Data => "데이터를",
                Awaited::Fin => "FIN을",
                Awaited::Probes => "프로브를",
            };
            write!(
                out,
                "{}가 {} 동안 {what} {times}번 다시 보냈지만(프레임 {}~{}) 더 이상 아무것도 오지 않았습니다. {}가 사라졌거나 경로가 끊겼습니다.",
                side(*by),
                Elapsed(*over),
                first.get(),
                last.get(),
                side(by.peer())
            )
        }
        Why::Reset { by, rst, answers, hops, after_fin } => {
            write!(out, "{}가 ", side(*by))?;
            if *after_fin {
                write!(out, "자신의 FIN을 보낸 뒤 ")?;
            }
            if let Some(frame) = answers {
                write!(out, "프레임 {}에 대한 응답으로 ", frame.get())?;
            }
            write!(out, "RST(프레임 {})를 보내 연결을 끊었습니다.", rst.get())?;
            if let Compared::Same(hops) = hops {
                write!(out, " RST의 TTL {hops}은(는) {}의 다른 패킷과 같습니다.", side(*by))?;
            }
            Ok(())
        }
        Why::Shut { by, frame, lasted, over } => {
            write!(out, "프레임 {}부터 ", frame.get())?;
            if !*over {
                write!(out, "캡처가 끝날 때까지 ")?;
            }
            write!(
                out,
                "{} 동안 {}의 윈도우가 0이었습니다. 프로그램이 받은 데이터를 읽지 않고 있습니다.",
                Elapsed(*lasted),
                side(*by)
            )
        }
        Why::HalfClosed { by, fin, silent } => {
            write!(out, "{}가 연결을 닫았고", side(*by))?;
            if let Some(fin) = fin {
                write!(out, "(FIN은 프레임 {})", fin.get())?;
            }
            write!(
                out,
                " {}는 이를 확인 응답했지만 {} 동안 데이터도 FIN도 보내지 않았습니다.",
                side(by.peer()),
                Elapsed(*silent)
            )
        }
        Why::Slow { syns, syn_acks, took } => {
            write!(out, "연결 수립에")?;
            match took {
                Some(took) => write!(out, " {}가 걸렸습니다", Elapsed(*took))?,
                None => write!(out, " 시간이 걸렸습니다")?,
            }
            if *syns > 1 || *syn_acks > 1 {
                write!(out, "(SYN {syns}번, SYN-ACK {syn_acks}번)")?;
            }
            write!(out, ".")
        }
        Why::InOrder { opening, closed } => match (opening, closed) {
            (true, true) => write!(out, "연결이 수립되었고 양쪽이 모두 닫았습니다."),
            (true, false) => write!(out, "연결이 수립되었고, 캡처가 끝날 때까지 열려 있습니다."),
            (false, true) => write!(out, "연결 수립 과정은 캡처되지 않았고, 양쪽이 모두 닫았습니다."),
            (false, false) => write!(out, "연결 수립 과정은 캡처되지 않았고, 캡처된 부분에는 이상이 없습니다."),
        },
        Why::Ends { frame, after, what } => {
            let what = match what {
                Open::Syn => "SYN",
                Open::SynAck => "SYN-ACK",
                Open::Repeated => "마지막 재전송",
                Open::Close => "한쪽이 연결을 닫은 것",
            };
            write!(out, "{what}")?;
            if let Some(frame) = frame {
                write!(out, "(프레임 {})", frame.get())?;
            }
            write!(out, " 이후 {} 만에 캡처가 끝나, 그 뒤에 어떻게 되었는지 판단할 수 없습니다.", Elapsed(*after))
        }
        Why::OneDirection { captured } => write!(
            out,
            "{}가 보낸 세그먼트만 캡처되어, {}가 무엇을 보냈는지 알 수 없습니다.",
            side(*captured),
            side(captured.peer())
        ),
        Why::Little => write!(out, "이 연결은 캡처된 부분이 너무 적어 판단할 수 없습니다."),
    }
}

/// ICMP 오류와 보낸 이.
fn icmp(out: &mut String, error: &IcmpError) -> fmt::Result {
    if let Some(sender) = error.sender {
        write!(out, "{sender}이(가) ")?;
    }
    write!(out, "SYN에 ICMP 오류(프레임 {})로 응답했습니다: {}.", error.frame.get(), error.meaning())
}
