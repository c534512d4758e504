use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jackfield_sdk::prelude::*;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use crate::error::ArchiveError;
use crate::list::list;
use crate::pack::{Format, pack};
use crate::stream::{Compress, compress, decompress};
use crate::unpack::unpack;

const FORMATS: [Format; 4] = [Format::Zip, Format::Tar, Format::TarGz, Format::TarZst];

struct World(TempDir);

impl World {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.path().join(name)).unwrap()
    }

    /// All files below a directory, sorted.
    fn files(&self, name: &str) -> Vec<String> {
        fn look(path: &Path, found: &mut Vec<PathBuf>) {
            let Ok(entries) = fs::read_dir(path) else { return };
            for entry in entries.map(|entry| entry.unwrap().path()) {
                if entry.is_dir() { look(&entry, found) } else { found.push(entry) }
            }
        }
        let mut found = vec![];
        look(&self.0.path().join(name), &mut found);
        found.sort();
        found.iter().map(|path| path.strip_prefix(self.0.path()).unwrap().display().to_string()).collect()
    }

    fn unpack(&self, archive: &str) -> Result<Vec<String>, ArchiveError> {
        unpack(self.path(archive), self.path("out"), None, None).map(|_| self.files("out"))
    }
}

/// Bytes that do not compress well.
fn noise(length: usize) -> Vec<u8> {
    let mut seed = 1_u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        seed.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

#[track_caller]
fn assert_error<T: std::fmt::Debug>(answer: Result<T, ArchiveError>, code: &str, part: &str) {
    let error = TaskError::from(answer.unwrap_err());
    assert_eq!(error.code(), code, "{error}");
    assert!(error.message().contains(part), "{}", error.message());
}

#[test]
fn what_was_packed_is_unpacked() {
    for format in FORMATS {
        let world = World::new();
        let long = format!("{}/{}.txt", "d".repeat(90), "f".repeat(90));
        let files = [
            ("in/a.txt", b"hello".to_vec()),
            ("in/b/c.bin", noise(300_000)),
            ("in/b/empty", vec![]),
            (&format!("in/{long}"), b"long".to_vec()),
        ];
        files.iter().for_each(|(name, content)| drop(world.write(name, content)));
        let packed = pack(world.path("in"), world.path("x"), format, None).unwrap();
        assert_eq!(packed.files, ["a.txt", "b/c.bin", "b/empty", &long], "{format:?}");
        assert_eq!(packed.bytes, world.read("x").len() as u64);
        let listing = list(world.path("x"), None, None).unwrap();
        assert_eq!((listing.bytes, listing.files.len(), listing.files[1].bytes), (300_009, 4, 300_000), "{format:?}");
        let unpacked = unpack(world.path("x"), world.path("out/deep"), None, None).unwrap();
        assert_eq!((unpacked.bytes, unpacked.files.len()), (300_009, 4));
        for (name, content) in &files {
            assert!(world.read(&name.replacen("in/", "out/deep/", 1)) == *content, "{format:?} {name}");
        }
        assert_eq!(world.files("out").len(), 4, "nothing else is left: {:?}", world.files("out"));
    }
}

#[test]
fn the_same_files_give_the_same_bytes() {
    for format in FORMATS {
        let digest = |names: [&str; 3]| {
            let world = World::new();
            names.iter().for_each(|name| drop(world.write(&format!("in/{name}"), name.as_bytes())));
            pack(world.path("in"), world.path("x"), format, None).unwrap().sha256
        };
        assert_eq!(digest(["a", "b/c", "d"]), digest(["d", "a", "b/c"]), "{format:?}");
    }
}

#[test]
fn packing_and_unpacking_again_ends_alike() {
    let world = World::new();
    world.write("in/a", b"new");
    world.write("out/a", b"old");
    world.write("out/other", b"stays");
    let once = pack(world.path("in"), world.path("x"), Format::TarGz, None).unwrap();
    assert_eq!(pack(world.path("in"), world.path("x"), Format::TarGz, None).unwrap(), once);
    for _ in 0..2 {
        assert_eq!(world.unpack("x").unwrap(), ["out/a", "out/other"]);
        assert_eq!(world.read("out/a"), b"new");
    }
}

#[test]
fn a_single_file_is_compressed_and_comes_back() {
    for (method, start) in [(Compress::Gzip, &[0x1f_u8, 0x8b][..]), (Compress::Zstd, &[0x28, 0xb5, 0x2f, 0xfd])] {
        let world = World::new();
        for content in [vec![], b"x".to_vec(), noise(400_000), b"row,1,2\n".repeat(50_000)] {
            let from = world.write("f", &content);
            let made = compress(from.clone(), world.path("c"), method).unwrap();
            assert!(world.read("c").starts_with(start), "{method:?}");
            assert_eq!(compress(from, world.path("c2"), method).unwrap().sha256, made.sha256);
            let back = decompress(world.path("c"), world.path("back"), None, None).unwrap();
            assert!(world.read("back") == content && back.bytes == content.len() as u64, "{method:?}");
        }
        // Several streams one after the other are one, as other tools have it.
        let two = [world.read("c"), world.read("c")].concat();
        world.write("two", &two);
        assert_eq!(decompress(world.path("two"), world.path("back"), None, None).unwrap().bytes, 800_000);
    }
}

/// A harmless name of the same length.
fn placeholder(at: usize, name: &str) -> String {
    ["Q", "Z"][at].repeat(name.len())
}

/// A zip whose entries have these names, whatever they are.
fn zip_of(names: &[&str], content: &[u8]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    for (at, name) in names.iter().enumerate() {
        // The writer keeps names apart; they are changed afterwards.
        let placeholder = placeholder(at, name);
        writer.start_file(placeholder, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    let mut bytes = writer.finish().unwrap().into_inner();
    for (at, name) in names.iter().enumerate() {
        let placeholder = placeholder(at, name).into_bytes();
        for place in 0..bytes.len() - placeholder.len() {
            let is_name = bytes[place..].starts_with(&placeholder)
                && place >= 30
                && (bytes[place - 30..].starts_with(b"PK\x03\x04") || place >= 46 && bytes[place - 46..].starts_with(b"PK\x01\x02"));
            if is_name {
                bytes[place..place + name.len()].copy_from_slice(name.as_bytes());
            }
        }
    }
    bytes
}

/// A tar of one entry with this name and kind.
fn tar_of(entries: &[(&str, tar::EntryType)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(vec![]);
    for (name, kind) in entries {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        if matches!(kind, tar::EntryType::Symlink | tar::EntryType::Link) {
            header.set_link_name("/etc").unwrap();
        }
        header.set_size(0);
        header.set_cksum();
        builder.append(&header, &[][..]).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn no_name_leads_out_of_the_directory() {
    let bad = ["../evil", "a/../../evil", "/evil", "a//b", "./../evil", "C:evil", "a\\..\\evil", "a/./b", "..", "a\nb"];
    for name in bad {
        let world = World::new();
        world.write("x.zip", &zip_of(&["fine", name], b"content"));
        world.write("x.tar", &tar_of(&[("fine", tar::EntryType::Regular), (name, tar::EntryType::Regular)]));
        for archive in ["x.zip", "x.tar"] {
            assert_error(world.unpack(archive), "unsafe-entry", "nothing of the archive was unpacked");
            assert_eq!(world.files(""), ["x.tar", "x.zip"], "{name}");
        }
    }
}

#[test]
fn no_entry_takes_the_place_of_another() {
    use tar::EntryType::{Directory, Regular};
    for names in [
        &[("a", Regular), ("a", Regular)][..],
        &[("a", Regular), ("A", Regular)],
        &[("a", Regular), ("a/b", Regular)],
        &[("a/b", Regular), ("a", Regular)],
        &[("a", Regular), ("a/", Directory)],
    ] {
        let world = World::new();
        world.write("x", &tar_of(names));
        assert_error(world.unpack("x"), "unsafe-entry", "");
    }
    let world = World::new();
    world.write("x", &tar_of(&[("./", Directory), ("./a/", Directory), ("./a/b", Regular), ("a/c", Regular)]));
    assert_eq!(world.unpack("x").unwrap(), ["out/a/b", "out/a/c"]);
}

#[test]
fn links_and_devices_are_refused() {
    use tar::EntryType;
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Char, EntryType::Block, EntryType::Fifo] {
        let world = World::new();
        world.write("x", &tar_of(&[("fine", EntryType::Regular), ("bad", kind)]));
        assert_error(world.unpack("x"), "unsafe-entry", "link");
        assert_eq!(world.files("out").len(), 0);
    }
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    writer.add_symlink("bad", "/etc", SimpleFileOptions::default()).unwrap();
    let world = World::new();
    world.write("x", &writer.finish().unwrap().into_inner());
    assert_error(world.unpack("x"), "unsafe-entry", "link");
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let zeros = vec![0; 30 << 20];
    let world = World::new();
    world.write("zeros", &zeros);
    for (name, method) in [("z.gz", Compress::Gzip), ("z.zst", Compress::Zstd)] {
        compress(world.path("zeros"), world.path(name), method).unwrap();
        assert_error(decompress(world.path(name), world.path("out/z"), None, None), "too-large", "`max_ratio`");
        assert_error(decompress(world.path(name), world.path("out/z"), Some(10), None), "too-large", "`max_bytes`");
        assert_eq!(world.files("out").len(), 0, "{name}");
        assert_eq!(decompress(world.path(name), world.path("ok"), None, Some(1_000_000)).unwrap().bytes, 30 << 20);
    }
    for format in [Format::Zip, Format::TarGz, Format::TarZst] {
        pack(world.path("zeros"), world.path("x"), format, None).unwrap();
        assert_error(world.unpack("x"), "too-large", "`max_ratio`");
        assert_error(list(world.path("x"), Some(1_000), None), "too-large", "`max_bytes`");
        assert_eq!(world.files("out").len(), 0, "{format:?}");
    }
    let names: Vec<String> = (0..10_001).map(|at| format!("f{at}")).collect();
    let entries: Vec<(&str, tar::EntryType)> = names.iter().map(|name| (name.as_str(), tar::EntryType::Regular)).collect();
    world.write("many", &tar_of(&entries));
    assert_error(list(world.path("many"), None, None), "bad-archive", "10000 entries");
}

#[test]
fn what_is_damaged_is_refused_and_leaves_nothing() {
    let world = World::new();
    world.write("in/a", &noise(50_000));
    world.write("in/b", b"second");
    for format in FORMATS {
        pack(world.path("in"), world.path("x"), format, None).unwrap();
        let whole = world.read("x");
        for cut in [1, 100, whole.len() / 2] {
            world.write("cut", &whole[..whole.len() - cut.min(whole.len())]);
            // The zeros at the end of a tar may be missing.
            if format != Format::Tar || cut > 1_024 {
                assert!(world.unpack("cut").is_err(), "{format:?} {cut}");
                assert_eq!(world.files("out").len(), 0, "{format:?} {cut}");
            }
        }
        if format != Format::Tar {
            let mut changed = whole.clone();
            changed[whole.len() / 3] ^= 0x55;
            world.write("changed", &changed);
            assert_error(world.unpack("changed"), "bad-archive", "cannot be read");
        }
    }
    for content in [&b""[..], b"no archive at all", &[0x1f, 0x8b], &[0x28, 0xb5, 0x2f, 0xfd], b"PK\x03\x04"] {
        world.write("junk", content);
        assert!(matches!(list(world.path("junk"), None, None), Err(ArchiveError::BadArchive { .. })), "{content:?}");
        assert!(
            matches!(decompress(world.path("junk"), world.path("out/j"), None, None), Err(ArchiveError::BadArchive { .. })),
            "{content:?}"
        );
    }
}

/// Any bytes at all: an error or an answer, never a panic.
#[test]
fn any_change_of_any_byte_is_survived() {
    let world = World::new();
    world.write("in/a", b"some content that is long enough to be compressed, compressed, compressed");
    world.write("in/b/c", b"other");
    for format in FORMATS {
        pack(world.path("in"), world.path("x"), format, None).unwrap();
        let whole = world.read("x");
        for at in (0..whole.len()).step_by(if whole.len() > 1_000 { 7 } else { 1 }) {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed[at] ^= change;
                let _ = list(world.write("changed", &changed), None, None);
            }
        }
    }
}

#[test]
fn what_cannot_be_packed_is_told() {
    let world = World::new();
    assert_error(pack(world.path("none"), world.path("x"), Format::Zip, None), "not-found", "none");
    world.write("in/a", &[0; 1_000]);
    assert_error(pack(world.path("in"), world.path("x"), Format::Zip, Some(999)), "too-large", "`max_bytes`");
    std::os::unix::fs::symlink(world.path("in/a"), world.path("in/link")).unwrap();
    assert_error(pack(world.path("in"), world.path("x"), Format::Tar, None), "unsafe-entry", "link");
    assert!(!Path::new(&world.path("x")).exists());
}
