//! Arguments of the fields that a GraphQL document asks for.
//!
//! No grammar: a pass over the tokens that finds names with parentheses, and reads what is in them. A
//! document that no server would take gives what can be made out.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use bartizan_object::{AllocError, AllocRef, Kind, Object, Owned, Slot, View, json};

/// Levels of lists and input objects inside an argument.
const DEPTH: usize = 16;

/// Names of fields, and of variables.
const NAMES: usize = 512;

/// Values in all arguments of all documents of a request.
const ITEMS: usize = 4096;

#[derive(Clone, Copy, PartialEq, Debug)]
enum Token<'a> {
    Name(&'a [u8]),
    Variable(&'a [u8]),
    String(&'a [u8]),
    Block(&'a [u8]),
    Number(&'a [u8]),
    Punctuation(u8),
}

struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
    peeked: Option<Option<Token<'a>>>,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, peeked: None }
    }

    fn peek(&mut self) -> Option<Token<'a>> {
        if self.peeked.is_none() {
            self.peeked = Some(self.read());
        }
        self.peeked.flatten()
    }

    fn next(&mut self) -> Option<Token<'a>> {
        match self.peeked.take() {
            Some(token) => token,
            None => self.read(),
        }
    }

    fn while_(&mut self, part: impl Fn(u8) -> bool) -> &'a [u8] {
        let start = self.at;
        self.at += self.text[start..].iter().take_while(|byte| part(**byte)).count();
        &self.text[start..self.at]
    }

    fn read(&mut self) -> Option<Token<'a>> {
        let name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        loop {
            let byte = *self.text.get(self.at)?;
            match byte {
                b'#' => {
                    self.while_(|byte| byte != b'\n' && byte != b'\r');
                }
                b'"' => return Some(self.string()),
                b'$' => {
                    self.at += 1;
                    return Some(Token::Variable(self.while_(name)));
                }
                b'-' | b'0'..=b'9' => {
                    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                    return Some(Token::Number(self.while_(part)));
                }
                _ if name(byte) => return Some(Token::Name(self.while_(name))),
                b'(' | b')' | b'{' | b'}' | b'[' | b']' | b':' | b'=' | b'@' => {
                    self.at += 1;
                    return Some(Token::Punctuation(byte));
                }
                // White space, commas and whatever says nothing here.
                _ => self.at += 1,
            }
        }
    }

    fn string(&mut self) -> Token<'a> {
        let rest = &self.text[self.at..];
        if let Some(inner) = rest.strip_prefix(b"\"\"\"") {
            let mut end = 0;
            while let Some(found) = memchr::memmem::find(&inner[end..], b"\"\"\"") {
                end += found;
                if end == 0 || inner[end - 1] != b'\\' {
                    self.at += end + 6;
                    return Token::Block(&inner[..end]);
                }
                end += 3;
            }
            self.at = self.text.len();
            return Token::Block(inner);
        }
        let inner = &rest[1..];
        let mut end = 0;
        while let Some(found) = memchr::memchr2(b'"', b'\\', &inner[end..]) {
            end += found;
            if inner[end] == b'"' {
                self.at += end + 2;
                return Token::String(&rest[..end + 2]);
            }
            end = (end + 2).min(inner.len());
        }
        self.at = self.text.len();
        Token::String(rest)
    }
}

/// Arguments by name of the field, in order of first appearance.
#[derive(Default)]
pub(crate) struct Resolvers<'a> {
    fields: Vec<(&'a [u8], Vec<Owned>)>,
    items: usize,
    cut: bool,
}

struct Reader<'a, 'v> {
    tokens: Tokens<'a>,
    variables: Option<&'v Object>,
    defaults: Vec<(&'a [u8], Owned)>,
    /// Variables with large values that stand somewhere already.
    inlined: Vec<&'a [u8]>,
}

impl<'a> Resolvers<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether all arguments were read.
    pub(crate) fn is_whole(&self) -> bool {
        !self.cut
    }

    /// Adds what a document asks for; variables come from the request.
    pub(crate) fn read(&mut self, document: &'a [u8], variables: Option<&Object>) -> Result<(), AllocError> {
        let mut reader =
            Reader { tokens: Tokens::new(document), variables, defaults: Vec::new(), inlined: Vec::new() };
        let mut depth = 0_usize;
        let mut name = None;
        while let Some(token) = reader.tokens.next() {
            match token {
                Token::Name(found) => {
                    name = Some(found);
                    continue;
                }
                Token::Punctuation(b'{') => depth += 1,
                Token::Punctuation(b'}') => depth = depth.saturating_sub(1),
                Token::Punctuation(b'(') if depth == 0 => reader.definitions(self)?,
                Token::Punctuation(b'(') => {
                    let mut arguments = Owned::new(AllocRef::global());
                    reader.map(arguments.slot(), b')', 0, self)?;
                    self.push(name.unwrap_or_default(), arguments);
                }
                _ => {}
            }
            name = None;
        }
        Ok(())
    }

