use std::fs;
use std::path::{Path, PathBuf};

use crate::{Sandbox, SandboxConfig, digest_of};

fn component(answer: u8) -> Vec<u8> {
    crate::tests::kit::Guest::new(&format!("(i32.store8 (i32.const 2048) (i32.const {answer})) (call $ok (i32.const 2048) (i32.const 1))"))
        .bytes()
}

fn sandbox(directory: &Path) -> Sandbox {
    Sandbox::new(SandboxConfig { cache_dir: Some(directory.to_owned()), ..SandboxConfig::default() }).unwrap()
}

fn files(directory: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == ending))
        .collect();
    files.sort();
    files
}

/// A cache with one plugin in it.
struct Cached {
    directory: tempfile::TempDir,
    digest: String,
    bytes: Vec<u8>,
}

impl Cached {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let bytes = component(b'1');
        let digest = digest_of(&bytes);
        sandbox(&directory.path().join("code")).load(&digest, &bytes).unwrap();
        Self { directory, digest, bytes }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("code")
    }

    fn code(&self) -> PathBuf {
        files(&self.path(), "cwasm").remove(0)
    }

    fn is_found(&self) -> bool {
        sandbox(&self.path()).load_cached(&self.digest).is_some()
    }
}

#[tokio::test]
async fn compiled_code_is_found_again() {
    let cached = Cached::new();
    let sandbox = sandbox(&cached.path());
    assert!(sandbox.load_cached(&digest_of(b"other")).is_none());
    let plugin = sandbox.load_cached(&cached.digest).unwrap();
    let end = sandbox.run(crate::tests::kit::attempt(plugin)).await;
    assert_eq!(end.outcome.as_deref(), Ok("1"));
    assert_eq!(files(&cached.path(), "new"), [] as [PathBuf; 0], "nothing half-written stays");
}

#[test]
fn without_a_directory_nothing_is_kept() {
    let bytes = component(b'2');
    let sandbox = crate::tests::kit::sandbox();
    sandbox.load(&digest_of(&bytes), &bytes).unwrap();
    assert!(sandbox.load_cached(&digest_of(&bytes)).is_none());
}

#[test]
fn altered_code_is_ignored_and_written_again() {
    let cached = Cached::new();
    let genuine = fs::read(cached.code()).unwrap();
    let half = genuine.len() / 2;
    let flipped = |at: usize| {
        let mut code = genuine.clone();
        code[at] ^= 1;
        code
    };
    for (what, code) in [
        ("first byte", flipped(0)),
        ("middle", flipped(half)),
        ("last byte", flipped(genuine.len() - 1)),
        ("cut", genuine[..half].to_vec()),
        ("empty", Vec::new()),
    ] {
        fs::write(cached.code(), code).unwrap();
        assert!(!cached.is_found(), "{what}");
        sandbox(&cached.path()).load(&cached.digest, &cached.bytes).unwrap();
        assert!(cached.is_found(), "{what}: written again");
    }
}

#[test]
fn code_of_another_plugin_or_key_is_ignored() {
    let cached = Cached::new();
    let other = component(b'3');
    sandbox(&cached.path()).load(&digest_of(&other), &other).unwrap();
    let [one, two] = files(&cached.path(), "cwasm").try_into().unwrap();
    for ending in ["cwasm", "seal"] {
        let (one, two) = (one.with_extension(ending), two.with_extension(ending));
        let swap = cached.path().join("swap");
        fs::rename(&one, &swap).unwrap();
        fs::rename(&two, &one).unwrap();
        fs::rename(&swap, &two).unwrap();
    }
    assert!(!cached.is_found(), "a seal holds for one name");

    let cached = Cached::new();
    fs::remove_file(cached.path().join(super::KEY_FILE)).unwrap();
    assert!(!cached.is_found(), "a seal holds under one key");

    let cached = Cached::new();
    fs::remove_file(cached.code().with_extension("seal")).unwrap();
    assert!(!cached.is_found(), "no seal, no code");
}

#[test]
fn code_of_another_configuration_is_not_found() {
    let cached = Cached::new();
    let config = SandboxConfig { cache_dir: Some(cached.path()), metering: crate::Metering::Fuel, ..SandboxConfig::default() };
    assert!(Sandbox::new(config).unwrap().load_cached(&cached.digest).is_none());
}

#[cfg(unix)]
#[test]
fn the_directory_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let cached = Cached::new();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&cached.path()), 0o700);
    assert_eq!(mode(&cached.path().join(super::KEY_FILE)), 0o600);
    assert_eq!(mode(&cached.code()), 0o600);

    fs::set_permissions(cached.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(cached.is_found());
    assert_eq!(mode(&cached.path()), 0o700, "made private again");

    fs::set_permissions(cached.path().join(super::KEY_FILE), fs::Permissions::from_mode(0o644)).unwrap();
    let config = SandboxConfig { cache_dir: Some(cached.path()), ..SandboxConfig::default() };
    let error = Sandbox::new(config).unwrap_err().to_string();
    assert!(error.contains("others can read it"), "{error}");

    let link = cached.directory.path().join("link");
    std::os::unix::fs::symlink(cached.path(), &link).unwrap();
    let error = Sandbox::new(SandboxConfig { cache_dir: Some(link), ..SandboxConfig::default() }).unwrap_err().to_string();
    assert!(error.contains("not a directory"), "{error}");
}
