//! Command injection: does a parameter choose the program that is run, or what a shell is told?

use alloc::vec::Vec;

use super::{Platform, shi::CommandLine};

/// How a shell finds its command among its arguments.
struct Shell {
    names: &'static [&'static str],
    /// Options may be written as in PowerShell: `-x`, `--x`, `/x`, in any case.
    powershell: bool,
    /// The option that a command needs, if it needs one: otherwise the first argument that is none.
    needs_option: bool,
    /// The command follows that option at once; other options may not stand between.
    right_behind: bool,
    command_options: &'static [&'static str],
    /// Options that take the next argument.
    with_argument: &'static [&'static str],
}

const SHELLS: [Shell; 5] = [
    Shell {
        names: &["sh", "bash"],
        powershell: false,
        needs_option: true,
        right_behind: false,
        command_options: &["c"],
        with_argument: &["O", "o", "init-file", "rcfile"],
    },
    Shell {
        names: &["ksh", "rksh"],
        powershell: false,
        needs_option: false,
        right_behind: false,
        command_options: &["c"],
        with_argument: &["o", "T"],
    },
    Shell {
        names: &["fish"],
        powershell: false,
        needs_option: true,
        right_behind: true,
        command_options: &["c", "command"],
        with_argument: &[],
    },
    Shell {
        names: &["zsh", "dash", "ash"],
        powershell: false,
        needs_option: true,
        right_behind: false,
        command_options: &["c"],
        with_argument: &["o"],
    },
    Shell {
        names: &["powershell", "pwsh"],
        powershell: true,
        needs_option: true,
        right_behind: true,
        command_options: &["command", "commandwithargs"],
        with_argument: &[],
    },
];

/// A program call to check parameters against.
///
/// ```
/// use bartizan_text::detect::{Platform, cmdi::ProgramCall};
/// let arguments = [&b"/bin/sh"[..], b"-c", b"ls; id"].map(Some);
/// let call = ProgramCall::new(&arguments, Platform::Unix).unwrap();
/// assert_eq!(call.check(b"; id"), Some(&b"; id"[..]));
/// assert_eq!(call.check(b" /bin/sh"), Some(&b"/bin/sh"[..]));
/// ```
#[derive(Debug)]
pub struct ProgramCall<'a> {
    /// The program, if it is worth comparing with.
    program: Option<&'a [u8]>,
    /// What the shell is told, if the program is one.
    command: Option<CommandLine<'a>>,
}

impl<'a> ProgramCall<'a> {
    /// The call with these arguments, the program first; none stands for an argument that is not a string.
    ///
    /// None if no parameter can harm this call: the program is looked up by its bare
    /// name, and is not a shell that is told a command.
    #[must_use]
    pub fn new(arguments: &[Option<&'a [u8]>], platform: Platform) -> Option<Self> {
        let program = trim((*arguments.first()?)?);
        let name = base_name(program, platform);
        let command = shell_command(name, arguments, platform).filter(|command| !command.is_empty());
        let program = (name.len() < program.len()).then_some(program);
        if program.is_none() && command.is_none() {
            return None;
        }
        Some(Self { program, command: command.map(CommandLine::from_text) })
    }

    /// What to report of `param` if it injects, both as its value and as the highlight: all of it, but without the
    /// white space around where it is the program.
    #[must_use]
    pub fn check<'p>(&self, param: &'p [u8]) -> Option<&'p [u8]> {
        let trimmed = trim(param);
        if self.program == Some(trimmed) {
            return Some(trimmed);
        }
        self.command.as_ref()?.check(param).map(|_| param)
    }
}

/// The call as it is reported: `program "argument" "argument"`, without any escaping.
#[must_use]
pub fn render(arguments: &[Option<&[u8]>]) -> Vec<u8> {
    let mut line = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        let argument = argument.unwrap_or_default();
        if index == 0 {
            line.extend_from_slice(argument);
        } else {
            line.extend_from_slice(b" \"");
            line.extend_from_slice(argument);
            line.push(b'"');
        }
    }
    line
}

/// The command that the shell called `name` is told by its arguments.
fn shell_command<'a>(name: &[u8], arguments: &[Option<&'a [u8]>], platform: Platform) -> Option<&'a [u8]> {
    let lower;
    let name = match platform {
        Platform::Unix => name,
        Platform::Windows => {
            lower = name.to_ascii_lowercase();
            lower.strip_suffix(b".exe").unwrap_or(&lower)
        }
    };
    let shell = SHELLS.iter().find(|shell| contains(shell.names, name))?;
    let argument_at = |index: usize| arguments.get(index).copied().flatten();
    let mut found = !shell.needs_option;
    let mut index = 1;
    while index < arguments.len() {
        let argument = argument_at(index).unwrap_or_default();
        index += 1;
        if argument.is_empty() {
            continue;
        }
        match shell.parse_argument(argument) {
            Argument::Plain => return found.then_some(argument),
            Argument::EndOfOptions => return argument_at(index).filter(|_| found),
            Argument::Letters(letters) => {
                for letter in letters.chunks(1) {
                    found |= contains(shell.command_options, letter);
                    if found && shell.right_behind {
                        return argument_at(index);
                    }
                    index += usize::from(contains(shell.with_argument, letter));
                }
            }
            Argument::Long(option, value) => {
                found |= shell.is_command_option(option);
                if found && shell.right_behind {
                    return if value.is_empty() { argument_at(index) } else { Some(value) };
                }
                index += usize::from(contains(shell.with_argument, option));
            }
        }
    }
    None
}

