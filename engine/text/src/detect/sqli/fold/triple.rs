//! Rules for three neighbouring tokens.

use super::super::class::Class::{
    Bareword, Comma, Dot, Expression, Function, Group, Keyword, LeftParen, Logic, Number, Operator,
    RightParen, SqlType, String, Variable,
};
use super::{Folder, Step};

impl Folder<'_, '_> {
    /// Applies the first rule that fits the three tokens behind the settled ones.
    pub(super) fn fold_triple(&mut self) -> Step {
        let (left, middle) = (self.settled, self.settled + 1);
        let [a, b, c] = [self.tokens[left], self.tokens[middle], self.tokens[middle + 1]];
        match (a.class, b.class, c.class) {
            // One side of a binary operator is enough.
            (Number, Operator, Number) => self.drop_last_and_restart(2),
            (Operator, _, Operator) if !b.is(LeftParen) => self.drop_last_and_restart(2),
            (Logic, _, Logic) => self.drop_last_and_restart(2),
            (Variable, Operator, Variable | Number | Bareword) => self.drop_last_and_restart(2),
            (Bareword | Number, Operator, Number | Bareword) => self.drop_last_and_restart(2),
            (Bareword | Number | Variable | String, Operator, SqlType) if b.says("::") => {
                self.drop_last_and_restart(2)
            }
            // One item of a list is enough.
            (Bareword | Number | String | Variable, Comma, Number | Bareword | String | Variable) => {
                self.drop_last_and_restart(2)
            }
            // A sign before an operand goes.
            (Expression | Group | Comma, _, LeftParen) if b.is_unary() => self.drop_middle(),
            (Keyword | Expression | Group, _, Number | Bareword | Variable | String | Function)
                if b.is_unary() =>
            {
                self.drop_middle()
            }
            // So does all of `, -1`: it is an item of a list.
            (Comma, _, Number | Bareword | Variable | String) if b.is_unary() => {
                self.drop_last_and_restart(3)
            }
            (Comma, _, Function) if b.is_unary() => self.drop_middle(),
            // database.table
            (Bareword, Dot, Bareword) => self.drop_last_and_restart(2),
            // SELECT .name
            (Expression, Dot, Bareword) => self.drop_middle(),
            // USER() is a function, USER(x) is none.
            (Function, LeftParen, _) if !c.is(RightParen) => {
                if a.says("USER") {
                    self.tokens[left].class = Bareword;
                }
                Step::Settle
            }
            _ => Step::Settle,
        }
    }

    /// Puts the third token in place of the second; then starts over from the first token.
    fn drop_middle(&mut self) -> Step {
        self.tokens[self.settled + 1] = self.tokens[self.settled + 2];
        self.drop_last_and_restart(1)
    }
}
