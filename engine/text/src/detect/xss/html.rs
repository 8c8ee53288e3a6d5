//! Cuts a value into the parts of HTML that matter, the way a lenient browser would.

/// What stands before a value.
#[derive(Clone, Copy)]
pub(super) enum Context {
    /// Text.
    Text,
    /// The inside of a tag, behind its name.
    Tag,
    /// The inside of an attribute's value in these quotes.
    Value(u8),
}

/// A part of HTML that may matter. Text, closing tags and the ends of tags do not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Piece<'a> {
    /// `<!DOCTYPE`.
    Doctype,
    /// A tag's name, and the value from there on: without as many of its last bytes as the name
    /// and the byte behind it have.
    Tag { name: &'a [u8], onward: &'a [u8] },
    /// An attribute's name.
    Attribute(&'a [u8]),
    /// The value of the attribute named last.
    Value(&'a [u8]),
    /// The text of a comment, or of what counts as one.
    Comment(&'a [u8]),
}

/// Reads the pieces of one value.
pub(super) struct Html<'a> {
    input: &'a [u8],
    at: usize,
    state: State,
    /// Whether `</` was read and no `>` that ends a tag since.
    closing: bool,
}

#[derive(Clone, Copy)]
enum State {
    Text,
    /// Behind `<`.
    TagOpen,
    /// Behind `</`.
    EndTagOpen,
    TagName,
    BeforeAttribute,
    AttributeName,
    AfterAttributeName,
    BeforeValue,
    /// Before the first byte of a value that the quote will end.
    QuotedValue(u8),
    UnquotedValue,
    AfterQuotedValue,
    /// Behind a slash within a tag.
    AfterSlash,
    /// Before the `>` that ends a tag.
    TagEnd,
    /// Behind `<!`.
    Declaration,
    Comment,
    /// A comment up to `>`.
    BogusComment,
    /// A comment up to `%>`.
    PercentComment,
    Cdata,
    End,
}

impl<'a> Html<'a> {
    /// A reader at the start of `input`, which follows `context`.
    pub(super) fn new(input: &'a [u8], context: Context) -> Self {
        let state = match context {
            Context::Text => State::Text,
            Context::Tag => State::BeforeAttribute,
            Context::Value(quote) => State::QuotedValue(quote),
        };
        Self { input, at: 0, state, closing: false }
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            if matches!(self.state, State::End) {
                return None;
            }
            let piece = self.step();
            if piece.is_some() {
                return piece;
            }
        }
    }

    /// Goes to the next state; the piece read on the way, if any.
    fn step(&mut self) -> Option<Piece<'a>> {
        match self.state {
            State::Text => self.text(),
            State::TagOpen => self.tag_open(),
            State::EndTagOpen => self.end_tag_open(),
            State::TagName => return self.tag_name(),
            State::BeforeAttribute => self.before_attribute(),
            State::AttributeName => return Some(self.attribute_name()),
            State::AfterAttributeName => self.after_attribute_name(),
            State::BeforeValue => self.before_value(),
            State::QuotedValue(quote) => return Some(self.quoted_value(quote)),
            State::UnquotedValue => return Some(self.unquoted_value()),
            State::AfterQuotedValue => self.after_quoted_value(),
            State::AfterSlash => self.after_slash(),
            State::TagEnd => {
                self.closing = false;
                self.go(1, State::Text);
            }
            State::Declaration => return self.declaration(),
            State::Comment => return Some(self.comment()),
            State::BogusComment => return Some(self.comment_up_to(find(self.rest(), b'>'), 1)),
            State::PercentComment => return Some(self.comment_up_to(find_mark(self.rest(), b"%>"), 2)),
            State::Cdata => match find_mark(self.rest(), b"]]>") {
                Some(len) => self.go(len + 3, State::Text),
                None => self.state = State::End,
            },
            State::End => {}
        }
        None
    }

    fn rest(&self) -> &'a [u8] {
        &self.input[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    /// Takes `len` bytes and goes to `state`.
    fn go(&mut self, len: usize, state: State) {
        self.at += len;
        self.state = state;
    }

    fn text(&mut self) {
        match find(self.rest(), b'<') {
            Some(len) => self.go(len + 1, State::TagOpen),
            None => self.state = State::End,
        }
    }

    fn tag_open(&mut self) {
        match self.peek() {
            None => self.state = State::End,
            Some(b'!') => self.go(1, State::Declaration),
            Some(b'/') => {
                self.closing = true;
                self.go(1, State::EndTagOpen);
            }
            Some(b'?') => self.go(1, State::BogusComment),
            // Old browsers take <% as a comment.
            Some(b'%') => self.go(1, State::PercentComment),
            // They also ignore NUL in names.
            Some(b'a'..=b'z' | b'A'..=b'Z' | 0) => self.state = State::TagName,
            Some(_) => self.state = State::Text,
        }
    }

    fn end_tag_open(&mut self) {
        match self.peek() {
            None => self.state = State::End,
            Some(b'>') => self.state = State::Text,
            Some(b'a'..=b'z' | b'A'..=b'Z') => self.state = State::TagName,
            Some(_) => {
                self.closing = false;
                self.state = State::BogusComment;
            }
        }
    }

    fn tag_name(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest();
        let len = rest.iter().position(|&b| b != 0 && (is_blank(b) || b == b'/' || b == b'>'));
        let name = &rest[..len.unwrap_or(rest.len())];
        match len.map(|len| rest[len]) {
            None => self.state = State::End,
            Some(b'>') if self.closing => {
                self.closing = false;
                self.go(name.len() + 1, State::Text);
                return None;
            }
            Some(b'>') => self.go(name.len(), State::TagEnd),
            Some(b'/') => self.go(name.len() + 1, State::AfterSlash),
            Some(_) => self.go(name.len() + 1, State::BeforeAttribute),
        }
        Some(Piece::Tag { name, onward: &rest[..self.rest().len()] })
    }

    /// Skips blanks. The byte behind them; `None` at the end, and at a byte 0xff, which C code
    /// with signed characters cannot tell from the end.
    fn skip_blanks(&mut self) -> Option<u8> {
        let rest = self.rest();
        self.at += rest.iter().position(|&b| !is_blank(b)).unwrap_or(rest.len());
        self.peek().filter(|&b| b != 0xff)
    }

    fn before_attribute(&mut self) {
        match self.skip_blanks() {
            None => self.state = State::End,
            Some(b'/') => self.go(1, State::AfterSlash),
            Some(b'>') => self.go(1, State::Text),
            Some(_) => self.state = State::AttributeName,
        }
    }

    fn attribute_name(&mut self) -> Piece<'a> {
        let rest = self.rest();
        // The first byte belongs to the name, whatever it is.
        let end = rest.iter().skip(1).position(|&b| is_blank(b) || matches!(b, b'/' | b'=' | b'>'));
        let name = &rest[..end.map_or(rest.len(), |end| end + 1)];
        match rest.get(name.len()) {
            None => self.state = State::End,
            Some(b'/') => self.go(name.len() + 1, State::AfterSlash),
            Some(b'=') => self.go(name.len() + 1, State::BeforeValue),
            Some(b'>') => self.go(name.len(), State::TagEnd),
            Some(_) => self.go(name.len() + 1, State::AfterAttributeName),
        }
        Piece::Attribute(name)
    }

    fn after_attribute_name(&mut self) {
        match self.skip_blanks() {
            None => self.state = State::End,
            Some(b'/') => self.go(1, State::AfterSlash),
            Some(b'=') => self.go(1, State::BeforeValue),
            Some(b'>') => self.state = State::TagEnd,
            Some(_) => self.state = State::AttributeName,
        }
    }

    fn before_value(&mut self) {
        match self.skip_blanks() {
            None => self.state = State::End,
            Some(quote @ (b'"' | b'\'' | b'`')) => self.go(1, State::QuotedValue(quote)),
            Some(_) => self.state = State::UnquotedValue,
        }
    }

    fn quoted_value(&mut self, quote: u8) -> Piece<'a> {
        let rest = self.rest();
        match find(rest, quote) {
            None => {
                self.state = State::End;
                Piece::Value(rest)
            }
            Some(len) => {
                self.go(len + 1, State::AfterQuotedValue);
                Piece::Value(&rest[..len])
            }
        }
    }

    fn unquoted_value(&mut self) -> Piece<'a> {
        let rest = self.rest();
        let len = rest.iter().position(|&b| is_blank(b) || b == b'>').unwrap_or(rest.len());
        match rest.get(len) {
            None => self.state = State::End,
            Some(b'>') => self.go(len, State::TagEnd),
            Some(_) => self.go(len + 1, State::BeforeAttribute),
        }
        Piece::Value(&rest[..len])
    }

    fn after_quoted_value(&mut self) {
        match self.peek() {
            None => self.state = State::End,
            Some(b'/') => self.go(1, State::AfterSlash),
            Some(_) => self.state = State::BeforeAttribute,
        }
    }

    fn after_slash(&mut self) {
        match self.peek() {
            None => self.state = State::End,
            Some(b'>') => self.go(1, State::Text),
            Some(_) => self.state = State::BeforeAttribute,
        }
    }

    fn declaration(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest();
        if rest.len() >= 7 && rest[..7].eq_ignore_ascii_case(b"DOCTYPE") {
            self.state = State::End;
            return Some(Piece::Doctype);
        }
        if rest.starts_with(b"[CDATA[") {
            self.go(7, State::Cdata);
        } else if rest.starts_with(b"--") {
            self.go(2, State::Comment);
        } else {
            self.state = State::BogusComment;
        }
        None
    }

    /// A comment to `end`, where a mark of `mark_len` bytes stands; or to the end of the value.
    fn comment_up_to(&mut self, end: Option<usize>, mark_len: usize) -> Piece<'a> {
        let rest = self.rest();
        match end {
            None => {
                self.state = State::End;
                Piece::Comment(rest)
            }
            Some(len) => {
                self.go(len + mark_len, State::Text);
                Piece::Comment(&rest[..len])
            }
        }
    }

    /// A comment ends at `-->` and `-!>`; NULs may follow the dash.
    fn comment(&mut self) -> Piece<'a> {
        let rest = self.rest();
        let mut from = 0;
        while let Some(dash) = find(&rest[from..], b'-').map(|len| from + len) {
            if dash + 3 > rest.len() {
                break;
            }
            let nuls = rest[dash + 1..].iter().take_while(|&&b| b == 0).count();
            match rest[dash + 1 + nuls..] {
                [b'-' | b'!', b'>', ..] => {
                    self.go(dash + nuls + 3, State::Text);
                    return Piece::Comment(&rest[..dash]);
                }
                [] | [b'-' | b'!'] => break,
                _ => from = dash + 1,
            }
        }
        self.state = State::End;
        Piece::Comment(rest)
    }
}

