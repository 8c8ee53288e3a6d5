//! Any damage to a configuration as an object: parsing reports in a sound document, and what is left of the rules means to
//! the engine what it means to its twin.

use crate::damage::damage;
use crate::tape::Tape;
use crate::value::{RULES, TOUR, request};
use bartizan_engine::Builder;
use bartizan_object::{AllocRef, json};
use bartizan_reference::generate::{Case, Step};
use bartizan_reference::judge::judge;

pub(crate) fn run(data: &[u8]) {
    let mut tape = Tape::new(data);
    let mut steps = Vec::new();
    for path in ["p0", "p1"].into_iter().take(1 + usize::from(tape.below(4) == 0)) {
        let mut config = tape.pick(&*RULES).clone();
        for _ in 0..=tape.below(6) {
            damage(&mut tape, &mut config);
        }
        let mut document = Vec::new();
        let update = Builder::new().update(b"p", &config.to_object());
        json::write(&update.diagnostics, &mut document);
        assert!(json::parse(&document, AllocRef::global()).is_some(), "diagnostics are a document");
        steps.push(Step::Update { path: path.into(), config });
    }
    steps.push(Step::Open);
    let eval = |data, now_s| Step::Eval { context: 0, data, now_s, has_time: true };
    steps.push(eval(TOUR.clone(), 3));
    if tape.has_more() {
        steps.push(eval(request(&mut tape), 6));
    }
    if let Err(difference) = judge(&Case { steps: steps.clone() }) {
        panic!("{difference}\n{}", Case { steps });
    }
}
