//! Where secrets are in a text, by the look of what is around them.
//!
//! - what follows the name of a secret: `password=…` up to `;` or `&`, `"password": "…"` or a number;
//! - `bearer …`, and `token: ` with thirteen letters or digits;
//! - tokens of known makes: GitHub's, JSON web tokens, whose header may be seen;
//! - private keys in PEM, public keys of SSH.
//!
//! Letter case does not matter, and as in libddwaf `ſ` and the Kelvin sign are an `s` and a `k`. The first
//! pattern to begin wins, and what it covers is not looked at again. All is done in linear time.

use bartizan_text::ByteSet;
use core::ops::Range;

const LETTERS: ByteSet = ByteSet::range(b'a', b'z');
const ALPHANUMERIC: ByteSet = LETTERS.union(&DIGITS);
const DIGITS: ByteSet = ByteSet::range(b'0', b'9');
const BLANK: ByteSet = ByteSet::of(b"\t\n\x0c\r ");
/// What names of secrets are made of.
const NAME: ByteSet = LETTERS.union(&ByteSet::of(b".-_"));
/// What names and other patterns begin with.
const FIRST: ByteSet = ByteSet::of(b"-abcegjpst\xc5");
const BEARER: ByteSet = ALPHANUMERIC.union(&ByteSet::of(b"._-"));
/// The first two parts of a JSON web token.
const JWT_PART: ByteSet = ALPHANUMERIC.union(&ByteSet::of(b"_=-"));
const JWT_SIGNATURE: ByteSet = ALPHANUMERIC.union(&ByteSet::of(b"_.+/=-"));
const SSH_KEY: ByteSet = ALPHANUMERIC.union(&ByteSet::of(b"/.+"));
const PEM_LABEL: ByteSet = LETTERS.union(&BLANK);

/// The length of the longest name.
const LONGEST_NAME: usize = 17;

/// The secrets of a text, in order.
pub(super) struct Secrets<'t> {
    text: &'t [u8],
    at: usize,
    /// Where the run of name characters at hand ends, and likewise the part of a web token.
    name_end: usize,
    jwt_end: usize,
}

/// A secret, and where the pattern around it ends.
struct Found {
    secret: Range<usize>,
    end: usize,
}

impl Found {
    /// A secret with which the pattern ends.
    fn last(secret: Range<usize>) -> Option<Self> {
        let end = secret.end;
        (!secret.is_empty()).then_some(Self { secret, end })
    }
}

impl Iterator for Secrets<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        while let Some(byte) = self.text.get(self.at) {
            if FIRST.contains(byte.to_ascii_lowercase())
                && let Some(found) = self.look()
            {
                self.at = found.end;
                return Some(found.secret);
            }
            self.at += 1;
        }
        None
    }
}

