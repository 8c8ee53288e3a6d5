//! The engine on a machine without std: that it links is the test. Where there is an operating system this
//! is an empty program.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod heap;

#[cfg(not(target_os = "none"))]
fn main() {}

#[cfg(target_os = "none")]
mod start {
    extern crate alloc;

    use bartizan_engine::{Builder, Call};
    use bartizan_object::{AllocRef, json};
    use core::hint::{black_box, spin_loop};

    const RULES: &[u8] = br#"{"rules":[{"id":"1","name":"canary","tags":{"type":"scanner"},"conditions":[
        {"operator":"match_regex","parameters":{"regex":"^probe","inputs":[{"address":"agent"}]}}]}]}"#;

    /// From configuration to result document, so that no stage can be left out of the link.
    fn evaluate() -> Option<usize> {
        let mut builder = Builder::new();
        builder.update(b"rules", &*json::parse(black_box(RULES), AllocRef::global())?);
        let mut context = builder.build()?.context();
        let data = json::parse(black_box(br#"{"agent":"probe"}"#), AllocRef::global())?;
        let mut outcome = context.eval(data.into(), &Call::default()).ok()?;
        let mut text = alloc::vec::Vec::new();
        json::write(&*outcome.to_object(AllocRef::global()).ok()?, &mut text);
        Some(text.len())
    }

    #[unsafe(no_mangle)]
    extern "C" fn _start() -> ! {
        black_box(evaluate());
        halt()
    }

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        halt()
    }

    fn halt() -> ! {
        loop {
            spin_loop();
        }
    }
}
