//! The memory of the server is its own.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::place::{Place, Server};

/// Not a user that anybody logs in as.
const NOBODY: u32 = 65534;

#[test]
fn no_core_is_dumped_and_no_neighbour_reads_the_memory() {
    let place = Place::new();
    let mut command = place.command(&["serve", "--set", "http.listen=127.0.0.1:0"]);
    // Root may read everything, so as root the server runs as somebody else.
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        let program = place.path("tessera");
        fs::copy(env!("CARGO_BIN_EXE_tessera"), &program).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        chown(place.path(""), Some(NOBODY), Some(NOBODY)).unwrap();
        command = moved(&command, &program);
        command.uid(NOBODY).gid(NOBODY);
    }
    let server = Server::start(&mut command);
    let about = format!("/proc/{}", server.id());
    let limits = fs::read_to_string(format!("{about}/limits")).unwrap();
    let core = limits.lines().find(|line| line.contains("core file size"));
    let words: Vec<&str> = core.unwrap().split_whitespace().collect();
    assert_eq!(words[words.len() - 3..], ["0", "0", "bytes"]);
    // The kernel gives the files of a process that may not be dumped to root.
    let owner = fs::metadata(format!("{about}/mem")).unwrap().uid();
    assert_eq!(owner, 0, "the memory is open to who runs as the same user");
}

/// The same command with another file of the same program.
fn moved(command: &Command, program: &std::path::Path) -> Command {
    let mut moved = Command::new(program);
    moved.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => moved.env(name, value),
            None => moved.env_remove(name),
        };
    }
    moved.current_dir(command.get_current_dir().unwrap());
    moved
}