impl<'t> Secrets<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, name_end: 0, jwt_end: 0 }
    }

    /// Whether one of the patterns begins here.
    fn look(&mut self) -> Option<Found> {
        let at = self.at;
        match letter(self.text, at)?.0 {
            b'b' => self.bearer(at),
            b'e' => self.jwt(at),
            b'g' => self.github(at),
            b'-' => self.pem(at),
            b's' => self.named(at).or_else(|| self.ssh_key(at)),
            b't' => self.named(at).or_else(|| self.token(at)),
            _ => self.named(at),
        }
    }

    /// A name and what is assigned to it.
    fn named(&mut self, at: usize) -> Option<Found> {
        if at >= self.name_end {
            self.name_end = self.run(at, &NAME).end;
        }
        // A name ends where its characters end, as none of them may follow.
        let end = self.name_end;
        let mut name = [0; LONGEST_NAME];
        let (mut len, mut next) = (0, at);
        while next < end {
            let (folded, size) = letter(self.text, next)?;
            *name.get_mut(len)? = folded;
            len += 1;
            next += size;
        }
        if !is_name(&name[..len]) {
            return None;
        }
        if self.text.get(end) == Some(&b'"') {
            let colon = self.run(end + 1, &BLANK).end;
            (self.text.get(colon) == Some(&b':')).then_some(())?;
            let start = self.run(colon + 1, &BLANK).end;
            if self.text.get(start) != Some(&b'"') {
                return Found::last(self.run(start, &DIGITS));
            }
            let quoted = self.run_without(start + 1, b"\"");
            let is_closed = !quoted.is_empty() && self.text.get(quoted.end) == Some(&b'"');
            return is_closed.then(|| Found::last(start..quoted.end + 1)).flatten();
        }
        let sign = self.run(end, &BLANK).end;
        (self.text.get(sign) == Some(&b'=')).then_some(())?;
        Found::last(self.run_without(sign + 1, b";&"))
    }

    fn bearer(&self, at: usize) -> Option<Found> {
        let blanks = self.run(self.literal(at, b"bearer")?, &BLANK);
        if blanks.is_empty() {
            return None;
        }
        Found::last(self.run(blanks.end, &BEARER))
    }

    fn token(&self, at: usize) -> Option<Found> {
        let colon = self.run(self.literal(at, b"token")?, &BLANK).end;
        let start = self.run(self.literal(colon, b":")?, &BLANK).end;
        self.exactly(start, 13)
    }

    fn github(&self, at: usize) -> Option<Found> {
        let kind = self.literal(at, b"gh")?;
        let (folded, size) = letter(self.text, kind)?;
        if !b"opsu".contains(&folded) {
            return None;
        }
        self.exactly(self.literal(kind + size, b"_")?, 36)
    }

    fn jwt(&mut self, at: usize) -> Option<Found> {
        let header = self.jwt_start(at)?;
        if header >= self.jwt_end {
            self.jwt_end = self.run(header, &JWT_PART).end;
        }
        let end = self.jwt_end;
        (end > header).then_some(())?;
        let start = self.literal(end, b".")?;
        let payload = self.run(self.jwt_start(start)?, &JWT_PART);
        (!payload.is_empty()).then_some(())?;
        let signature = match self.text.get(payload.end) {
            Some(b'.') => self.run(payload.end + 1, &JWT_SIGNATURE),
            _ => 0..0,
        };
        Found::last(start..if signature.is_empty() { payload.end } else { signature.end })
    }

    /// The end of `ey` and a letter from I to L: an opening brace and a quote in base64.
    fn jwt_start(&self, at: usize) -> Option<usize> {
        let third = self.literal(at, b"ey")?;
        let (folded, size) = letter(self.text, third)?;
        (b'i'..=b'l').contains(&folded).then_some(third + size)
    }

    fn pem(&self, at: usize) -> Option<Found> {
        let (label_end, key_end) = self.pem_label(self.literal(at, b"-----begin")?)?;
        (label_end == key_end).then_some(())?;
        let body = self.run_without(self.literal(label_end, b"-----")?, b"-");
        (!body.is_empty()).then_some(())?;
        let (_, end) = self.pem_label(self.literal(body.end, b"-----end")?)?;
        Some(Found { secret: body, end })
    }

    /// Where letters and blanks end, and where the last `private key` in them does, which must not be at
    /// their very beginning.
    fn pem_label(&self, at: usize) -> Option<(usize, usize)> {
        const WANTED: &[u8] = b"private key";
        let mut last = [0; WANTED.len()];
        let (mut count, mut next, mut key_end) = (0, at, None);
        while let Some((folded, size)) = letter(self.text, next).filter(|(byte, _)| PEM_LABEL.contains(*byte))
        {
            last.rotate_left(1);
            last[WANTED.len() - 1] = folded;
            next += size;
            count += 1;
            let is_key = || {
                WANTED.iter().zip(last).all(|(wanted, byte)| match wanted {
                    b' ' => BLANK.contains(byte),
                    _ => *wanted == byte,
                })
            };
            if count > WANTED.len() && is_key() {
                key_end = Some(next);
            }
        }
        Some((next, key_end?))
    }

    fn ssh_key(&self, at: usize) -> Option<Found> {
        let start = self.run(self.literal(at, b"ssh-rsa")?, &BLANK).end;
        self.exactly_of(start, 100, &SSH_KEY)?;
        Found::last(self.run(start, &SSH_KEY))
    }

    fn exactly(&self, at: usize, count: usize) -> Option<Found> {
        Found::last(at..self.exactly_of(at, count, &ALPHANUMERIC)?)
    }

    /// The end of so many characters of a set.
    fn exactly_of(&self, at: usize, count: usize, set: &ByteSet) -> Option<usize> {
        (0..count).try_fold(at, |next, _| {
            let (folded, size) = letter(self.text, next)?;
            set.contains(folded).then_some(next + size)
        })
    }

    /// The end of a text in lower case, if it stands here.
    fn literal(&self, at: usize, wanted: &[u8]) -> Option<usize> {
        wanted.iter().try_fold(at, |next, wanted| {
            let (folded, size) = letter(self.text, next)?;
            (folded == *wanted).then_some(next + size)
        })
    }

    /// The characters of a set that stand here.
    fn run(&self, at: usize, set: &ByteSet) -> Range<usize> {
        let mut end = at;
        while let Some((folded, size)) = letter(self.text, end)
            && set.contains(folded)
        {
            end += size;
        }
        at..end
    }

    /// The characters up to one of these bytes; what is not UTF-8 ends them too.
    fn run_without(&self, at: usize, ends: &[u8]) -> Range<usize> {
        let mut end = at;
        while let Some(rest) = self.text.get(end..)
            && let Some(size) = character_len(rest)
            && !ends.contains(&rest[0])
        {
            end += size;
        }
        at..end
    }
}

