//! Rules for three neighbouring tokens.

use super::super::class::Class::{
    Bareword, Comma, Dot, Expression, Function, Group, Keyword, LeftParen, Logic, Number, Operator,
    RightParen, SqlType, String, Variable,
};
use super::super::token::Token;
use super::{Back, Step};

/// Applies the first rule that fits.
pub(super) fn fold(tokens: &mut [Token<'_>; 3]) -> Step {
    let [a, b, c] = tokens;
    let drop_two = match (a.class, b.class, c.class) {
        // One side of a binary operator is enough.
        (Logic, _, Logic) => true,
        (Operator, _, Operator) => b.class != LeftParen,
        (Bareword | Number, Operator, Number | Bareword) => true,
        (Variable, Operator, Variable | Number | Bareword) => true,
        (Bareword | Number | Variable | String, Operator, SqlType) => b.text == b"::",
        // One item of a list is enough.
        (Bareword | Number | String | Variable, Comma, Number | Bareword | String | Variable) => true,
        // database.table
        (Bareword, Dot, Bareword) => true,
        _ => false,
    };
    if drop_two {
        return Step::Drop(2, Back::ToStart);
    }
    match (a.class, b.class, c.class) {
        // A sign before an operand goes; all of `, -1` goes, since it is an item of a list.
        (Comma, Operator, Number | Bareword | Variable | String) if b.is_unary() => {
            Step::Drop(3, Back::ToStart)
        }
        (Expression | Group | Comma, Operator, LeftParen)
        | (Keyword | Expression | Group, Operator, Number | Bareword | Variable | String)
        | (Keyword | Expression | Group | Comma, Operator, Function)
            if b.is_unary() =>
        {
            *b = *c;
            Step::Drop(1, Back::ToStart)
        }
        // SELECT .name
        (Expression, Dot, Bareword) => {
            *b = *c;
            Step::Drop(1, Back::ToStart)
        }
        // USER() is a function, USER(x) is none.
        (Function, LeftParen, _) if c.class != RightParen && a.says("USER") => {
            a.class = Bareword;
            Step::Pass(Back::Stay)
        }
        _ => Step::Pass(Back::Stay),
    }
}
