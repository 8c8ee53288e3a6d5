//! `bindgen MODULE FOLDER`: writes the JavaScript that loads a module made with wasm-bindgen.
//!
//! The command that comes with wasm-bindgen does the same, but has to be installed in exactly the version of
//! the crate. As a dependency it cannot be another: the two share a crate that exists once in Cargo.lock.

use anyhow::{Context, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, folder] = arguments.as_slice() else {
        bail!("usage: bindgen MODULE FOLDER");
    };
    let mut bindgen = Bindgen::new();
    // For browsers: the one kind that leaves it to the caller where the module comes from.
    bindgen.web(true)?.omit_default_module_path(true).reset_state_function(true);
    bindgen.input_path(module).out_name("glue").typescript(false);
    bindgen.generate(folder).with_context(|| format!("cannot make JavaScript of {module}"))
}
