//! Any text through the tokenizers: tokens lie in the text, one behind the other.

use bartizan_text::token::{shell, sql};
use sql::Dialect::{Generic, MySql, PostgreSql, Sqlite};

pub(crate) fn run(data: &[u8]) {
    for dialect in [Generic, MySql, PostgreSql, Sqlite] {
        let mut end = 0;
        for token in sql::Tokens::new(data, dialect) {
            match token {
                Ok(token) => {
                    assert!(
                        token.start as usize >= end && token.len > 0,
                        "{dialect:?}: {token:?} after {end}"
                    );
                    assert_eq!(token.text(data).len(), token.len as usize);
                    end = token.end();
                }
                Err(foreign) => {
                    assert!((end..data.len()).contains(&foreign.offset), "{dialect:?}: {foreign:?}");
                    end = data.len();
                }
            }
        }
    }
    let mut end = 0;
    for token in shell::Tokens::new(data) {
        assert!(token.start >= end && token.end >= token.start, "{token:?} after {end}");
        assert!(token.end as usize <= data.len());
        end = token.end;
    }
}
