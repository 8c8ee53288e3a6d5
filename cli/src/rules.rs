//! Rules from files, in whichever form an author keeps them.

use crate::IoError;
use bartizan_packs::Value;
use std::path::{Path, PathBuf};

/// A configuration as the engine reads it, and the text it came from.
pub(crate) struct Rules {
    pub(crate) name: String,
    /// JSON, or why there is none.
    pub(crate) json: Result<Vec<u8>, String>,
    /// What the author wrote, to find places in; empty for a pack, whose files are several.
    text: String,
}

impl Rules {
    /// Reads a file or the directory of a pack. What ends in `.yaml` or `.yml` is YAML.
    ///
    /// # Errors
    /// The file cannot be read. A file that is read but wrong is in `json`.
    pub(crate) fn read(path: &Path) -> Result<Self, IoError> {
        let name = path.display().to_string();
        if path.is_dir() {
            let json = bartizan_packs::build(path).map_err(|error| error.to_string());
            return Ok(Self { name, json, text: String::new() });
        }
        let bytes = std::fs::read(path).map_err(|error| IoError::new(&name, &error))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let yaml =
            path.extension().is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"));
        let json = if yaml { Value::from_yaml(&text).map(|value| value.to_json()) } else { Ok(bytes) };
        Ok(Self { name, json, text })
    }

    /// Reads all of them.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<Self>, IoError> {
        paths.iter().map(|path| Self::read(path)).collect()
    }

    /// The line on which an item with this id is written, as far as the text tells.
    pub(crate) fn line_of(&self, id: &str) -> Option<usize> {
        if id.is_empty() {
            return None;
        }
        let names = |line: &str| {
            let rest = line.split_once("id").map_or("", |(_, rest)| rest);
            let rest = rest.trim_start_matches(['"', '\'', ' ', '\t']).strip_prefix(':')?;
            let rest = rest.trim_start().trim_start_matches(['"', '\'']).strip_prefix(id)?;
            rest.chars().next().is_none_or(|c| "\"',} \t".contains(c)).then_some(())
        };
        self.text.lines().position(|line| names(line).is_some()).map(|at| at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Rules;

    #[test]
    fn an_id_is_found_where_it_is_defined() {
        let text = "{\n \"ids\": \"r1\",\n \"id\": \"r12\",\n {\"id\": \"r1\", \"name\": 5}\n- id: r2\n  id: 'r3' # x";
        let rules = Rules { name: String::new(), json: Ok(Vec::new()), text: text.into() };
        for (id, line) in
            [("r1", Some(4)), ("r12", Some(3)), ("r2", Some(5)), ("r3", Some(6)), ("r", None), ("", None)]
        {
            assert_eq!(rules.line_of(id), line, "{id}");
        }
    }
}
