//! The program; what it does stands in the library, which fuzzing uses too.

fn main() -> std::process::ExitCode {
    bartizan_peers::main()
}
