//! The RASP detectors and their parameters.

use super::conditions::InputReader;
use super::problem::Problem;
use super::read::Map;
use crate::ruleset::{Condition, Detector, SsrfOptions};
use crate::vocab::Text;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_text::detect::ssrf;

/// Which detector an operator names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DetectorName {
    Lfi,
    Ssrf,
    Sqli,
    Shi,
    Cmdi,
}

impl DetectorName {
    /// The detector called `name`.
    pub(super) fn find(name: &[u8]) -> Option<Self> {
        [Self::Lfi, Self::Ssrf, Self::Sqli, Self::Shi, Self::Cmdi]
            .into_iter()
            .find(|detector| detector.name().as_bytes() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Lfi => "lfi_detector",
            Self::Ssrf => "ssrf_detector",
            Self::Sqli => "sqli_detector",
            Self::Shi => "shi_detector",
            Self::Cmdi => "cmdi_detector",
        }
    }

    /// The newest version there is. Older ones mean the same.
    const fn version(self) -> u32 {
        match self {
            Self::Lfi => 2,
            Self::Ssrf | Self::Sqli => 3,
            Self::Shi | Self::Cmdi => 1,
        }
    }
}

/// Reads the condition of a detector.
pub(super) fn read(
    name: DetectorName,
    version: u32,
    inputs: &mut InputReader<'_>,
) -> Result<Condition, Problem> {
    if version > name.version() {
        return Err(Problem::OperatorVersion);
    }
    let detector = match name {
        DetectorName::Lfi => Detector::Lfi,
        DetectorName::Ssrf => Detector::Ssrf(Arc::new(read_ssrf_options(inputs.parameters)?)),
        DetectorName::Sqli => Detector::Sqli,
        DetectorName::Shi => Detector::Shi,
        DetectorName::Cmdi => Detector::Cmdi,
    };
    Ok(Condition::Detector {
        operator: Text::from(name.name()),
        detector,
        resource: inputs.one("resource")?,
        params: inputs.some("params")?,
        db_type: if name == DetectorName::Sqli { Some(inputs.one("db_type")?) } else { None },
    })
}

fn read_ssrf_options(parameters: Map<'_>) -> Result<SsrfOptions, Problem> {
    let options = parameters.map("options")?;
    let inspection = ssrf::Options {
        authority_inspection: options.or("authority-inspection", true)?,
        path_inspection: options.or("path-inspection", false)?,
        query_inspection: options.or("query-inspection", false)?,
        forbid_full_url_injection: options.or("forbid-full-url-injection", false)?,
        enforce_policy_without_injection: options.or("enforce-policy-without-injection", false)?,
    };
    let policy = parameters.map("policy")?;
    let schemes: Option<Vec<Text>> = policy.may_bare("allowed-schemes")?;
    let domains: Option<Vec<Text>> = policy.may_bare("forbidden-domains")?;
    let ips: Option<Vec<&[u8]>> = policy.may_bare("forbidden-ips")?;
    let policy = ssrf::Policy::new(
        bytes_or(schemes.as_deref(), &ssrf::Policy::ALLOWED_SCHEMES),
        bytes_or(domains.as_deref(), &ssrf::Policy::FORBIDDEN_DOMAINS),
        ips.unwrap_or_else(|| ssrf::Policy::FORBIDDEN_IPS.iter().map(|text| text.as_bytes()).collect()),
    );
    Ok(SsrfOptions { inspection, policy })
}

/// The bytes of what is configured, or of the defaults.
fn bytes_or<'a>(configured: Option<&'a [Text]>, defaults: &[&'a str]) -> Vec<&'a [u8]> {
    match configured {
        Some(texts) => texts.iter().map(|text| &**text).collect(),
        None => defaults.iter().map(|text| text.as_bytes()).collect(),
    }
}
