//! Which words name programs.

use alloc::vec::Vec;

use super::{Construct, Kind, lexer::Lexed};

/// How far the command is of which the words are being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Assignments may come, then the executable.
    Begin,
    /// Within an assignment, until white space.
    Assignment,
    /// Behind the executable.
    Arguments,
}

/// Follows the commands of a text, one within the other.
#[derive(Debug)]
pub(super) struct Commands {
    current: Stage,
    /// Of the constructs around, outermost first.
    around: Vec<Stage>,
}

impl Commands {
    pub(super) const fn new() -> Self {
        Self { current: Stage::Begin, around: Vec::new() }
    }

    /// Takes the next lexeme and gives its final kind; none for white space.
    pub(super) fn classify(&mut self, lexed: Lexed) -> Option<Kind> {
        let Lexed::Token(kind) = lexed else {
            if self.current == Stage::Assignment {
                self.current = Stage::Begin;
            }
            return None;
        };
        match kind {
            Kind::Open(Construct::DoubleQuotes) | Kind::Close(Construct::DoubleQuotes) => {}
            Kind::Open(construct) if construct.holds_commands() => {
                // Whatever the construct yields stands where the executable would.
                if self.current == Stage::Begin {
                    self.current = Stage::Arguments;
                }
                self.enter(Stage::Begin);
            }
            Kind::Open(_) => self.enter(Stage::Arguments),
            Kind::Close(_) => self.current = self.around.pop().unwrap_or(Stage::Begin),
            Kind::Assignment if self.current == Stage::Begin => self.current = Stage::Assignment,
            Kind::Word | Kind::Variable | Kind::SingleQuoted | Kind::DoubleQuoted
                if self.current == Stage::Begin =>
            {
                self.current = Stage::Arguments;
                return Some(Kind::Executable);
            }
            Kind::Control => self.current = Stage::Begin,
            _ => {}
        }
        Some(kind)
    }

    fn enter(&mut self, stage: Stage) {
        self.around.push(self.current);
        self.current = stage;
    }
}

impl Construct {
    /// Whether commands stand in it.
    pub(super) const fn holds_commands(self) -> bool {
        matches!(
            self,
            Self::Backticks
                | Self::CommandSubstitution
                | Self::ProcessSubstitution
                | Self::CompoundCommand
                | Self::Subshell
        )
    }
}