/// White space, of which NUL is part.
const fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t'..=b'\r' | b' ')
}

/// Where `byte` first stands in `text`.
fn find(text: &[u8], byte: u8) -> Option<usize> {
    text.iter().position(|&b| b == byte)
}

/// Where `mark` first stands in `text`.
fn find_mark(text: &[u8], mark: &[u8]) -> Option<usize> {
    text.windows(mark.len()).position(|window| window == mark)
}

#[cfg(test)]
mod tests {
    use super::{Context, Html, Piece};
    use alloc::{format, string::String};

    /// The pieces of `input`: `<tag`, `attribute=`, `"value"`, `!comment!`, `DOCTYPE`.
    fn read(input: &[u8], context: Context) -> String {
        let mut html = Html::new(input, context);
        let mut read = String::new();
        while let Some(piece) = html.next() {
            read += &match piece {
                Piece::Doctype => String::from("DOCTYPE"),
                Piece::Tag { name, .. } => format!("<{}", name.escape_ascii()),
                Piece::Attribute(name) => format!(" {}=", name.escape_ascii()),
                Piece::Value(text) => format!("\"{}\"", text.escape_ascii()),
                Piece::Comment(text) => format!("!{}!", text.escape_ascii()),
            };
        }
        read
    }

    #[track_caller]
    fn check(context: Context, cases: &[(&str, &str)]) {
        for &(input, pieces) in cases {
            assert_eq!(read(input.as_bytes(), context), pieces, "{input:?}");
        }
    }

