//! A real registry: Debian's `docker-registry`, unpacked into the user's cache when the machine has none.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// A registry on this machine that ends with the test.
pub struct DockerRegistry {
    /// Its host and port.
    pub host: String,
    child: Child,
    folder: tempfile::TempDir,
}

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Everybody.
    Open,
    /// `ada` with the password `s3cret`.
    Ada,
}

/// `ada:s3cret`, as htpasswd files have it.
const ADA: &str = "ada:$2b$04$bhJnBvEDSYlG7rbCU3T35OWj5.nK3VVmkiY/eNdC9fNaymBXRtFo.\n";

impl DockerRegistry {
    /// Starts one with nothing in it.
    pub fn start(door: Door) -> Self {
        let folder = tempfile::Builder::new().prefix("jackfield-registry-").tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name).display().to_string();
        fs::write(at("htpasswd"), ADA).expect("written");
        let auth = match door {
            Door::Open => String::new(),
            Door::Ada => format!("auth: {{ htpasswd: {{ realm: test, path: {} }} }}\n", at("htpasswd")),
        };
        let host = free_address();
        let config = format!(
            "version: 0.1\nlog: {{ level: info }}\nstorage: {{ filesystem: {{ rootdirectory: {} }} }}\nhttp: {{ addr: \"{host}\" }}\n{auth}",
            at("data")
        );
        fs::write(at("config.yml"), config).expect("written");
        let mut child = Command::new(program())
            .args(["serve", &at("config.yml")])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut said = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let listening = said.by_ref().map_while(Result::ok).any(|line| line.contains("listening on"));
        assert!(listening, "docker-registry ended before it listened");
        // What it says later is read and thrown away, so that it never waits for a reader.
        std::thread::spawn(move || said.count());
        Self { host, child, folder }
    }

    /// The file of a blob or manifest, to be spoilt.
    pub fn blob(&self, digest: &str) -> PathBuf {
        let hex = digest.trim_start_matches("sha256:");
        self.folder.path().join("data/docker/registry/v2/blobs/sha256").join(&hex[..2]).join(hex).join("data")
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address nobody listens at.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

/// The program, had from Debian when the machine has none. Nothing is installed: its package is unpacked into the cache.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let installed = Path::new("/usr/bin/docker-registry");
        if installed.is_file() {
            return installed.to_owned();
        }
        let cache =
            std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
        let folder = cache.expect("HOME is set").join("jackfield/docker-registry");
        let program = folder.join("usr/bin/docker-registry");
        if !program.is_file() {
            unpack(&folder);
        }
        assert!(program.is_file(), "docker-registry is needed for this test: apt-get install docker-registry");
        program
    })
}

fn unpack(folder: &Path) {
    let work = tempfile::tempdir().expect("a folder");
    let run = |program: &str, words: &[&str]| {
        Command::new(program).args(words).current_dir(work.path()).status().is_ok_and(|status| status.success())
    };
    let download = || run("apt-get", &["--quiet", "download", "docker-registry"]);
    // The lists of packages may be missing or old.
    let downloaded = download() || (run("apt-get", &["--quiet", "update"]) && download());
    if !downloaded {
        return;
    }
    let package = fs::read_dir(work.path())
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|end| end == "deb"));
    let package = package.expect("apt-get downloaded it").display().to_string();
    if run("dpkg-deb", &["--extract", &package, "unpacked"]) {
        fs::create_dir_all(folder.parent().expect("a folder")).expect("made");
        // Another process may have been faster.
        let copied = run("cp", &["-a", "unpacked/.", &folder.display().to_string()]);
        assert!(copied, "{} cannot be written", folder.display());
    }
}
