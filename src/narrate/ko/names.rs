//! 트리에서 영어 이름 옆 괄호에 쓰는 우리말 이름.

use crate::narrate::names::{Heading, Name};
use crate::tcp::{CapturePoint, ClosingKind, Origin, Outcome, Phase, Side, Step, Suspect, Verdict};

/// 이름.
pub fn name(name: Name) -> &'static str {
    match name {
        Name::Phase(phase) => of_phase(phase),
        Name::Step(step) => of_step(step),
        Name::Side(Side::Client) => "클라이언트",
        Name::Side(Side::Server) => "서버",
        Name::Verdict(verdict) => of_verdict(verdict),
        Name::Suspect(suspect) => of_suspect(suspect),
        Name::Outcome(outcome) => of_outcome(outcome),
        Name::ClosingKind(kind) => of_closing(kind),
        Name::CapturePoint(point) => of_point(point),
        Name::Origin(origin) => of_origin(origin),
        Name::Heading(heading) => of_heading(heading),
    }
}

fn of_phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Opening => "연결 수립",
        Phase::Data => "데이터 전송",
        Phase::Closing => "연결 종료",
        Phase::Closed => "종료 후",
    }
}

fn of_step(step: Step) -> &'static str {
    match step {
        Step::Syn => "연결 요청",
        Step::SynRetransmission => "SYN 재전송",
        Step::SimultaneousSyn => "동시 SYN",
        Step::SynWithData => "데이터가 실린 SYN",
        Step::SynAck => "연결 수락",
        Step::SynAckRetransmission => "SYN-ACK 재전송",
        Step::HandshakeAck => "핸드셰이크 완료 ACK",
        Step::Refused => "연결 거부",
        Step::Data => "데이터",
        Step::DataRetransmission => "데이터 재전송",
        Step::Ack => "확인 응답",
        Step::DuplicateAck => "중복 ACK",
        Step::KeepAlive => "keep-alive",
        Step::KeepAliveAck => "keep-alive 응답",
        Step::ZeroWindowProbe => "제로 윈도우 프로브",
        Step::WindowUpdate => "윈도우 갱신",
        Step::FirstFin => "첫 번째 FIN",
        Step::SecondFin => "두 번째 FIN",
        Step::FinRetransmission => "FIN 재전송",
        Step::FirstFinAck => "첫 번째 FIN에 대한 ACK",
        Step::LastAck => "마지막 ACK",
        Step::HalfClosedData => "상대방의 FIN 이후 데이터",
        Step::Abort => "강제 종료",
        Step::StrayReset => "받아들여지지 않는 RST",
        Step::ChallengeAck => "challenge ACK",
        Step::AfterClose => "종료 후 도착",
        Step::ImpossibleFlags => "불가능한 플래그 조합",
        Step::WrongAck => "잘못된 핸드셰이크 ACK",
        Step::ConflictingSynAck => "번호가 다른 SYN-ACK",
        Step::UnexpectedSyn => "열린 연결에 온 SYN",
        Step::OutOfOrderData => "순서가 바뀐 데이터",
        Step::ZeroWindowProbeAck => "제로 윈도우 프로브 응답",
        Step::ResetAfterClose => "종료 후 RST",
        Step::CapturedAgain => "중복 캡처",
    }
}

fn of_verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Refused => "연결 거부됨",
        Verdict::RejectedByFirewall => "방화벽이 거부함",
        Verdict::Unreachable => "도달 불가",
        Verdict::NoAnswer => "응답 없음",
        Verdict::AnswerNotReceived => "응답이 클라이언트에 닿지 않음",
        Verdict::ClientSilent => "클라이언트 무응답",
        Verdict::HandshakeAckNotTaken => "핸드셰이크 ACK가 처리되지 않음",
        Verdict::HandshakeDisturbed => "핸드셰이크 교란",
        Verdict::Probe => "스캔·프로브",
        Verdict::Forgotten => "연결 정보 소실",
        Verdict::ResetByThirdParty => "제3자가 리셋함",
        Verdict::LargeSegmentsLost => "큰 세그먼트 유실",
        Verdict::WentSilent => "응답 끊김",
        Verdict::ResetByClient => "클라이언트가 리셋함",
        Verdict::ResetByServer => "서버가 리셋함",
        Verdict::Stalled => "전송 정체",
        Verdict::LeftHalfClosed => "반만 닫힌 채 남음",
        Verdict::SlowOpening => "느린 연결 수립",
        Verdict::Fine => "정상",
        Verdict::Undecided => "판단 보류",
        Verdict::NotAllCaptured => "일부만 캡처됨",
    }
}

fn of_suspect(suspect: Suspect) -> &'static str {
    match suspect {
        Suspect::Client => "클라이언트",
        Suspect::Server => "서버",
        Suspect::Network => "네트워크",
        Suspect::Capture => "캡처",
        Suspect::Unknown => "알 수 없음",
    }
}

fn of_outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::InProgress => "진행 중",
        Outcome::NoAnswer => "응답 없음",
        Outcome::Refused => "연결 거부됨",
        Outcome::Unreachable => "도달 불가",
        Outcome::HalfOpen => "반만 열림",
        Outcome::Established => "연결됨",
        Outcome::ClosedNormally => "정상 종료",
        Outcome::HalfClosed => "반만 닫힘",
        Outcome::AbortedByClient => "클라이언트가 강제 종료",
        Outcome::AbortedByServer => "서버가 강제 종료",
        Outcome::OpeningNotCaptured => "연결 수립이 캡처되지 않음",
    }
}

fn of_closing(kind: ClosingKind) -> &'static str {
    match kind {
        ClosingKind::FourWay => "4단계",
        ClosingKind::ThreeWay => "3단계",
        ClosingKind::Simultaneous => "동시 종료",
        ClosingKind::HalfClosed => "반만 닫힘",
        ClosingKind::Reset => "RST로 종료",
        ClosingKind::NotClosed => "종료되지 않음",
    }
}

fn of_point(point: CapturePoint) -> &'static str {
    match point {
        CapturePoint::NearClient => "클라이언트 쪽",
        CapturePoint::NearServer => "서버 쪽",
        CapturePoint::Between => "중간",
        CapturePoint::Unknown => "알 수 없음",
    }
}

fn of_origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Itself => "해당 호스트 자신",
        Origin::SomeoneElse => "다른 장비",
        Origin::Unknown => "알 수 없음",
    }
}

fn of_heading(heading: Heading) -> &'static str {
    match heading {
        Heading::Narration => "설명",
        Heading::Dialogue => "대화",
        Heading::Why => "근거",
        Heading::Header => "헤더 해설",
        Heading::States => "상태",
        Heading::Connection => "연결",
    }
}