enum Argument<'a> {
    /// Not an option.
    Plain,
    /// `--`
    EndOfOptions,
    /// `-abc` or `+abc`
    Letters(&'a [u8]),
    /// `--name=value`; the value is empty if there is none.
    Long(&'a [u8], &'a [u8]),
}

impl Shell {
    fn parse_argument<'a>(&self, argument: &'a [u8]) -> Argument<'a> {
        match argument {
            [b'-' | b'/', option @ ..] if self.powershell => {
                Argument::Long(option.strip_prefix(b"-").unwrap_or(option), &[])
            }
            _ if self.powershell => Argument::Plain,
            b"--" => Argument::EndOfOptions,
            [b'-', b'-', option @ ..] => {
                let (name, value) = split_value(option);
                Argument::Long(name, value)
            }
            [b'-' | b'+', letters @ ..] => Argument::Letters(letters),
            _ => Argument::Plain,
        }
    }

    fn is_command_option(&self, option: &[u8]) -> bool {
        if self.powershell {
            self.command_options.iter().any(|known| option.eq_ignore_ascii_case(known.as_bytes()))
        } else {
            contains(self.command_options, option)
        }
    }
}

/// `name=value` as its halves, if neither is empty, the value without quotes around it.
fn split_value(option: &[u8]) -> (&[u8], &[u8]) {
    match option.iter().position(|&byte| byte == b'=') {
        Some(at) if at > 0 && at + 1 < option.len() => {
            let value = match &option[at + 1..] {
                [b'"', inside @ .., b'"'] | [b'\'', inside @ .., b'\''] => inside,
                value => value,
            };
            (&option[..at], value)
        }
        _ => (option, &[]),
    }
}

fn contains(words: &[&str], word: &[u8]) -> bool {
    words.iter().any(|known| known.as_bytes() == word)
}

fn base_name(path: &[u8], platform: Platform) -> &[u8] {
    let is_separator = |byte: &u8| *byte == b'/' || (*byte == b'\\' && platform == Platform::Windows);
    path.rsplit(is_separator).next().unwrap_or(path)
}

/// Without white space (vertical tabs included) at both ends.
fn trim(text: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let start = text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command<'a>(line: &'a str) -> Option<&'a [u8]> {
        let arguments: Vec<Option<&'a [u8]>> =
            line.split(' ').map(|word| (word != "NULL").then_some(word.as_bytes())).collect();
        shell_command(arguments[0].expect("a program"), &arguments, Platform::Unix)
    }

    #[test]
    fn commands_of_shells() {
        let cases = [
            ("sh -c ls", Some("ls")),
            ("sh ls", None),
            ("sh -lc -x ls", Some("ls")),
            ("bash -oc posix ls", Some("ls")),
            ("bash --rcfile f -c ls", Some("ls")),
            ("bash --rcfile=f -c ls", None),
            ("bash +O x -c -- -ls", Some("-ls")),
            ("sh -- ls", None),
            ("sh -c --", None),
            ("sh -c  NULL ls", Some("ls")),
            ("sh -c - ls", Some("ls")),
            ("ksh ls", Some("ls")),
            ("rksh -T 1 ls", Some("ls")),
            ("fish -c ls", Some("ls")),
            ("fish -lc ls x", Some("ls")),
            ("fish --command='ls' x", Some("ls")),
            ("fish --command= ls", None),
            ("fish --command ls", Some("ls")),
            ("fish -c NULL ls", None),
            ("fish ls", None),
            ("zsh -o c -c ls", Some("ls")),
            ("dash -c -o", None),
            ("pwsh -Command ls", Some("ls")),
            ("pwsh /COMMAND ls", Some("ls")),
            ("powershell --CommandWithArgs ls", Some("ls")),
            ("pwsh -x ls -Command ls", None),
            ("pwsh -x -Command", None),
            ("csh -c ls", None),
        ];
        for (line, want) in cases {
            assert_eq!(command(line), want.map(str::as_bytes), "{line}");
        }
    }

    #[test]
    fn programs_and_commands() {
        let call = |arguments: &[&'static str]| {
            let arguments: Vec<_> = arguments.iter().map(|argument| Some(argument.as_bytes())).collect();
            ProgramCall::new(&arguments, Platform::Unix)
        };
        assert!(call(&["ls", "-l"]).is_none());
        assert!(call(&[" \t"]).is_none());
        assert!(call(&[]).is_none());
        assert!(ProgramCall::new(&[None, Some(b"x")], Platform::Unix).is_none());
        let path = call(&["\x0b/usr/bin/ls ", "; id"]).expect("a path");
        assert_eq!(path.check(b" /usr/bin/ls\n"), Some(&b"/usr/bin/ls"[..]));
        assert_eq!((path.check(b"ls"), path.check(b"; id")), (None, None));
        let shell = call(&["sh", "-c", "ls; id"]).expect("a shell");
        assert_eq!((shell.check(b"; id"), shell.check(b"sh")), (Some(&b"; id"[..]), None));
        let windows =
            ProgramCall::new(&[Some(b"C:\\BASH.EXE"), Some(b"-c"), Some(b"a;b")], Platform::Windows);
        assert!(windows.expect("a shell").check(b";b").is_some());
        assert_eq!(render(&[Some(b"/bin/a"), None, Some(b"b\"c")]), b"/bin/a \"\" \"b\"c\"");
    }
}
