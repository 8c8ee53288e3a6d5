//! `-- ...`, `# ...`, `/* ... */`.

use super::{Class, Dialect, Scanner, Token, find_pair};

impl<'a> Scanner<'a> {
    /// A dash is a minus sign, two may start a comment.
    pub(super) fn dash(&mut self) -> Token<'a> {
        if self.peek(1) == Some(b'-') {
            match self.peek(2) {
                None | Some(0 | b'\t'..=b'\r' | b' ' | 0xa0) => return self.line_comment(),
                Some(_) if self.dialect == Dialect::Ansi => {
                    self.dialect_matters = true;
                    return self.line_comment();
                }
                Some(_) => {}
            }
        }
        self.before_word(Class::Operator, 1)
    }

    /// A hash is an operator or starts a comment.
    pub(super) fn hash(&mut self) -> Token<'a> {
        self.dialect_matters = true;
        match self.dialect {
            Dialect::Ansi => self.token(Class::Operator, 1),
            Dialect::MySql => self.line_comment(),
        }
    }

    fn line_comment(&mut self) -> Token<'a> {
        let rest = self.rest(0);
        match rest.iter().position(|&b| b == b'\n') {
            None => self.before_word(Class::Comment, rest.len()),
            Some(len) => {
                let token = self.before_word(Class::Comment, len);
                self.at += 1;
                token
            }
        }
    }

    /// A slash is an operator, before an asterisk it starts a comment.
    ///
    /// PostgreSQL nests comments, others do not, and MySQL executes what follows `/*!`: such
    /// comments are evil. One that does not end cannot nest.
    pub(super) fn slash(&mut self) -> Token<'a> {
        if self.peek(1) != Some(b'*') {
            return self.token(Class::Operator, 1);
        }
        let inner = self.rest(2);
        let end = find_pair(inner, *b"*/");
        let nests = end.is_some_and(|end| find_pair(&inner[..=end], *b"/*").is_some());
        let len = end.map_or(inner.len() + 2, |end| end + 4);
        if nests || inner.first() == Some(&b'!') {
            self.token(Class::Evil, len)
        } else {
            self.before_word(Class::Comment, len)
        }
    }
}
