//! What may follow `ORDER BY`.

use crate::token::sql::{Kind, Token};

/// What has been read last.
#[derive(Clone, Copy)]
enum State {
    /// Nothing, or a comma: a column must follow.
    Start,
    /// A name, of a table or a column.
    Name,
    /// The dot behind a name.
    Dot,
    /// A column by its number, or by its name behind a table's.
    Column,
    /// `ASC` or `DESC`.
    Direction,
    /// `LIMIT` or `OFFSET`.
    Bound,
    /// The number behind that.
    BoundValue,
}

/// Whether the tokens are columns with directions, separated by commas, and bounds behind them:
/// `a, t.b DESC, 3 LIMIT 5 OFFSET 10`.
pub(super) fn is_list(text: &[u8], tokens: &[Token]) -> bool {
    let last = tokens.iter().try_fold(State::Start, |state, token| {
        let word = token.text(text);
        let is = |known: &[u8]| token.kind == Kind::Keyword && word.eq_ignore_ascii_case(known);
        let is_direction = is(b"asc") || is(b"desc");
        let is_bound = is(b"limit") || is(b"offset");
        match (state, token.kind) {
            (State::Start, Kind::Number) | (State::Dot, Kind::Identifier) => Some(State::Column),
            (State::Start, Kind::Identifier) => Some(State::Name),
            (State::Name, Kind::Dot) => Some(State::Dot),
            (State::Name | State::Column | State::Direction, Kind::Comma) => Some(State::Start),
            (State::Name | State::Column, _) if is_direction => Some(State::Direction),
            (State::Name | State::Column | State::Direction | State::BoundValue, _) if is_bound => {
                Some(State::Bound)
            }
            (State::Bound, Kind::Number) => Some(State::BoundValue),
            _ => None,
        }
    });
    matches!(last, Some(State::Name | State::Column | State::Direction | State::BoundValue))
}
