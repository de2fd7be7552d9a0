//! The process between a test and Chromium.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

pub(super) struct Driver {
    pub(super) process: Child,
    // Kept open: the driver would die of a closed pipe.
    pub(super) _output: BufReader<ChildStdout>,
    pub(super) port: u16,
    pub(super) session: Option<String>,
}

impl Driver {
    pub(super) fn start(program: &Path) -> Self {
        let mut process = Command::new(program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            let read = output.read_line(&mut line).unwrap();
            assert!(read > 0, "chromedriver ended before it named its port");
            if let Some((_, port)) = line.rsplit_once("started successfully on port ") {
                break port.trim_end_matches(['.', '\n', '\r']).parse().unwrap();
            }
        };
        Self {
            process,
            _output: output,
            port,
            session: None,
        }
    }

    /// Ends Chromium in its own way; killing the driver alone would leave it behind.
    fn close_session(&self) -> std::io::Result<()> {
        let Some(session) = &self.session else {
            return Ok(());
        };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            stream,
            "DELETE /session/{session} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )?;
        stream.read(&mut [0; 64]).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.close_session();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
