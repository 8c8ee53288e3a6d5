//! `bindgen MODULE node|web FOLDER`: writes the JavaScript that loads a module made with wasm-bindgen.
//!
//! The command that comes with wasm-bindgen does the same, but has to be installed in exactly the version of
//! the crate. As a dependency it cannot be another: the two share a crate that exists once in Cargo.lock.

use anyhow::{Context, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, host, folder] = arguments.as_slice() else {
        bail!("usage: bindgen MODULE node|web FOLDER");
    };
    let mut bindgen = Bindgen::new();
    match host.as_str() {
        "node" => bindgen.nodejs(true)?,
        "web" => bindgen.web(true)?,
        other => bail!("no host `{other}`; there are node and web"),
    };
    bindgen.input_path(module).out_name("bartizan").typescript(true);
    bindgen.generate(folder).with_context(|| format!("cannot make JavaScript of {module}"))
}