/// Whether this is what secrets are called. Where a name ends in another, only the shorter one is known:
/// `access_token` ends in `token`.
fn is_name(name: &[u8]) -> bool {
    let joined =
        |name, owners: &[&[u8]], word| before(name, word).is_some_and(|owner| owners.contains(&owner));
    let keys = [&b"api"[..], b"private", b"public", b"access"];
    match name {
        b"pwd" | b"pword" | b"passwd" | b"password" | b"pass" | b"secret" | b"token" | b"sign"
        | b"signed" | b"signature" | b"auth" | b"authentication" | b"authorization" | b"jsessionid"
        | b"asp.net-sessionid" | b"asp.net_sessionid" | b"sid" | b"jwt" => true,
        _ => {
            joined(name, &keys, b"key")
                || joined(name, &[b"secret", b"consumer"], b"key")
                || joined(name, &[b"consumer"], b"id")
                || joined(name, &[b"pass"], b"phrase")
                || before(name, b"id").is_some_and(|name| joined(name, &keys, b"key"))
        }
    }
}

/// What stands before the last word of a name, without one hyphen or underscore that may join the two.
fn before<'n>(name: &'n [u8], word: &[u8]) -> Option<&'n [u8]> {
    let rest = name.strip_suffix(word)?;
    match rest.split_last() {
        Some((b'-' | b'_', rest)) => Some(rest),
        _ => Some(rest),
    }
}

/// The character here, in lower case when it is a letter of ASCII or folds to one, and its length. Parts of
/// other characters come byte by byte.
fn letter(text: &[u8], at: usize) -> Option<(u8, usize)> {
    Some(match text.get(at..)? {
        [0xc5, 0xbf, ..] => (b's', 2),
        [0xe2, 0x84, 0xaa, ..] => (b'k', 3),
        [byte, ..] => (byte.to_ascii_lowercase(), 1),
        [] => return None,
    })
}

/// The length of what RE2 takes for any character: some forms beyond UTF-8 are among them.
fn character_len(text: &[u8]) -> Option<usize> {
    let len = match text.first()? {
        0..=0x7f => return Some(1),
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let tail = text.get(1..len)?;
    tail.iter().all(|byte| byte & 0xc0 == 0x80).then_some(len)
}
