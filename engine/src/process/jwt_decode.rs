//! `jwt_decode`: what a bearer token says of itself. Its signature is not verified.

use alloc::vec::Vec;
use bartizan_object::{AllocError, AllocRef, Object, Owned, Slot, View, json};
use bartizan_text::transform::Transformer;

/// A map of the token's decoded `header` and `payload` and whether a `signature` is `available`. The value is
/// what stands in an `Authorization` header, or an array whose first item does; `None` when that is no token.
pub(super) fn jwt_decode(value: &Object) -> Result<Option<Owned>, AllocError> {
    let value = match value.view() {
        View::Array([first, ..]) => first,
        _ => value,
    };
    let Some([header, payload, signature]) = value.as_bytes().and_then(parts) else { return Ok(None) };
    let mut decoded = Owned::new(AllocRef::global());
    let mut map = decoded.slot().map(3)?;
    decode(map.insert_literal(b"header")?, header)?;
    decode(map.insert_literal(b"payload")?, payload)?;
    let mut about = map.insert_literal(b"signature")?.map(1)?;
    about.insert_literal(b"available")?.bool(!signature.is_empty());
    Ok(Some(decoded))
}

/// The three parts of `Bearer a.b.c`; everything behind the second dot is the signature, which may be empty.
fn parts(value: &[u8]) -> Option<[&[u8]; 3]> {
    let token = value.strip_prefix(b"Bearer")?;
    let blanks = token.iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    let mut parts = token[blanks..].splitn(3, |byte| *byte == b'.');
    Some([parts.next()?, parts.next()?, parts.next()?])
}

/// Writes the JSON that a part holds; what cannot be decoded leaves the slot invalid.
fn decode(slot: Slot<'_>, part: &[u8]) -> Result<(), AllocError> {
    let mut text = Vec::new();
    if part.is_empty() || !Transformer::Base64UrlDecode.apply(part, &mut text) {
        return Ok(());
    }
    match json::parse(&text, AllocRef::global()) {
        Some(value) => slot.copy_of(&value),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::jwt_decode;
    use alloc::format;
    use bartizan_object::{AllocRef, Object, json};

    #[test]
    fn tokens() {
        // `eyJhIjoxfQ` is {"a":1}, `WzFd` is [1], `e30` is {}.
        let cases = [
            (r#""Bearer eyJhIjoxfQ.WzFd.c""#, "{header:{a:1},payload:[1],signature:{available:true}}"),
            (r#"["Bearer\t\r\n  e30.e30.",1]"#, "{header:{},payload:{},signature:{available:false}}"),
            (r#""Bearere30=.e30.x.y""#, "{header:{},payload:{},signature:{available:true}}"),
        ];
        for (value, wanted) in cases {
            let value = json::parse(value.as_bytes(), AllocRef::global()).expect("JSON");
            let decoded = jwt_decode(&value).expect("memory").expect("a token");
            assert_eq!(format!("{:?}", *decoded).replace('"', ""), wanted);
        }
        let none = [
            r#""bearer e30.e30.""#,
            r#""Bearer e30.e30""#,
            r#""Bearer e30""#,
            "[]",
            "{}",
            r#""""#,
            r#"[["Bearer e30.e30."]]"#,
            r#"["x","Bearer e30.e30."]"#,
            r#""Bear""#,
        ];
        for value in none {
            let value = json::parse(value.as_bytes(), AllocRef::global()).expect("JSON");
            assert!(jwt_decode(&value).expect("memory").is_none(), "{:?}", *value);
        }
    }

    #[test]
    fn parts_that_cannot_be_decoded_are_invalid() {
        let value = Object::literal(b"Bearer ..e30");
        assert!(jwt_decode(&value).expect("memory").is_some_and(|decoded| {
            decoded.get(b"header").is_some_and(|header| header.kind() == bartizan_object::Kind::Invalid)
        }));
    }
}
