//! Any resource and parameter through every detector: no panic, and no finding without a trigger or an occurrence.

use bartizan_text::ByteSet;
use bartizan_text::detect::{Platform, cmdi, lfi, shi, sql_injection, sqli, ssrf, xss};
use bartizan_text::net::{HostSyntax, Uri, parse_ip, parse_network};
use bartizan_text::token::sql::Dialect;

pub(crate) fn run(data: &[u8]) {
    let (choice, data) = crate::choice(data);
    let (resource, param) = crate::halves(data);
    let bytes = ByteSet::of(data);
    assert!(sqli::is_sqli(data).is_none() || sqli::TRIGGERS.intersects(&bytes), "SQL without a trigger");
    assert!(!xss::is_xss(data) || xss::TRIGGERS.intersects(&bytes), "a script without a trigger");
    let occurs = !param.is_empty() && resource.windows(param.len()).any(|window| window == param);
    let dialect = [Dialect::Generic, Dialect::MySql, Dialect::PostgreSql, Dialect::Sqlite][choice % 4];
    let statement = sql_injection::Statement::new(resource, dialect);
    assert!(
        occurs || statement.check(param) == sql_injection::Verdict::Harmless,
        "found what does not occur"
    );
    let _ = statement.stripped();
    let line = shi::CommandLine::from_text(resource);
    assert!(occurs || line.check(param).is_none(), "found what does not occur");
    let arguments: Vec<Option<&[u8]>> = resource.split(|byte| *byte == b' ').map(Some).collect();
    for platform in [Platform::Unix, Platform::Windows] {
        let _ = cmdi::ProgramCall::new(&arguments, platform).map(|call| call.check(param).is_some());
        assert!(occurs || !lfi::is_injected(resource, param, platform), "found what does not occur");
    }
    let _ = cmdi::render(&arguments);
    let policy = ssrf::Policy::default();
    let options = ssrf::Options {
        path_inspection: choice & 4 != 0,
        query_inspection: choice & 8 != 0,
        enforce_policy_without_injection: choice & 16 != 0,
        ..ssrf::Options::default()
    };
    let url = ssrf::Resource::new(resource, options, &policy);
    let _ = url.violation();
    assert!(occurs || url.check(param) == ssrf::Verdict::Harmless, "found what does not occur");
    for syntax in [HostSyntax::HexGroups, HostSyntax::DottedQuad] {
        let _ = Uri::parse(data, syntax);
    }
    let _ = (parse_ip(data), parse_network(data));
}
