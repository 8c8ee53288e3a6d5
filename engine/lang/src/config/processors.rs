//! `processors`.

use super::conditions::{InputDefaults, read_conditions};
use super::diagnostics::Section;
use super::documents::{Namespace, ProcessorDocument};
use super::draft::{Draft, Kind};
use super::interner::Interner;
use super::problem::{Named, Problem};
use super::read::{Map, Read, read_key_path};
use super::reference::read_references;
use crate::ruleset::{Generator, Mapping, MappingInput};
use crate::vocab::Text;
use bartizan_object::Object;

pub(super) fn read(value: &Object, draft: &mut Draft<'_>, section: &mut Section) -> Result<(), Problem> {
    let kind = Kind { namespace: Namespace::Processors, gated: true };
    draft.elements(kind, value, section, |draft, element, id| {
        let processor = read_processor(element, id, draft.interner)?;
        draft.documents.processors.push(processor);
        Ok(())
    })
}

fn read_processor(element: Map<'_>, id: Text, interner: &mut Interner) -> Result<ProcessorDocument, Problem> {
    let generator: Text = element.need("generator")?;
    let Some(generator) = Generator::from_name(&generator) else {
        return Err(Problem::Unknown(Named::Generator, generator));
    };
    let conditions = read_conditions(element.items("conditions")?, &InputDefaults::default(), interner)?;
    let parameters: Map<'_> = element.need("parameters")?;
    let mappings: &[Object] = parameters.need("mappings")?;
    if mappings.is_empty() {
        return Err(Problem::Plain("empty mappings"));
    }
    let mappings = mappings
        .iter()
        .map(|mapping| read_mapping(Map::read(mapping)?, generator, interner))
        .collect::<Result<_, _>>()?;
    let scanners = read_references(parameters, "scanners")?;
    let evaluate = element.or("evaluate", true)?;
    let output = element.or("output", false)?;
    if !evaluate && !output {
        return Err(Problem::Useless("processor not used for evaluation or output"));
    }
    Ok(ProcessorDocument {
        id,
        generator,
        conditions: conditions.into(),
        mappings,
        scanners,
        evaluate,
        output,
    })
}

/// Of the inputs of an argument only the first is used.
fn read_mapping(mapping: Map<'_>, generator: Generator, interner: &mut Interner) -> Result<Mapping, Problem> {
    let mut argument = |name| {
        let inputs: &[Object] = mapping.need(name)?;
        let Some(input) = inputs.first() else { return Err(Problem::Plain("empty processor input mapping")) };
        let input = Map::read(input)?;
        let address: Text = input.need("address")?;
        let key_path = read_key_path(input)?;
        Ok(MappingInput { address: interner.address(&address), key_path })
    };
    let arguments = generator.arguments().iter().map(|(name, _)| argument(name)).collect::<Result<_, _>>()?;
    let output: Text = mapping.need("output")?;
    Ok(Mapping { arguments, output: interner.address(&output) })
}
