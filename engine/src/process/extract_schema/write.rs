//! The schema as an object.

use super::{Child, MAX_ITEMS, Node, NodeKind, STRING, Schema, children};
use crate::plan::PlannedScanner;
use bartizan_object::{AllocError, AllocRef, Owned, Slot};

impl Schema<'_> {
    /// The schema as `[type]` and `[type, {tag: value}]` for scalars, `[[…], {len, truncated?}]` for arrays,
    /// `[{key: …}, {truncated}?]` for maps. The tags are those of `scanners`.
    pub(in super::super) fn to_object(&self, scanners: &[PlannedScanner]) -> Result<Owned, AllocError> {
        let mut owned = Owned::new(AllocRef::global());
        Writer { children: &self.children, scanners }.node(owned.slot(), &self.root)?;
        Ok(owned)
    }
}

struct Writer<'w, 'v> {
    children: &'w [Child<'v>],
    scanners: &'w [PlannedScanner],
}

impl Writer<'_, '_> {
    fn node(&self, slot: Slot<'_>, node: &Node) -> Result<(), AllocError> {
        match node.kind {
            NodeKind::Scalar(kind) => slot.array(1)?.push().map(|slot| slot.unsigned(kind as u64)),
            NodeKind::String(None) => slot.array(1)?.push().map(|slot| slot.unsigned(STRING)),
            NodeKind::String(Some(number)) => {
                let tags = self.scanners.get(number as usize).map_or(&[][..], |scanner| &scanner.tags);
                let mut schema = slot.array(2)?;
                schema.push()?.unsigned(STRING);
                let mut map = schema.push()?.map(tags.len())?;
                for (name, value) in tags {
                    map.insert(name)?.string(value)?;
                }
                Ok(())
            }
            NodeKind::Array(len, span) => {
                let mut schema = slot.array(2)?;
                let mut items = schema.push()?.array(span.len as usize)?;
                for child in children(self.children, span) {
                    self.node(items.push()?, &child.node)?;
                }
                let truncated = len > MAX_ITEMS as u64;
                let mut about = schema.push()?.map(1 + usize::from(truncated))?;
                about.insert_literal(b"len")?.unsigned(len);
                if truncated {
                    about.insert_literal(b"truncated")?.bool(true);
                }
                Ok(())
            }
            NodeKind::Map(truncated, span) => {
                let mut schema = slot.array(1 + usize::from(truncated))?;
                let mut map = schema.push()?.map(span.len as usize)?;
                for child in children(self.children, span) {
                    self.node(map.insert(child.key)?, &child.node)?;
                }
                if truncated {
                    schema.push()?.map(1)?.insert_literal(b"truncated")?.bool(true);
                }
                Ok(())
            }
        }
    }
}