    #[test]
    fn tags() {
        check(
            Context::Text,
            &[
                ("a<b>c</b>d<e", "<b<e"),
                ("<b/><c /><d\n>", "<b<c<d"),
                ("<<b><1><c>", "<b<c"),
                ("<\0b\0>", r"<\x00b\x00"),
                // A closing tag with a blank counts as an opening one, and hides the next one.
                ("</b ><c><d>", "<b<d"),
                ("</b/><c><d>", "<b<d"),
                ("</><b><c>", "<c"),
                ("<!doctype x><b>", "DOCTYPE"),
                ("<", ""),
                ("</", ""),
                ("", ""),
            ],
        );
    }

    #[test]
    fn attributes() {
        check(
            Context::Text,
            &[
                ("<a b c=d e='f g' h=\"i\"j=`k`>l=m", r#"<a b= c="d" e="f g" h="i" j="k""#),
                ("<a b = c\0d\x0b=\te>", r#"<a b="c" d="e""#),
                ("<a/b/=c/d>", r#"<a b= =c= d="#),
                ("<a b=c/d e=>", r#"<a b="c/d" e="""#),
                ("<a =b==c>", r#"<a =b="=c""#),
                ("<a b='c", r#"<a b="c""#),
                ("<a b=", "<a b="),
            ],
        );
        check(Context::Tag, &[("a=b>c<d e", r#" a="b"<d e="#), ("/>a=b", ""), (" ", "")]);
        check(Context::Value(b'\''), &[("a'b=c", r#""a" b="c""#), ("a", r#""a""#), ("'", r#""""#)]);
        assert_eq!(read(b"<a b=\xff><c", Context::Text), "<a b=");
        assert_eq!(read(b"<a b=c\xff d\xff=e \xfff=g", Context::Text), r#"<a b="c\xff" d\xff="e""#);
    }

    #[test]
    fn comments() {
        check(
            Context::Text,
            &[
                ("<!--a--b--><c>", "!a--b!<c"),
                ("<!--a-!><c>", "!a!<c"),
                ("<!--a-\0\0-><c>", "!a!<c"),
                ("<!--a--\0><c>", r"!a--\x00><c>!"),
                ("<!--a--!><c>", "!a-!<c"),
                ("<!--a-><c>", "!a-><c>!"),
                ("<!--a---><c>", "!a-!<c"),
                ("<!-->", "!>!"),
                ("<!-a><b>", "!-a!<b"),
                ("<?a?><b>", "!a?!<b"),
                ("</ a><b>", "! a!<b"),
                ("</\0a><b>", r"!\x00a!<b"),
                ("<%a>%%><b>", "!a>%!<b"),
                ("<%a%", "!a%!"),
                ("<![CDATA[<a>]]]><b>", "<b"),
                ("<![CDATA[<a>]]<b>", ""),
                ("<![cdata[<a>]]<b>", "![cdata[<a!<b"),
            ],
        );
    }
}
