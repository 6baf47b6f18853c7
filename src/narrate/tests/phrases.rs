//! Every phrase of every language: that it is there, is well formed, and prints the same numbers in each.

use super::check;
use super::samples::{clauses, evidence, lines, remarks, speeches};
use crate::narrate::clause::Clause;
use crate::tcp::{Finding, Side, Suspect, Verdict};

fn check_clause(clause: &Clause) {
    for (&side, guess) in Side::ALL.iter().flat_map(|side| [(side, false), (side, true)]) {
        check(&format!("{clause:?}"), |language, text| {
            language.clause(text, side, guess, clause);
            assert!(text.ends_with('.'), "{clause:?} is no whole sentence: {text:?}");
        });
    }
}

#[test]
fn every_phrase_is_well_formed_and_prints_the_same_numbers_in_each_language() {
    for clause in clauses() {
        check_clause(&clause);
    }
    for why in evidence() {
        for certain in [false, true] {
            let (verdict, suspect) = (Verdict::RejectedByFirewall, Some(Suspect::Network));
            let finding = Finding { verdict, suspect, certain, frame: None, why: why.clone() };
            check(&format!("{finding:?}"), |language, text| language.verdict(text, &finding));
        }
    }
    for speech in speeches() {
        check(&format!("{speech:?}"), |language, text| language.speech(text, &speech));
    }
    for line in lines() {
        check(&format!("{line:?}"), |language, text| language.line(text, &line));
    }
    for remark in remarks() {
        check(&format!("{remark:?}"), |language, text| language.remark(text, &remark));
    }
}
