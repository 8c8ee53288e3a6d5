//! Rules for two neighbouring tokens.

use super::super::class::Class::{
    Backslash, Bareword, Collate, Evil, Expression, Function, Keyword, LeftBrace, LeftParen, Logic, Number,
    Operator, RightBrace, RightParen, Semicolon, SqlType, Statement, String, Union, Variable,
};
use super::super::keyword;
use super::super::token::Token;
use super::{Folder, Step};

impl Folder<'_, '_> {
    /// Applies the first rule that fits the two tokens behind the settled ones.
    pub(super) fn fold_pair(&mut self) -> Step {
        let (left, right) = (self.settled, self.settled + 1);
        let [a, b] = [self.tokens[left], self.tokens[right]];
        match (a.class, b.class) {
            (String, String) | (Semicolon, Semicolon) => return self.drop_last(1),
            (Operator | Logic, _) if b.is(SqlType) || b.is_unary() => return self.drop_last_and_restart(1),
            (LeftParen, _) if b.is_unary() => return self.drop_last_and_step_back(1),
            _ => {}
        }
        if let Some(phrase) = phrase(&a, &b) {
            self.tokens[left] = phrase;
            return self.drop_last_and_step_back(1);
        }
        match (a.class, b.class) {
            // Transact-SQL: an IF that starts a statement.
            (Semicolon, Function) if b.text.len() >= 2 && b.text[..2].eq_ignore_ascii_case(b"IF") => {
                self.tokens[right].class = Statement;
                Step::Again
            }
            (Bareword | Variable, LeftParen) if CALLABLE.iter().any(|name| a.says(name)) => {
                self.tokens[left].class = Function;
                Step::Again
            }
            (Keyword, _) if a.says("IN") || a.says("NOT IN") => {
                self.tokens[left].class = if b.is(LeftParen) { Operator } else { Bareword };
                Step::Again
            }
            (Operator, _) if a.says("LIKE") || a.says("NOT LIKE") => {
                if b.is(LeftParen) {
                    self.tokens[left].class = Function;
                }
                Step::Settle
            }
            // A type says nothing about the operand behind it.
            (SqlType, Bareword | Number | SqlType | LeftParen | Function | Variable | String) => {
                self.tokens[left] = b;
                self.drop_last_and_restart(1)
            }
            // There are too many collations to list; all have an underscore in their names.
            (Collate, Bareword) => {
                if b.text.split(|&byte| byte == 0).next().is_some_and(|name| name.contains(&b'_')) {
                    self.tokens[right].class = SqlType;
                    self.settled = 0;
                }
                Step::Settle
            }
            // Transact-SQL reads \%1 as 0%1, and \1 as 1.
            (Backslash, _) if b.is_arithmetic() => {
                self.tokens[left].class = Number;
                self.settled = 0;
                Step::Again
            }
            (Backslash, _) => {
                self.tokens[left] = b;
                self.drop_last_and_restart(1)
            }
            (LeftParen, LeftParen) | (RightParen, RightParen) => self.drop_last_and_restart(1),
            // MySQL allows {``.``.name} and other oddities, nobody in earnest writes them.
            (LeftBrace, Bareword) if b.text.is_empty() => {
                self.tokens[right].class = Evil;
                Step::Evil
            }
            // ODBC's {name expression} is the expression.
            (LeftBrace, Bareword) => self.drop_last_and_restart(2),
            (_, RightBrace) => self.drop_last_and_restart(1),
            _ => Step::Settle,
        }
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

/// The one token that two words are together, if they are a known phrase.
fn phrase<'a>(a: &Token<'a>, b: &Token<'a>) -> Option<Token<'a>> {
    let joins = |token: &Token<'_>| {
        matches!(
            token.class,
            Keyword | Bareword | Operator | Union | Function | Expression | Statement | SqlType
        )
    };
    if !joins(a) || !(joins(b) || b.is(Logic)) {
        return None;
    }
    let (text, class) = keyword::phrase(a.text, b.text)?;
    Some(Token { class, text, ..*a })
}