    fn push(&mut self, name: &'a [u8], arguments: Owned) {
        match self.fields.iter().position(|(known, _)| *known == name) {
            Some(at) => self.fields[at].1.push(arguments),
            None if self.fields.len() < NAMES => self.fields.push((name, alloc::vec![arguments])),
            None => self.cut = true,
        }
    }

    fn takes(&mut self) -> bool {
        self.items += 1;
        self.cut |= self.items > ITEMS;
        self.items <= ITEMS
    }

    pub(crate) fn write(&self, slot: Slot<'_>) -> Result<(), AllocError> {
        let mut map = slot.map(self.fields.len())?;
        for (name, all) in &self.fields {
            let mut array = map.insert(name)?.array(all.len())?;
            for arguments in all {
                array.push()?.copy_of(arguments)?;
            }
        }
        Ok(())
    }
}

impl<'a> Reader<'a, '_> {
    /// `($name: Type = default …)`.
    fn definitions(&mut self, resolvers: &mut Resolvers<'a>) -> Result<(), AllocError> {
        let mut variable = None;
        while let Some(token) = self.tokens.next() {
            match token {
                Token::Variable(name) => variable = Some(name),
                Token::Punctuation(b'=') => {
                    let mut value = Owned::new(AllocRef::global());
                    self.value(value.slot(), 0, resolvers)?;
                    if let Some(name) = variable.take().filter(|_| self.defaults.len() < NAMES) {
                        self.defaults.push((name, value));
                    }
                }
                Token::Punctuation(b')') => break,
                _ => {}
            }
        }
        Ok(())
    }

    /// Pairs of a name and a value, up to the closing bracket.
    fn map(
        &mut self,
        slot: Slot<'_>,
        close: u8,
        depth: usize,
        resolvers: &mut Resolvers<'a>,
    ) -> Result<(), AllocError> {
        let mut map = slot.map(0)?;
        while let Some(token) = self.tokens.next() {
            match token {
                Token::Name(name) if self.tokens.peek() == Some(Token::Punctuation(b':')) => {
                    self.tokens.next();
                    self.value(map.insert(name)?, depth, resolvers)?;
                }
                Token::Punctuation(found) if found == close => break,
                _ => {}
            }
        }
        Ok(())
    }

    fn value(
        &mut self,
        slot: Slot<'_>,
        depth: usize,
        resolvers: &mut Resolvers<'a>,
    ) -> Result<(), AllocError> {
        if !resolvers.takes() {
            slot.null();
            self.skip();
            return Ok(());
        }
        match self.tokens.peek() {
            Some(Token::Punctuation(b'{' | b'[')) if depth >= DEPTH => {
                resolvers.cut = true;
                slot.null();
                self.skip();
                return Ok(());
            }
            Some(Token::Punctuation(b'{')) => {
                self.tokens.next();
                return self.map(slot, b'}', depth + 1, resolvers);
            }
            Some(Token::Punctuation(b'[')) => {
                self.tokens.next();
                let mut array = slot.array(0)?;
                loop {
                    match self.tokens.peek() {
                        None => return Ok(()),
                        Some(Token::Punctuation(b']')) => {
                            self.tokens.next();
                            return Ok(());
                        }
                        Some(Token::Punctuation(b'{' | b'[')) => {}
                        // Brackets that close something else: the list has no end of its own.
                        Some(Token::Punctuation(b'}' | b')')) => return Ok(()),
                        Some(Token::Punctuation(_)) => {
                            self.tokens.next();
                            continue;
                        }
                        Some(_) => {}
                    }
                    self.value(array.push()?, depth + 1, resolvers)?;
                }
            }
            // What closes is not part of the value that is missing before it.
            None | Some(Token::Punctuation(_)) => {
                slot.null();
                return Ok(());
            }
            Some(_) => {}
        }
        match self.tokens.next() {
            Some(Token::Name(b"true")) => slot.bool(true),
            Some(Token::Name(b"false")) => slot.bool(false),
            Some(Token::Name(b"null")) => slot.null(),
            Some(Token::Name(text) | Token::Block(text)) => slot.string(text)?,
            Some(Token::String(quoted)) => slot.string(&unescaped(quoted)?)?,
            Some(Token::Number(text)) => match json::parse(text, AllocRef::global()) {
                Some(number) if matches!(number.kind(), Kind::Signed | Kind::Unsigned | Kind::Float) => {
                    slot.copy_of(&number)?;
                }
                _ => slot.string(text)?,
            },
            Some(Token::Variable(name)) => {
                let given = self.variables.and_then(|variables| variables.get(name));
                let value = given.or_else(|| {
                    self.defaults.iter().find(|(known, _)| *known == name).map(|(_, owned)| &**owned)
                });
                // One large variable in thousands of places must not become gigabytes.
                match value.filter(|value| is_short(value) || !self.inlined.contains(&name)) {
                    Some(value) => {
                        if !is_short(value) {
                            if self.inlined.len() == NAMES {
                                resolvers.cut = true;
                                slot.null();
                                return Ok(());
                            }
                            self.inlined.push(name);
                        }
                        slot.copy_of(value)?;
                    }
                    None => slot.null(),
                }
            }
            _ => slot.null(),
        }
        Ok(())
    }

    /// Goes past one value.
    fn skip(&mut self) {
        let mut open = 0_usize;
        loop {
            match self.tokens.peek() {
                None => return,
                Some(Token::Punctuation(b'{' | b'[')) => open += 1,
                Some(Token::Punctuation(b'}' | b']' | b')')) if open == 0 => return,
                Some(Token::Punctuation(b'}' | b']')) => open -= 1,
                _ => {}
            }
            self.tokens.next();
            if open == 0 {
                return;
            }
        }
    }
}

