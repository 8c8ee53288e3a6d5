//! What ordinary requests are made of.

use bartizan_peers::random::Random;

const WORDS: [&str; 96] = [
    "account", "address", "after", "again", "all", "also", "amber", "and", "are", "arrive", "basket",
    "because", "before", "blue", "book", "both", "bread", "bring", "can", "carry", "chair", "change",
    "child", "city", "clean", "coffee", "cold", "colour", "come", "cotton", "day", "delivery", "drop",
    "early", "every", "fall", "family", "find", "first", "for", "friend", "from", "garden", "give", "glass",
    "good", "green", "group", "hand", "have", "help", "house", "idea", "into", "item", "key", "lamp",
    "large", "late", "leave", "letter", "light", "like", "list", "long", "make", "many", "market", "name",
    "need", "never", "night", "not", "office", "old", "open", "order", "paper", "part", "people", "place",
    "plan", "price", "question", "ready", "river", "school", "select", "shoes", "small", "street", "table",
    "the", "union", "water", "window",
];

const NAMES: [&str; 16] = [
    "Ada", "Björn", "Chloé", "Dmitri", "Eoin", "Farah", "Grace", "Hiro", "Ines", "João", "Kwame", "Lena",
    "Mira", "Nuno", "Olga", "Siobhán",
];

const FAMILIES: [&str; 12] = [
    "Almeida", "Baker", "Chen", "D'Angelo", "Eriksen", "Fischer", "García", "Haddad", "Ito", "Jensen",
    "O'Brien", "Novák",
];

const AGENTS: [&str; 10] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
    "ShopApp/7.4.0 (iOS 18.6; iPhone15,2) CFNetwork/1568.300.101 Darwin/24.2.0",
    "okhttp/4.12.0",
    "python-httpx/0.28.1",
    "axios/1.12.2",
    "Mozilla/5.0 (compatible; monitoring-probe/3.2; +https://status.shop.example/about)",
];

const LANGUAGES: [&str; 5] = [
    "en-GB,en;q=0.9",
    "de-DE,de;q=0.9,en;q=0.6",
    "fr-FR,fr;q=0.9",
    "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7",
    "ja",
];

const PATHS: [&str; 14] = [
    "products",
    "cart",
    "checkout",
    "orders",
    "search",
    "account",
    "help",
    "api/v1/items",
    "api/v2/orders",
    "api/v1/users",
    "static/app.js",
    "blog",
    "images/hero.webp",
    "reviews",
];

const KEYS: [&str; 20] = [
    "id", "name", "email", "page", "sort", "q", "category", "size", "color", "quantity", "price", "currency",
    "note", "street", "zip", "country", "phone", "ref", "lang", "coupon",
];

pub(super) fn word(random: &mut Random) -> &'static str {
    random.choose(&WORDS)
}

pub(super) fn agent(random: &mut Random) -> &'static str {
    random.choose(&AGENTS)
}

pub(super) fn language(random: &mut Random) -> &'static str {
    random.choose(&LANGUAGES)
}

pub(super) fn key(random: &mut Random) -> &'static str {
    random.choose(&KEYS)
}

pub(super) fn person(random: &mut Random) -> String {
    format!("{} {}", random.choose(&NAMES), random.choose(&FAMILIES))
}

pub(super) fn email(random: &mut Random) -> String {
    format!("{}.{}{}@mail.example", word(random), word(random), random.below(100))
}

/// Words of about so many bytes, with the punctuation of prose.
pub(super) fn prose(random: &mut Random, bytes: usize) -> String {
    let mut out = String::new();
    while out.len() < bytes {
        out.push_str(word(random));
        out.push_str(match random.below(24) {
            0 => ". ",
            1 => ", ",
            2 => " - ",
            3 => "; ",
            4 => "'s ",
            _ => " ",
        });
    }
    out.truncate(bytes);
    out
}

pub(super) fn hex(random: &mut Random, digits: usize) -> String {
    (0..digits).map(|_| char::from(random.choose(b"0123456789abcdef"))).collect()
}

/// Letters, digits and `_-`, as tokens and ids are written.
pub(super) fn token(random: &mut Random, len: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    (0..len).map(|_| char::from(random.choose(LETTERS))).collect()
}

pub(super) fn base64url(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let word =
            three.iter().fold(0, |word, byte| word << 8 | usize::from(*byte)) << (8 * (3 - three.len()));
        out.extend((0..=three.len()).map(|at| char::from(DIGITS[word >> (18 - 6 * at) & 63])));
    }
    out
}

pub(super) fn uuid(random: &mut Random) -> String {
    let mut part = |digits| hex(random, digits);
    format!("{}-{}-4{}-a{}-{}", part(8), part(4), part(3), part(3), part(12))
}

pub(super) fn ip(random: &mut Random) -> String {
    match random.below(8) {
        0 => format!("2001:db8:{}:{}::{}", hex(random, 4), hex(random, 4), hex(random, 3)),
        1 => format!("10.{}.{}.{}", random.below(256), random.below(256), random.below(256)),
        _ => format!("203.0.{}.{}", random.below(256), random.below(256)),
    }
}

/// A path below the root, without a query.
pub(super) fn path(random: &mut Random) -> String {
    let mut path = format!("/{}", random.choose(&PATHS));
    for _ in 0..random.below(3) {
        path.push('/');
        match random.below(3) {
            0 => path.push_str(&random.below(100_000).to_string()),
            1 => path.push_str(&format!("{}-{}", word(random), word(random))),
            _ => path.push_str(word(random)),
        }
    }
    path
}

/// What a person types into a field, or a program writes there.
pub(super) fn value(random: &mut Random) -> String {
    match random.below(14) {
        0 | 1 => random.below(10_000).to_string(),
        2 => word(random).to_owned(),
        3 | 4 => format!("{} {}", word(random), word(random)),
        5 => person(random),
        6 => email(random),
        7 => format!("{}.{:02}", random.below(1_000), random.below(100)),
        8 => uuid(random),
        9 => format!(
            "2026-{:02}-{:02}T10:{:02}:00Z",
            random.between(1, 12),
            random.between(1, 28),
            random.below(60)
        ),
        10 => format!("https://shop.example{}", path(random)),
        11 => {
            let len = random.between(40, 240);
            prose(random, len)
        }
        12 => random.choose(&["true", "false", "EUR", "de", "asc", "red", "XL"]).to_owned(),
        _ => format!("+44 20 7946 {:04}", random.below(10_000)),
    }
}

/// As it stands in a query string.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_encoded() {
        assert_eq!(
            ["", "f", "fo", "foo", "{\"a\""].map(super::base64url),
            ["", "Zg", "Zm8", "Zm9v", "eyJhIg"]
        );
        assert_eq!(super::encode("a b&c"), "a+b%26c");
    }
}
