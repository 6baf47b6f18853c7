//! 판정의 근거.

use super::{Elapsed, hops_of, side, topic};
use crate::narrate::icmp::meaning;
use crate::narrate::text::BareFrameList;
use crate::narrate::verdict::{Forger, IcmpSource};
use crate::tcp::{Awaited, Close, Compared, Disturbance, Finding, IcmpError, Misfit, Open, Why};
use std::fmt::{self, Write};

/// 근거 앞에 판정과 살펴볼 곳을 쓴다.
pub fn headline(out: &mut String, finding: &Finding) -> fmt::Result {
    let likely = if finding.is_guess() { "(추정)" } else { "" };
    write!(out, "판정: {}{likely}. ", finding.verdict.name())?;
    match finding.suspect {
        Some(suspect) => write!(out, "살펴볼 곳: {}. ", suspect.name()),
        None => Ok(()),
    }
}

/// 근거를 쓴다.
pub fn write(out: &mut String, finding: &Finding) -> fmt::Result {
    match &finding.why {
        Why::Rst { rst, answers, hops, v6 } => {
            write!(out, "SYN")?;
            if let Some(syn) = answers {
                write!(out, "(프레임 {})", syn.get())?;
            }
            write!(out, "에 대한 응답으로 RST(프레임 {})가 왔습니다.", rst.get())?;
            refusal(out, *hops, hops_of(*v6))
        }
        Why::Icmp { error } => icmp(out, finding, error),
        Why::Silence { syns, over, waited } => {
            let frames = BareFrameList(syns);
            match syns.count {
                1 => write!(
                    out,
                    "클라이언트가 SYN(프레임 {frames})을 보낸 뒤 {} 동안 응답이 캡처되지 않았습니다.",
                    Elapsed(*waited)
                )?,
                count => write!(
                    out,
                    "클라이언트가 {} 동안 SYN을 {count}번 보냈지만(프레임 {frames}) 응답이 캡처되지 않았습니다.",
                    Elapsed(*over)
                )?,
            }
            write!(out, " 서버가 꺼져 있거나, 방화벽이나 네트워크에서 SYN 또는 그 응답이 폐기되고 있습니다.")
        }
        Why::AskedOn { syn_ack, syns } => write!(
            out,
            "SYN-ACK(프레임 {})이 캡처되었는데도 클라이언트가 SYN을 다시 보냈습니다(프레임 {}). 캡처 지점과 클라이언트 사이에서 \
             응답이 유실되었거나, 클라이언트가 응답을 폐기했습니다.",
            syn_ack.get(),
            BareFrameList(syns)
        ),
        Why::AnsweredOn { syn_acks } => write!(
            out,
            "서버가 SYN-ACK을 {}번 보냈지만(프레임 {}) 클라이언트의 ACK이 캡처되지 않았습니다. 클라이언트가 응답 불능이거나 \
             SYN-ACK을 무시하고 있거나, SYN-ACK 또는 ACK이 유실되었습니다.",
            syn_acks.count,
            BareFrameList(syn_acks)
        ),
        Why::AckIgnored { ack, syn_acks } => write!(
            out,
            "클라이언트가 SYN-ACK에 확인 응답했지만(프레임 {}) 서버가 SYN-ACK을 다시 보냈고(프레임 {}) 그 뒤로는 어떤 세그먼트에도 \
             확인 응답하지 않았습니다. 서버의 accept 대기열이 가득 찼거나, 캡처 지점과 서버 사이에서 ACK이 유실된 것으로 보입니다.",
            ack.get(),
            BareFrameList(syn_acks)
        ),
        Why::Disturbance(Disturbance { frame, misfit }) => {
            match misfit {
                Some(Misfit::Ack { ack, expected }) => write!(
                    out,
                    "프레임 {}의 ACK 번호는 {}입니다(상대방의 SYN에 대한 확인 응답이라면 {}).",
                    frame.get(),
                    { ack.0 },
                    { expected.0 }
                )?,
                Some(Misfit::Isn { isn, first }) => write!(
                    out,
                    "프레임 {}의 SYN-ACK은 시퀀스 번호가 {}인데, 앞선 SYN-ACK의 시퀀스 번호는 {}입니다.",
                    frame.get(),
                    { isn.0 },
                    { first.0 }
                )?,
                None => write!(out, "프레임 {} 이 핸드셰이크와 맞지 않습니다.", topic(frame.get()))?,
            }
            write!(
                out,
                " 이전 연결의 세그먼트이거나, 뒤늦게 도착한 중복 세그먼트이거나, 위조되었거나 전송 도중에 변조된 세그먼트일 수 있습니다."
            )
        }
        Why::Probe { rst, after } => write!(
            out,
            "클라이언트가 SYN을 보낸 지 {} 만에 RST(프레임 {})로 연결을 끊었고, 어느 쪽도 데이터를 보내지 않았습니다. 포트 \
             스캔이나 헬스 체크, 또는 연결을 포기한 클라이언트로 보입니다.",
            Elapsed(*after),
            rst.get()
        ),
        Why::ImpossibleFlags { frame } => write!(
            out,
            "프레임 {}의 플래그 조합은 TCP에서 쓰이지 않습니다. 스캐너가 보낸 것으로 보입니다.",
            frame.get()
        ),
        Why::Forgotten { silence, segment, rst, by } => write!(
            out,
            "{} 동안 통신이 없다가 보낸 프레임 {}에 대해 출발지 주소가 {}인 RST(프레임 {})가 왔습니다. 연결을 모르는 호스트가 \
             보내는 형태의 RST입니다. 재시작이나 유휴 타임아웃으로 연결 정보가 사라진 것으로 보입니다.",
            Elapsed(*silence),
            segment.get(),
            side(*by),
            rst.get()
        ),
        Why::Forged { rst, of, hops, v6, went_on } => {
            let end = side(*of);
            write!(out, "프레임 {}의 RST는 출발지 주소가 {end}이지만", rst.get())?;
            if let Compared::Other { rst, host } = *hops {
                write!(out, " {}({rst})이 {end}의 다른 패킷({host})과 다릅니다.", hops_of(*v6))?;
            }
            if let Some(frame) = went_on {
                write!(out, " {end}는 RST를 보낸 적이 없는 것처럼 프레임 {}에서 통신을 계속합니다.", frame.get())?;
            }
            out.write_str(match Forger::of(finding, *hops, went_on.is_some()) {
                Forger::SomeoneElse => " 다른 장비가 보낸 RST입니다.",
                Forger::SomeoneOrKernel => {
                    " 다른 장비가 보냈거나, raw 소켓 프로그램을 쓰는 호스트의 커널이 보낸 것으로 보입니다."
                }
                Forger::Device => " 경로 중간의 방화벽 등 다른 장비가 보낸 것으로 보입니다.",
            })
        }
        Why::Large { by, size, times, first, last } => write!(
            out,
            "{}의 {size}바이트 세그먼트가 {times}번 재전송되었습니다(프레임 {}~{}). {}가 응답은 하지만 이 세그먼트에는 확인 응답하지 \
             않습니다. 경로 중간에서 큰 패킷이 폐기되는 것으로 보입니다.",
            side(*by),
            first.get(),
            last.get(),
            side(by.peer())
        ),
        Why::Unanswered { by, what, times, first, last, over } => {
            let (what, sent) = match what {
                Awaited::Data => ("데이터를", "다시 보냈지만"),
                Awaited::Fin => ("FIN을", "다시 보냈지만"),
                Awaited::Probes => ("프로브를", "보냈지만"),
            };
            write!(
                out,
                "{}가 {} 동안 {what} {times}번 {sent}(프레임 {}~{}) 이후 응답이 캡처되지 않았습니다. {}가 응답하지 않거나 경로에서 패킷이 폐기되는 것으로 보입니다.",
                side(*by),
                Elapsed(*over),
                first.get(),
                last.get(),
                side(by.peer())
            )
        }
        Why::Reset { by, rst, answers, hops, v6, after_fin } => {
            let sender = side(*by);
            if *after_fin {
                write!(out, "{sender}의 FIN 이후 ")?;
            }
            write!(out, "출발지 주소가 {sender}인 RST(프레임 {}", rst.get())?;
            if let Some(frame) = answers {
                write!(out, ", 번호로 보아 프레임 {}에 대한 응답", frame.get())?;
            }
            write!(out, ")가 와서 연결이 끊겼습니다.")?;
            if let Compared::Same(hops) = hops {
                write!(out, " RST의 {}({hops})은 {sender}의 다른 패킷과 같", hops_of(*v6))?;
                write!(
                    out,
                    "{}",
                    if finding.certain {
                        "고, IP 식별자도 직전 패킷에 이어집니다."
                    } else {
                        "습니다."
                    }
                )?;
            }
            Ok(())
        }
        Why::Shut { by, frame, lasted, over } => {
            let end = side(*by);
            write!(out, "프레임 {}부터 ", frame.get())?;
            if !*over {
                write!(out, "캡처가 끝날 때까지 ")?;
            }
            write!(out, "{} 동안 {end}의 윈도우가 0이었습니다. {end} 프로그램이 수신한 데이터를 ", Elapsed(*lasted))?;
            out.write_str(match over {
                true => "제때 읽지 못했습니다.",
                false => "제때 읽지 못하거나 아예 읽지 않고 있습니다.",
            })
        }
        Why::HalfClosed { by, fin, silent } => {
            write!(out, "{}가 FIN", side(*by))?;
            if let Some(fin) = fin {
                write!(out, "(프레임 {})", fin.get())?;
            }
            let peer = side(by.peer());
            write!(
                out,
                "을 보냈고 {peer}는 이에 확인 응답했지만 {} 동안 {peer}의 데이터도 FIN도 캡처되지 않았습니다.",
                Elapsed(*silent)
            )
        }
        Why::Slow { syns, syn_acks, took } => {
            match took {
                Some(took) => write!(out, "첫 SYN부터 연결 수립까지 {}가 걸렸습니다", Elapsed(*took))?,
                None => write!(out, "연결 수립에 재시도가 필요했습니다")?,
            }
            if *syns > 1 || *syn_acks > 1 {
                write!(out, "(SYN {syns}번, SYN-ACK {syn_acks}번)")?;
            }
            write!(out, ".")
        }
        Why::InOrder { opening, close } => write!(
            out,
            "{}",
            match (opening, close) {
                (true, Close::Done) => "연결이 수립되었고 양쪽 모두 연결을 닫았습니다.",
                (true, Close::Begun) =>
                    "연결이 수립된 뒤 연결 종료가 시작되었고, 캡처된 부분에서 이상은 발견되지 않았습니다.",
                (true, Close::NotSeen) => "연결이 수립되었고, 캡처가 끝날 때까지 열려 있습니다.",
                (false, Close::Done) => "연결 수립 과정은 캡처되지 않았고, 양쪽 모두 연결을 닫았습니다.",
                (false, _) => "연결 수립 과정은 캡처되지 않았고, 캡처된 부분에서 이상은 발견되지 않았습니다.",
            }
        ),
        Why::Ends { frame, after, what } => {
            let what = match what {
                Open::Syn => "SYN",
                Open::SynAck => "SYN-ACK",
                Open::Repeated => "마지막 재전송",
                Open::Close => "첫 FIN",
            };
            write!(out, "{what}")?;
            if let Some(frame) = frame {
                write!(out, "(프레임 {})", frame.get())?;
            }
            write!(out, " 이후 {} 만에 캡처가 끝나 그 뒤의 경과는 알 수 없습니다.", Elapsed(*after))
        }
        Why::OneDirection { captured } => write!(out, "{}가 보낸 세그먼트만 캡처되었습니다.", side(*captured)),
        Why::LittleButReset { by, rst } => write!(
            out,
            "출발지 주소가 {}인 RST(프레임 {})로 연결이 끊겼습니다. 그 밖에는 캡처된 부분이 너무 적어 판단할 수 없습니다.",
            side(*by),
            rst.get()
        ),
        Why::Little => write!(out, "이 연결은 캡처된 부분이 너무 적어 판단할 수 없습니다."),
    }
}

