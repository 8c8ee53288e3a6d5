//! Rules for two neighbouring tokens.

use super::super::class::Class::{
    Backslash, Bareword, Collate, Evil, Expression, Function, Keyword, LeftBrace, LeftParen, Logic, Number,
    Operator, RightBrace, RightParen, Semicolon, SqlType, Statement, String, Union, Variable,
};
use super::super::keyword;
use super::super::token::Token;
use super::{Back, Step};

/// Applies the first rule that fits.
pub(super) fn fold<'a>(tokens: &mut [Token<'a>; 2]) -> Step {
    let [a, b] = tokens;
    match (a.class, b.class) {
        (String, String) | (Semicolon, Semicolon) => return Step::Drop(1, Back::Stay),
        (Operator | Logic, SqlType) => return Step::Drop(1, Back::ToStart),
        (Operator | Logic, Operator) if b.is_unary() => return Step::Drop(1, Back::ToStart),
        (LeftParen, Operator) if b.is_unary() => return Step::Drop(1, Back::ByOne),
        _ => {}
    }
    if joins(a)
        && (joins(b) || b.is(Logic))
        && let Some((text, class)) = keyword::phrase(a.text, b.text)
    {
        (a.text, a.class) = (text, class);
        return Step::Drop(1, Back::ByOne);
    }
    match (a.class, b.class) {
        // Transact-SQL: an IF that starts a statement.
        (Semicolon, Function) if b.text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"IF")) => {
            b.class = Statement;
            Step::Drop(0, Back::Stay)
        }
        (Bareword | Variable, LeftParen) if CALLABLE.iter().any(|name| a.says(name)) => {
            a.class = Function;
            Step::Drop(0, Back::Stay)
        }
        (Keyword, _) if a.says("IN") || a.says("NOT IN") => {
            a.class = if b.is(LeftParen) { Operator } else { Bareword };
            Step::Drop(0, Back::Stay)
        }
        (Operator, _) if a.says("LIKE") || a.says("NOT LIKE") => {
            if b.is(LeftParen) {
                a.class = Function;
            }
            Step::Pass(Back::Stay)
        }
        // A type says nothing about the operand behind it.
        (SqlType, Bareword | Number | SqlType | LeftParen | Function | Variable | String) => {
            *a = *b;
            Step::Drop(1, Back::ToStart)
        }
        // There are too many collations to list; all have an underscore in their names.
        (Collate, Bareword)
            if b.text.split(|&byte| byte == 0).next().is_some_and(|name| name.contains(&b'_')) =>
        {
            b.class = SqlType;
            Step::Pass(Back::ToStart)
        }
        // Transact-SQL reads \%1 as 0%1, and \1 as 1.
        (Backslash, _) if b.is_arithmetic() => {
            a.class = Number;
            Step::Drop(0, Back::ToStart)
        }
        (Backslash, _) => {
            *a = *b;
            Step::Drop(1, Back::ToStart)
        }
        (LeftParen, LeftParen) | (RightParen, RightParen) => Step::Drop(1, Back::ToStart),
        // MySQL allows {``.``.name} and other oddities, nobody in earnest writes them.
        (LeftBrace, Bareword) if b.text.is_empty() => {
            b.class = Evil;
            Step::Evil
        }
        // ODBC's {name expression} is the expression.
        (LeftBrace, Bareword) => Step::Drop(2, Back::ToStart),
        (_, RightBrace) => Step::Drop(1, Back::ToStart),
        _ => Step::Pass(Back::Stay),
    }
}

/// Names that are functions before a parenthesis and elsewhere columns or variables.
const CALLABLE: [&str; 11] = [
    "USER_ID",
    "USER_NAME",
    "DATABASE",
    "PASSWORD",
    "USER",
    "CURRENT_USER",
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "LOCALTIME",
    "LOCALTIMESTAMP",
];

/// Whether the token can be part of a phrase; as the second part, AND and the like can as well.
fn joins(token: &Token<'_>) -> bool {
    matches!(token.class, Keyword | Bareword | Operator | Union | Function | Expression | Statement | SqlType)
}
