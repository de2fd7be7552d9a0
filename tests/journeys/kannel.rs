//! Codes through a real gateway: Debian's kannel, with its fake operator behind it.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::phone::{NUMBER, ask, at_number, code_in};
use crate::support::house::Setup;
use crate::support::{find_program, skip};

const PATIENCE: Duration = Duration::from_secs(20);
const FAKE_OPERATOR: &str = "/usr/lib/kannel/test/fakesmsc";

/// The gateway's three programs. They stop when this is dropped.
struct Kannel {
    folder: TempDir,
    programs: Vec<Child>,
    port: u16,
}

impl Drop for Kannel {
    fn drop(&mut self) {
        for program in self.programs.iter_mut().rev() {
            program.kill().ok();
            program.wait().ok();
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Waits for something of another process.
fn wait_for<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what} took too long");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn wait_for_port(port: u16) {
    wait_for("a port of kannel", || {
        TcpStream::connect(("127.0.0.1", port)).ok()
    });
}

impl Kannel {
    fn start() -> Option<Self> {
        let Some(bearerbox) = find_program("KANNEL_BEARERBOX", "bearerbox") else {
            return skip("kannel is not installed");
        };
        let smsbox = bearerbox.with_file_name("smsbox");
        if !Path::new(FAKE_OPERATOR).exists() {
            return skip("kannel-extras is not installed");
        }
        let [admin, boxes, operator, port] = [(); 4].map(|()| free_port());
        let folder = tempfile::tempdir().unwrap();
        let conf = format!(
            "group = core\nadmin-port = {admin}\nadmin-password = bar\nsmsbox-port = {boxes}\n\
             box-allow-ip = \"127.0.0.1\"\n\n\
             group = smsc\nsmsc = fake\nsmsc-id = FAKE\nport = {operator}\nconnect-allow-ip = 127.0.0.1\n\n\
             group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {port}\n\n\
             group = sendsms-user\nusername = tessera\npassword = \"foo&bar\"\nmax-messages = 3\n\n\
             group = sms-service\nkeyword = default\ntext = \"no\"\n"
        );
        fs::write(folder.path().join("kannel.conf"), conf).unwrap();
        let mut kannel = Self {
            folder,
            programs: Vec::new(),
            port,
        };
        kannel.run(&bearerbox, &["kannel.conf"]);
        wait_for_port(boxes);
        kannel.run(&smsbox, &["kannel.conf"]);
        wait_for_port(port);
        let operator = operator.to_string();
        let args = [
            "-H",
            "127.0.0.1",
            "-r",
            &operator,
            "-i",
            "1",
            "-m",
            "0",
            "123 234 text nop",
        ];
        kannel.run(Path::new(FAKE_OPERATOR), &args);
        Some(kannel)
    }

    fn run(&mut self, program: &Path, args: &[&str]) {
        let name = program.file_name().unwrap().to_str().unwrap();
        let out = fs::File::create(self.log_of(name)).unwrap();
        let mut command = Command::new(program);
        command.args(args).current_dir(self.folder.path());
        command.stdout(Stdio::null()).stderr(out);
        self.programs.push(command.spawn().unwrap());
    }

    fn log_of(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.log"))
    }

    /// The first message that the operator got.
    fn delivered(&self) -> String {
        let log = self.log_of("fakesmsc");
        wait_for("the operator", || {
            let told = fs::read_to_string(&log).ok()?;
            // A line of the message is a line of the protocol.
            told.contains("Got message 3: ").then_some(told)
        })
    }
}

#[tokio::test]
#[ignore = "needs kannel: bash tests/run.sh"]
async fn a_code_goes_through_kannel_to_the_operator_and_comes_back_by_hand() {
    let Some(kannel) = Kannel::start() else {
        return;
    };
    let url = format!(
        "http://127.0.0.1:{}/cgi-bin/sendsms?username=tessera&password={{{{ secret }}}}&from={{{{ from }}}}\
         &to={{{{ number }}}}&charset=UTF-8&text={{{{ text }}}}",
        kannel.port
    );
    let house = Setup::new()
        .set("TESSERA_SITE__NAME", "Sparkasse Köln & Bonn")
        .set("TESSERA_PHONE__PROVIDER", "http")
        .set("TESSERA_PHONE__COUNTRIES", "[\"DE\"]")
        .set("TESSERA_PHONE__FROM", "Sparkasse")
        .set("TESSERA_PHONE__HTTP_URL", url)
        .set("TESSERA_PHONE__HTTP_METHOD", "GET")
        .set("TESSERA_PHONE__HTTP_SECRET", "foo&bar");
    let house = house.start().await;
    let mut ada = at_number(&house, "ada").await;
    ask(&house, &mut ada, NUMBER, "sms").await;
    let told = house.events_of("ada").await;
    assert!(told.contains(&"text.sent".to_owned()), "{told:?}");
    let got = kannel.delivered();
    let text = got
        .split("Got message 1: <Sparkasse +4915123456789 text ")
        .nth(1);
    let text = text.unwrap_or_else(|| panic!("{got}"));
    assert!(text.contains("Sparkasse Köln & Bonn"), "{text}");
    let code = code_in(text);
    ada.submit("form[action$=code]", &[("code", &code)]).await;
    assert_eq!(
        ada.url.path(),
        "/guardian/enroll/recovery-code",
        "{}",
        ada.html
    );
}