/// SYN에 응답한 RST의 남은 홉 수가 보여 주는 것.
fn refusal(out: &mut String, hops: Compared, name: &str) -> fmt::Result {
    match hops {
        Compared::Same(hops) => write!(
            out,
            " RST의 {name}({hops})은 이 호스트의 다른 패킷과 같습니다. 해당 포트에서 수신 대기 중인 프로그램이 없거나, 호스트 자체 \
             방화벽이 거부한 것입니다."
        ),
        Compared::SameDistance { rst, host } => write!(
            out,
            " 해당 포트에서 수신 대기 중인 프로그램이 없는 것으로 보입니다. RST의 {name}({rst})은 이 호스트의 다른 패킷({host})과 \
             다르지만 거쳐 온 홉 수는 같습니다."
        ),
        Compared::Other { rst, host } => write!(
            out,
            " RST의 {name}({rst})이 이 호스트의 다른 패킷({host})과 다릅니다. 경로 중간의 장비(아마도 방화벽)가 거부한 것으로 \
             보입니다."
        ),
        Compared::Nothing => write!(
            out,
            " 해당 포트에서 수신 대기 중인 프로그램이 없는 것으로 보입니다. 이 호스트의 다른 패킷이 캡처되지 않아 {name}을 비교할 \
             수 없으므로, 방화벽이 보낸 RST일 수도 있습니다."
        ),
    }
}

/// ICMP 오류와 보낸 이.
fn icmp(out: &mut String, finding: &Finding, error: &IcmpError) -> fmt::Result {
    match error.sender {
        Some(sender) => write!(out, "{sender}에서 SYN에 대한 ICMP 오류(프레임 {})를 보냈습니다", error.frame.get())?,
        None => write!(out, "SYN에 대한 ICMP 오류(프레임 {})가 왔습니다", error.frame.get())?,
    }
    write!(out, ": {}.", meaning(error))?;
    out.write_str(match IcmpSource::of(finding, error) {
        IcmpSource::ServersFirewall => " 서버 주소에서 보낸 것이므로 서버 자체 방화벽으로 보입니다.",
        IcmpSource::Firewall => " 경로 중간의 방화벽이 거부했습니다.",
        IcmpSource::Server => " 서버 주소에서 보낸 오류입니다.",
        IcmpSource::Another => " 서버가 아닌 다른 주소에서 보낸 오류입니다.",
        IcmpSource::Unknown => "",
    })?;
    if error.is_port_unreachable() {
        write!(out, " 닫힌 TCP 포트는 RST로 응답하므로, 방화벽이 보낸 것으로 보입니다.")?;
    }
    Ok(())
}
