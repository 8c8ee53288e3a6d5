//! What to do about a diagnostic.

use crate::finding::Severity;

/// The beginning of a cause and what to do about it. The first that fits is taken.
const HINTS: [(&str, &str); 47] = [
    ("missing key 'conditions'", "a rule needs at least one condition"),
    ("missing key 'id'", "give the item an id of its own"),
    ("missing key 'tags'", "give the rule `tags` with at least a `type`"),
    ("missing key 'type'", "name the `type`: in `tags` for a rule, in `parameters` for a comparison"),
    ("missing key 'inputs'", "say in `inputs` which addresses to look at"),
    ("missing key 'regex'", "give the regular expression in `parameters.regex`"),
    ("missing key 'list'", "give `list`, or name rule data with `data`"),
    ("missing key", "add the key, or check its spelling: names are in lower case with underscores"),
    ("invalid type", "write the value in the expected type; text stands in quotes"),
    ("bad cast", "write the value in the expected type; text stands in quotes"),
    ("malformed object", "every item of the list must be of one simple type"),
    ("invalid configuration type", "the file must hold a map with sections such as `rules`"),
    ("unsupported schema version", "set `version` to \"2.2\""),
    (
        "configuration document cannot be read",
        "mend the JSON at that place, or name the file .yaml if it is YAML",
    ),
    ("invalid version syntax", "write versions with three numbers, such as 1.25.0"),
    ("invalid major version", "write versions with three numbers of at most three digits"),
    ("invalid minor version", "write versions with three numbers of at most three digits"),
    ("invalid patch version", "write versions with three numbers of at most three digits"),
    ("duplicate", "the id is taken, here or in a file loaded before; choose another"),
    ("rule has no valid conditions", "add a condition that can match"),
    ("rule generates no events or attributes", "set `output.event` to true, or give `output.attributes`"),
    ("unknown operator", "check the spelling; a leading `!` exists for some operators only"),
    ("unknown transformer", "check the spelling: lower case with underscores, such as url_decode"),
    ("unknown generator", "check the spelling, such as extract_schema or http_endpoint_fingerprint"),
    ("unknown type", "rule data is `ip_with_expiration` or `data_with_expiration`"),
    ("empty non-optional argument", "give at least one input"),
    ("multiple targets for non-variadic argument", "this operator takes one input; make one rule for each"),
    ("empty address", "name the address, such as server.request.query"),
    ("empty key_path", "leave `key_path` out, or give it an item"),
    ("number of transformers beyond allowed limit", "use at most ten transformers"),
    (
        "invalid regular expression",
        "the dialect is RE2: no look-around, no back-references, (?P<name>…), counts up to 1000; very large \
         patterns are refused too",
    ),
    ("min_length is a negative number", "give 0 or more"),
    ("phrase_match list item", "give phrases as text, none of them empty"),
    ("invalid checksum", "the checksum is `luhn`"),
    ("rule override targets rules and tags", "make one override by ids and another by tags"),
    ("rule override with no targets", "name rules in `rules_target`, by `rule_id` or `tags`"),
    ("rule override without side-effects", "set `enabled`, `on_match` or `tags`"),
    ("processor override with target by tags", "name the processor by its id"),
    ("processor override without targets", "name processors in `target`"),
    ("empty exclusion filter", "give conditions, or say which rules or inputs it is about"),
    ("empty on_match value", "use bypass, monitor or the id of an action"),
    ("processor not used for evaluation or output", "set `evaluate` or `output` to true"),
    ("empty mappings", "say in `mappings` what goes in and what comes out"),
    ("empty processor input mapping", "name an address for each input"),
    ("scanner has no key or value matcher", "give `key`, `value` or both"),
    ("dynamic data on scanner condition", "write the list into the scanner"),
    ("the file is no configuration", "a map with `version: \"2.2\"` and at least one section is needed"),
];

/// The advice for a cause; empty when the cause says it all.
pub(crate) fn of(cause: &str, severity: Severity) -> &'static str {
    if severity == Severity::Note {
        return "change `min_version` or `max_version` if it should be loaded";
    }
    HINTS.iter().find(|(start, _)| cause.starts_with(start)).map_or("", |(_, hint)| hint)
}

#[cfg(test)]
mod tests {
    use super::{HINTS, of};
    use crate::finding::Severity;

    #[test]
    fn every_hint_can_be_reached() {
        for (start, hint) in HINTS {
            assert_eq!(of(start, Severity::Error), hint, "{start}");
        }
        assert_eq!(of("something new", Severity::Error), "");
    }
}
