//! Requests as a tracer sends them, from a seed: the start of a request is one evaluation, what follows another.

mod attack;
mod benign;
mod long;
mod rasp;
mod words;
mod worst;

use bartizan_peers::agreement::Call;
use bartizan_peers::random::Random;
use bartizan_peers::value::{Text, Value, text};

/// What kind of traffic; each is measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Class {
    /// Pages, forms and API calls of people and their programs.
    Benign,
    /// The same with bodies of 4 KB and more.
    Long,
    /// The same with one attack in each.
    Attack,
    /// Files, queries, commands and URLs that the application is about to use, each in a subcontext.
    Rasp,
    /// What nearly matches, has to be decoded, and is wide or deep.
    Worst,
    /// Some of each of the first four, with every rule on.
    Strict,
}

pub(crate) const CLASSES: [Class; 6] =
    [Class::Benign, Class::Long, Class::Attack, Class::Rasp, Class::Worst, Class::Strict];

impl Class {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Class::Benign => "benign",
            Class::Long => "long",
            Class::Attack => "attack",
            Class::Rasp => "rasp",
            Class::Worst => "worst",
            Class::Strict => "strict",
        }
    }

    /// Whether the rules that are off are on.
    pub(crate) fn all_rules(self) -> bool {
        self == Class::Strict
    }

    fn count(self) -> usize {
        match self {
            Class::Benign => 1_500,
            Class::Long => 250,
            Class::Attack => 900,
            Class::Rasp => 400,
            Class::Worst => 150,
            Class::Strict => 500,
        }
    }
}

/// One request: its evaluations in order.
pub(crate) struct Request {
    pub(crate) calls: Vec<Call>,
}

/// A piece of text that may be dear to look at.
pub(crate) fn pieces(random: &mut Random) -> String {
    match random.below(3) {
        0 => attack::payload(random),
        1 => worst::piece(random).to_owned(),
        _ => random
            .choose(&["a", " ", "0", "/", "<", "'", "\\", "%", "=", "(", ".", "select ", "\n"])
            .to_owned(),
    }
}

/// The requests of a class: the same for the same seed. `share` is how many of a hundred are wanted.
pub(crate) fn requests(class: Class, seed: u64, share: usize) -> Vec<Request> {
    let count = (class.count() * share).div_ceil(100);
    (0..count as u64)
        .map(|number| {
            let random = &mut Random::new(seed, number | (class as u64) << 32);
            let kind = match class {
                Class::Strict => random.choose(&[Class::Benign, Class::Long, Class::Attack, Class::Rasp]),
                class => class,
            };
            let calls = match kind {
                Class::Benign | Class::Strict => benign::request(random),
                Class::Long => long::request(random),
                Class::Attack => attack::request(random),
                Class::Rasp => rasp::request(random),
                Class::Worst => worst::request(random),
            };
            Request { calls }
        })
        .collect()
}

impl Request {
    /// Bytes of all strings that are values or keys below the addresses.
    pub(crate) fn bytes(&self) -> usize {
        self.calls.iter().map(|call| bytes(&call.data)).sum()
    }

    /// Strings among the values.
    pub(crate) fn values(&self) -> usize {
        let mut count = 0;
        for call in &self.calls {
            call.data.visit(&mut |value| count += usize::from(value.as_bytes().is_some()));
        }
        count
    }
}

fn bytes(value: &Value) -> usize {
    let mut sum = 0;
    value.visit(&mut |value| sum += value.as_bytes().map_or(0, <[u8]>::len));
    sum
}

/// Addresses of one evaluation.
#[derive(Default)]
struct Addresses(Vec<(Text, Value)>);

impl Addresses {
    fn put(&mut self, address: &str, value: Value) {
        self.0.push((Text::new(address), value));
    }

    fn call(self) -> Call {
        Call { data: Value::Map(self.0), apart: false }
    }
}

/// A map of strings.
fn strings<K: AsRef<[u8]>, V: AsRef<[u8]>>(pairs: impl IntoIterator<Item = (K, V)>) -> Value {
    Value::Map(pairs.into_iter().map(|(key, value)| (Text::new(key), text(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::{CLASSES, Class, requests};

    fn mean(class: Class, of: impl Fn(&super::Request) -> usize) -> usize {
        let requests = requests(class, 1, 100);
        requests.iter().map(of).sum::<usize>() / requests.len()
    }

    #[test]
    fn a_seed_gives_the_same_requests_and_enough_of_them() {
        let shown = |seed| {
            let all = CLASSES.map(|class| requests(class, seed, 10));
            all.iter()
                .flatten()
                .flat_map(|r| &r.calls)
                .map(|call| call.data.to_json().to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(1), shown(1));
        assert_ne!(shown(1), shown(2));
        let all: usize = CLASSES.iter().map(|class| requests(*class, 1, 100).len()).sum();
        assert!(all >= 3_000);
    }

    #[test]
    fn requests_have_the_shape_that_tracers_send() {
        assert!((1_100..1_600).contains(&mean(Class::Benign, |r| r.bytes())));
        assert!((30..42).contains(&mean(Class::Benign, |r| r.values())));
        assert!(requests(Class::Long, 1, 100).iter().all(|r| r.bytes() > 4_096));
        assert!((7_000..12_000).contains(&mean(Class::Long, |r| r.bytes())));
        assert!(requests(Class::Rasp, 1, 100).iter().all(|r| r.calls.iter().any(|call| call.apart)));
        assert!((10_000..20_000).contains(&mean(Class::Worst, |r| r.bytes())));
    }
}
