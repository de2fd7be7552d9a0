//! Lines on their way to standard output, written by a thread of their own, many at once.
//!
//! A disk that is full, or a reader that sleeps, holds up no request; and a thread that is woken for each line costs a
//! request more than the line does.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// How long a line waits for others to be written with.
const GATHERED_FOR: Duration = Duration::from_millis(5);
/// So many bytes wait for a reader that is slow; what comes on top of them is left out.
const MOST: usize = 4 * 1024 * 1024;
/// So many bytes are kept for the next lines.
const KEPT: usize = 64 * 1024;
/// How long the last lines may take.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Takes lines and never waits.
pub(super) struct Lines(Arc<Shared>);

/// Waits for the last lines when it is dropped, for a second at most.
pub(super) struct LastLines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    is_ending: bool,
    has_ended: bool,
}

impl Lines {
    /// Starts the thread.
    pub(super) fn to(out: impl Write + Send + 'static) -> (Self, LastLines) {
        let shared = Arc::<Shared>::default();
        let writing = Arc::clone(&shared);
        thread::spawn(move || writing.write_to(out));
        (Self(Arc::clone(&shared)), LastLines(shared))
    }
}

impl Shared {
    /// What the lock holds is whole at every moment, whoever panicked.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_to(&self, mut out: impl Write) {
        let mut batch = Vec::new();
        loop {
            let nothing = |waiting: &mut Waiting| waiting.bytes.is_empty() && !waiting.is_ending;
            let waiting = self.changed.wait_while(self.lock(), nothing);
            drop(waiting);
            thread::sleep(GATHERED_FOR);
            let mut waiting = self.lock();
            mem::swap(&mut waiting.bytes, &mut batch);
            let is_last = waiting.is_ending;
            drop(waiting);
            // There is nowhere to tell that a line found no room.
            out.write_all(&batch).and_then(|()| out.flush()).ok();
            if is_last {
                self.lock().has_ended = true;
                self.changed.notify_all();
                return;
            }
            batch.clear();
            batch.shrink_to(KEPT);
        }
    }
}

impl Write for &Lines {
    /// Takes a whole line, or leaves it out.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self.0.lock();
        if waiting.bytes.len() + line.len() <= MOST {
            let is_first = waiting.bytes.is_empty();
            waiting.bytes.extend_from_slice(line);
            drop(waiting);
            if is_first {
                self.0.changed.notify_all();
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

impl Drop for LastLines {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        waiting.is_ending = true;
        self.0.changed.notify_all();
        let more = |waiting: &mut Waiting| !waiting.has_ended;
        let ended = self.0.changed.wait_timeout_while(waiting, LAST_LINES, more);
        drop(ended);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    struct Pipe(mpsc::SyncSender<Vec<u8>>);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let sent = self.0.send(bytes.to_vec());
            sent.map_err(io::Error::other).map(|()| bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn all_lines_are_written_in_order_before_the_end() {
        let (sender, written) = mpsc::sync_channel(10_000);
        let (lines, last) = Lines::to(Pipe(sender));
        for number in 0..1000 {
            writeln!(&lines, "{number}").unwrap();
        }
        drop(last);
        let text: Vec<u8> = written.try_iter().flatten().collect();
        let wanted: String = (0..1000).map(|number| format!("{number}\n")).collect();
        assert_eq!(String::from_utf8(text).unwrap(), wanted);
    }

    #[test]
    fn a_reader_that_sleeps_holds_up_nobody_and_gets_whole_lines() {
        let (sender, written) = mpsc::sync_channel(0);
        let (lines, last) = Lines::to(Pipe(sender));
        let line = [&[b'x'; 1023][..], b"\n"].concat();
        for _ in 0..3 * MOST / line.len() {
            (&lines).write_all(&line).unwrap();
        }
        thread::spawn(move || drop(last));
        let bytes: usize = written.iter().map(|batch| batch.len()).sum();
        assert!(bytes <= 2 * MOST, "the rest was left out");
        assert_eq!(bytes % line.len(), 0);
    }
}