fn is_short(value: &Object) -> bool {
    match value.view() {
        View::String(bytes) => bytes.len() <= 1024,
        View::Array(_) | View::Map(_) => false,
        _ => true,
    }
}

/// Strings have the escapes of JSON.
fn unescaped(quoted: &[u8]) -> Result<Cow<'_, [u8]>, AllocError> {
    let inner = quoted.get(1..).unwrap_or_default();
    if !inner.contains(&b'\\') {
        return Ok(Cow::Borrowed(inner.strip_suffix(b"\"").unwrap_or(inner)));
    }
    let mut owned = Owned::new(AllocRef::global());
    let limits = crate::json_body::Limits { depth: 0, items: 1 };
    crate::json_body::read(quoted, limits, owned.slot())?;
    Ok(match owned.view() {
        View::String(bytes) => Cow::Owned(bytes.to_vec()),
        _ => Cow::Borrowed(inner),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn shown(document: &str, variables: &str) -> String {
        let variables = json::parse(variables.as_bytes(), AllocRef::global());
        let mut resolvers = Resolvers::default();
        resolvers.read(document.as_bytes(), variables.as_deref()).unwrap();
        let mut owned = Owned::new(AllocRef::global());
        resolvers.write(owned.slot()).unwrap();
        alloc::format!("{owned:?}")
    }

    #[test]
    fn arguments_of_fields() {
        let document = r#"
            query Shop($id: ID!, $n: Int = 3, $q: [String!] = ["a"]) @cached(for: 5) {
              one: product(id: $id, first: $n) { name reviews(by: {name: "x\"y", tags: [NEW, "b"]}, deep: true) { text } }
              product(id: "13") # a comment (no: "argument")
              search(q: $q, raw: """a "b" c""", f: -1.5e2, z: null, u: $unknown)
            }
            fragment F on P { cost(in: EUR) }"#;
        let want = concat!(
            r#"{"product":[{"id":"12","first":3},{"id":"13"}],"#,
            r#""reviews":[{"by":{"name":"x\"y","tags":["NEW","b"]},"deep":true}],"#,
            r#""search":[{"q":["a"],"raw":"a \"b\" c","f":-150.0,"z":null,"u":null}],"#,
            r#""cost":[{"in":"EUR"}]}"#
        );
        // A directive in front of the selection has no field.
        assert_eq!(shown(document, r#"{"id":"12"}"#), want);
        assert_eq!(shown("{ a b { c } }", "{}"), "{}");
    }

    #[test]
    fn hostile_documents_end() {
        for document in [
            "{a(",
            "{a(b:",
            "{a(b:[",
            "{a(b:{c:",
            "{a(b:\"",
            "{a(b:\"\"\"",
            "(((((",
            "{a(b:]c:1)}",
            "{a(b:[)}",
        ] {
            shown(document, "{}");
        }
        let deep = alloc::format!("{{a(b:{}", "[".repeat(50_000));
        shown(&deep, "{}");
        let many = alloc::format!("{{a(b:[{}])}}", "1 ".repeat(50_000));
        let mut resolvers = Resolvers::default();
        resolvers.read(many.as_bytes(), None).unwrap();
        assert!(!resolvers.is_whole());
    }
}
