//! `uri_parse`: the parts of a URI.

use alloc::vec::Vec;
use bartizan_object::{AllocError, AllocRef, Owned, Slot};
use bartizan_text::net::{HostSyntax, Uri};

/// A map of the parts of a URI, absent ones empty; `None` when the text is no URI.
pub(super) fn uri_parse(text: &[u8]) -> Result<Option<Owned>, AllocError> {
    let Some(uri) = Uri::parse(text, HostSyntax::HexGroups) else { return Ok(None) };
    let authority = uri.authority.as_ref();
    let mut parts = Owned::new(AllocRef::global());
    let mut map = parts.slot().map(7)?;
    map.insert_literal(b"scheme")?.string(uri.slice(&uri.scheme))?;
    map.insert_literal(b"userinfo")?.string(uri.slice_or_empty(authority.map(|part| &part.userinfo)))?;
    map.insert_literal(b"host")?.string(uri.host())?;
    map.insert_literal(b"port")?.unsigned(authority.map_or(0, |part| u64::from(part.port)));
    map.insert_literal(b"path")?.string(uri.slice_or_empty(uri.path.as_ref()))?;
    query(map.insert_literal(b"query")?, uri.slice_or_empty(uri.query.as_ref()))?;
    map.insert_literal(b"fragment")?.string(uri.slice_or_empty(uri.fragment.as_ref()))?;
    Ok(Some(parts))
}

/// One parameter of a query.
struct Parameter<'a> {
    name: &'a [u8],
    /// What follows the `=`; without one the parameter is a flag.
    value: Option<&'a [u8]>,
    place: usize,
}

impl<'a> Parameter<'a> {
    /// `None` for one without a name. A final `[]` only says that there may be several of the name.
    fn new(text: &'a [u8], place: usize) -> Option<Self> {
        let (name, value) = match text.iter().position(|byte| *byte == b'=') {
            Some(end) => (&text[..end], Some(&text[end + 1..])),
            None => (text, None),
        };
        let stripped = name.strip_suffix(b"[]").unwrap_or(name);
        (!name.is_empty()).then_some(Self { name: stripped, value, place })
    }

    fn write(&self, slot: Slot<'_>) -> Result<(), AllocError> {
        match self.value {
            Some(value) => slot.string(value),
            None => {
                slot.bool(true);
                Ok(())
            }
        }
    }
}

/// Writes a map of the parameters; those of the same name make an array.
fn query(slot: Slot<'_>, query: &[u8]) -> Result<(), AllocError> {
    let parameters = query.split(|byte| *byte == b'&').enumerate();
    let mut parameters: Vec<_> = parameters.filter_map(|(place, text)| Parameter::new(text, place)).collect();
    parameters.sort_unstable_by(|a, b| a.name.cmp(b.name).then(a.place.cmp(&b.place)));
    let mut names: Vec<&[Parameter<'_>]> = parameters.chunk_by(|a, b| a.name == b.name).collect();
    names.sort_unstable_by_key(|same| same[0].place);
    let mut map = slot.map(names.len())?;
    for same in names {
        let slot = map.insert(same[0].name)?;
        if let [only] = same {
            only.write(slot)?;
            continue;
        }
        let mut values = slot.array(same.len())?;
        for parameter in same {
            parameter.write(values.push()?)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::uri_parse;
    use alloc::format;

    #[test]
    fn parts() {
        let parsed = |uri: &str| {
            let parts = uri_parse(uri.as_bytes()).expect("memory")?;
            Some(format!("{:?}", *parts).replace('"', ""))
        };
        let cases = [
            ("", "{scheme:,userinfo:,host:,port:0,path:,query:{},fragment:}"),
            (
                "HTTP://u:p@[::1]:8080/A%20?q#f",
                "{scheme:HTTP,userinfo:u:p,host:::1,port:8080,path:/A%20,query:{q:true},fragment:f}",
            ),
            (
                "/?b=1&a&&=x&b[]=&c[]=y&[]=z&q[1]=&a=2=3",
                "{scheme:,userinfo:,host:,port:0,path:/,\
                 query:{b:[1,],a:[true,2=3],c:y,:z,q[1]:},fragment:}",
            ),
        ];
        for (uri, wanted) in cases {
            assert_eq!(parsed(uri).as_deref(), Some(wanted), "{uri}");
        }
        for uri in ["x", "?a=b", "http://h:65536/", "http://[::ffff:1.2.3.4]/"] {
            assert_eq!(parsed(uri), None, "{uri}");
        }
    }
}
