//! The languages that plugins are written in, and what a new plugin in each begins with.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::embedded::{self, Folder};
use crate::error::BuildError;

/// A language that plugins are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// Rust.
    Rust,
    /// Python.
    Python,
    /// JavaScript.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// C.
    C,
    /// C++.
    Cpp,
}

/// All of them, in the order in which people are told.
const ALL: [Language; 6] = [Language::Rust, Language::Python, Language::JavaScript, Language::TypeScript, Language::C, Language::Cpp];

impl Language {
    /// All of them.
    pub fn all() -> &'static [Language] {
        &ALL
    }

    /// The word for it on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::C => "c",
            Self::Cpp => "cpp",
        }
    }

    /// The files by which a plugin's folder is known to be written in it.
    fn signs(self) -> &'static [&'static str] {
        match self {
            Self::Rust => &["Cargo.toml"],
            Self::Python => &["plugin.py", "plugin/__init__.py"],
            Self::JavaScript => &["plugin.js"],
            Self::TypeScript => &["plugin.ts"],
            Self::C => &["plugin.c"],
            Self::Cpp => &["plugin.cpp"],
        }
    }

    /// The language of the plugin in a folder.
    ///
    /// # Errors
    /// [`BuildError::NoLanguage`] when there is no plugin there.
    pub fn of(dir: &Path) -> Result<Self, BuildError> {
        let found = ALL.into_iter().find(|language| language.signs().iter().any(|sign| dir.join(sign).is_file()));
        found.ok_or_else(|| BuildError::NoLanguage { dir: dir.to_owned(), signs: ALL.map(signs_line).join("\n") })
    }

    /// What a new plugin begins with: paths and texts. `NAME` in the texts is the plugin's name; for Rust, `SDK` is where
    /// the SDK is found.
    pub fn template(self) -> Vec<(String, &'static str)> {
        let with_sdk = |template: Folder, sdk: Folder| {
            let sdk = sdk.iter().map(|(path, text)| (format!("jackfield/{path}"), *text));
            template.iter().map(|(path, text)| ((*path).to_owned(), *text)).chain(sdk).collect()
        };
        match self {
            Self::Rust => with_sdk(embedded::RUST_TEMPLATE, &[]),
            Self::Python => with_sdk(embedded::PYTHON_TEMPLATE, embedded::PYTHON_SDK),
            Self::JavaScript => with_sdk(embedded::JAVASCRIPT_TEMPLATE, embedded::JAVASCRIPT_SDK),
            Self::TypeScript => with_sdk(embedded::TYPESCRIPT_TEMPLATE, embedded::JAVASCRIPT_SDK),
            Self::C => with_sdk(embedded::C_TEMPLATE, embedded::C_SDK),
            Self::Cpp => with_sdk(embedded::CPP_TEMPLATE, embedded::C_SDK),
        }
    }
}

fn signs_line(language: Language) -> String {
    format!("  {language}: {}", language.signs().join(" or "))
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Rust => "Rust",
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::TypeScript => "TypeScript",
            Self::C => "C",
            Self::Cpp => "C++",
        })
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = || ALL.map(Language::word).join(", ");
        ALL.into_iter()
            .find(|language| language.word() == word)
            .ok_or_else(|| format!("there is no SDK for `{word}`; there are: {}", known()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_is_known_by_its_files() {
        for language in ALL {
            let dir = tempfile::tempdir().unwrap();
            for (path, text) in language.template() {
                let path = dir.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            assert_eq!(Language::of(dir.path()).unwrap(), language);
        }
        let dir = tempfile::tempdir().unwrap();
        let error = Language::of(dir.path()).unwrap_err().to_string();
        assert!(error.contains("Python: plugin.py"), "{error}");
    }

    #[test]
    fn words_are_read_back() {
        for language in ALL {
            assert_eq!(language.word().parse(), Ok(language));
        }
        assert!("cobol".parse::<Language>().unwrap_err().contains("rust, python, javascript"));
    }
}
