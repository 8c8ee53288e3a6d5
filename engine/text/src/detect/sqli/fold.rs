//! Folds the tokens of a value to at most five that tell its shape.
//!
//! A window of up to six tokens moves over the stream. What cannot change the shape of a
//! statement is dropped from it: repeated strings, signs, one side of a binary operator, the
//! items of a list. The rules for two neighbours are in [`pair`], those for three in [`triple`].

mod pair;
mod triple;

use super::class::Class;
use super::fingerprint::TOKENS_MAX;
use super::scanner::Scanner;
use super::token::Token;

/// One token more than a fingerprint has, as it may tell what the last one is.
const WINDOW: usize = TOKENS_MAX + 1;

/// What a rule, or the lack of one, calls for.
enum Step {
    /// Nothing to fold here; but first go back as told.
    Pass(Back),
    /// Drop this many of the tokens read last, go back as told and look again.
    Drop(usize, Back),
    /// Stop: this has no innocent reading.
    Evil,
}

/// How far to go back.
enum Back {
    Stay,
    ByOne,
    ToStart,
}

/// The tokens to which a value was folded.
pub(super) struct Folded<'a> {
    tokens: [Token<'a>; WINDOW],
    len: usize,
}

impl<'a> Folded<'a> {
    pub(super) fn tokens(&self) -> &[Token<'a>] {
        &self.tokens[..self.len]
    }

    /// The last token, where there are more than two.
    pub(super) fn last_of_many_mut(&mut self) -> Option<&mut Token<'a>> {
        if self.len > 2 { self.tokens[..self.len].last_mut() } else { None }
    }
}

struct Folder<'s, 'a> {
    scanner: &'s mut Scanner<'a>,
    tokens: [Token<'a>; WINDOW],
    /// How many of `tokens` are filled.
    filled: usize,
    /// How many of them are done. The rules look at the two or three behind them.
    settled: usize,
    /// The comment read last, if no other token followed it.
    comment: Option<Token<'a>>,
    /// Whether the scanner may have more.
    more: bool,
}

/// Folds what `scanner` reads. `None`: there is nothing, or it does not look like SQL.
pub(super) fn fold<'a>(scanner: &mut Scanner<'a>) -> Option<Folded<'a>> {
    let first = loop {
        let token = scanner.next()?;
        let skipped = token.is_any(&[Class::Comment, Class::LeftParen, Class::SqlType]) || token.is_unary();
        if !skipped {
            break token;
        }
    };
    let mut folder =
        Folder { scanner, tokens: [first; WINDOW], filled: 1, settled: 0, comment: None, more: true };
    let len = folder.run()?;
    Some(Folded { tokens: folder.tokens, len })
}

impl<'a> Folder<'_, 'a> {
    /// Folds to the end; how many tokens remain.
    fn run(&mut self) -> Option<usize> {
        loop {
            if self.filled >= TOKENS_MAX && self.is_arithmetic() {
                self.collapse();
            }
            if !self.more || self.settled >= TOKENS_MAX {
                break;
            }
            self.fill(2);
            if self.scanner.is_broken() {
                return None;
            }
            if self.open() < 2 {
                self.settled = self.filled;
                continue;
            }
            match pair::fold(self.open_tokens()) {
                Step::Pass(back) => self.go_back(back),
                Step::Drop(count, back) => {
                    self.drop_last(count, back);
                    continue;
                }
                Step::Evil => return Some(self.settled + 2),
            }
            self.fill(3);
            if self.open() < 3 {
                self.settled = self.filled;
                continue;
            }
            match triple::fold(self.open_tokens()) {
                Step::Drop(count, back) => self.drop_last(count, back),
                Step::Pass(_) | Step::Evil => self.settled += 1,
            }
        }
        if self.filled < TOKENS_MAX
            && let Some(comment) = self.comment
        {
            self.push(comment);
        }
        Some(self.filled.min(TOKENS_MAX))
    }

    /// How many filled tokens are not done.
    fn open(&self) -> usize {
        self.filled - self.settled
    }

    /// Reads until `wanted` tokens are open, the window is full or the value ends.
    fn fill(&mut self, wanted: usize) {
        while self.more && self.filled < WINDOW && self.open() < wanted {
            match self.scanner.next() {
                None => self.more = false,
                Some(token) if token.is(Class::Comment) => self.comment = Some(token),
                Some(token) => {
                    self.comment = None;
                    self.push(token);
                }
            }
        }
    }

    fn push(&mut self, token: Token<'a>) {
        self.tokens[self.filled] = token;
        self.filled += 1;
    }

    /// The first `N` tokens that are not done; at least as many are open.
    fn open_tokens<const N: usize>(&mut self) -> &mut [Token<'a>; N] {
        self.tokens[self.settled..].first_chunk_mut().expect("as many tokens are open")
    }

    fn go_back(&mut self, back: Back) {
        match back {
            Back::Stay => {}
            Back::ByOne => self.settled = self.settled.saturating_sub(1),
            Back::ToStart => self.settled = 0,
        }
    }

    fn drop_last(&mut self, count: usize, back: Back) {
        self.filled -= count;
        self.go_back(back);
    }

    /// Whether the first five tokens are operands in parentheses: `1+(2)`, `(1),(2)` and the like.
    fn is_arithmetic(&self) -> bool {
        use Class::{Bareword, Comma, LeftParen, Number, Operator, RightParen};
        let [a, b, c, d, e, _] = self.tokens.map(|token| token.class);
        matches!(
            (a, b, c, d, e),
            (Number, Operator | Comma, LeftParen, Number, RightParen)
                | (Bareword, Operator, LeftParen, Bareword | Number, RightParen)
                | (Number, RightParen, Comma, LeftParen, Number)
                | (Bareword, RightParen, Operator, LeftParen, Bareword)
        )
    }

    /// Leaves of the first five tokens only the first.
    fn collapse(&mut self) {
        if self.filled > TOKENS_MAX {
            self.tokens[1] = self.tokens[TOKENS_MAX];
            self.filled = 2;
        } else {
            self.filled = 1;
        }
        self.settled = 0;
    }
}
