//! A version of a package: an OCI image manifest with one component as its only layer.
//!
//! The layout is the one that tools for Wasm packages share: the configuration is `application/vnd.wasm.config.v0+json`, the
//! layer `application/wasm`. Whatever else a registry may hold is refused by its type, before anything is read.

use std::collections::BTreeMap;

use jackfield_flow::plan::Digest;
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::folder::FILE_BYTES_MAX;

/// The type of a manifest.
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The type of a list of manifests.
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The type of what is known of a component.
const CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// The type of a component.
const LAYER: &str = "application/wasm";
/// The annotation with the version.
const VERSION: &str = "org.opencontainers.image.version";
/// The annotation with the name of the package.
const TITLE: &str = "org.opencontainers.image.title";
/// The largest manifest that is read, in bytes.
pub(crate) const MANIFEST_BYTES_MAX: u64 = 1 << 20;

/// What a manifest says of some bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// A manifest, as far as it is of use here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    schema_version: u32,
    #[serde(default)]
    media_type: Option<String>,
    pub(crate) config: Descriptor,
    pub(crate) layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

/// What a configuration says. Nothing of it is believed; other tools want it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config<'a> {
    created: &'a str,
    architecture: &'static str,
    os: &'static str,
    layer_digests: [Digest; 1],
    component: World<'a>,
}

#[derive(Serialize)]
struct World<'a> {
    exports: &'a [String],
    imports: &'a [String],
}

/// What a new version says of itself.
#[derive(Clone, Debug)]
pub struct About {
    /// The version.
    pub version: Version,
    /// When it is published, in RFC 3339.
    pub created: String,
    /// What the component exports, by name.
    pub exports: Vec<String>,
    /// What it imports, by name.
    pub imports: Vec<String>,
}

/// The bytes of a new version beside its component.
#[derive(Clone, Debug)]
pub(crate) struct Artifact {
    pub(crate) config: Vec<u8>,
    pub(crate) manifest: Vec<u8>,
}

impl Artifact {
    /// What has to be kept beside a component, so that it is a version of a package.
    pub(crate) fn new(component: &[u8], name: &str, about: &About) -> Self {
        let digest = Digest::of(component);
        let config = Config {
            created: &about.created,
            architecture: "wasm",
            os: "wasip2",
            layer_digests: [digest],
            component: World { exports: &about.exports, imports: &about.imports },
        };
        let config = serde_json::to_vec(&config).expect("it has no map keys but texts");
        let said = [(TITLE, name.to_owned()), (VERSION, about.version.to_string())];
        let manifest = Manifest::new(Descriptor::new(CONFIG, &config), vec![Descriptor::new(LAYER, component)], said);
        Self { config, manifest: manifest.to_bytes() }
    }
}

impl Descriptor {
    /// Of these bytes.
    pub(crate) fn new(media_type: &str, bytes: &[u8]) -> Self {
        Self { media_type: media_type.to_owned(), digest: Digest::of(bytes), size: bytes.len() as u64, annotations: BTreeMap::new() }
    }
}

impl Manifest {
    /// A manifest of these parts.
    pub(crate) fn new<const N: usize>(config: Descriptor, layers: Vec<Descriptor>, said: [(&str, String); N]) -> Self {
        let annotations = said.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
        Self { schema_version: 2, media_type: Some(MANIFEST.to_owned()), config, layers, annotations }
    }

    /// As it is stored.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("it has no map keys but texts")
    }

    /// Reads any manifest.
    ///
    /// # Errors
    /// What it is instead.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        /// What tells an index from a manifest.
        #[derive(Deserialize)]
        struct Kind {
            #[serde(default, rename = "mediaType")]
            media_type: Option<String>,
            #[serde(default)]
            manifests: Option<serde::de::IgnoredAny>,
        }
        let kind: Kind = serde_json::from_slice(bytes).map_err(|error| format!("its manifest cannot be read: {error}"))?;
        match kind {
            Kind { manifests: Some(_), .. } => Err("it is a list of images, not a Wasm component".to_owned()),
            Kind { media_type: Some(other), .. } if other != MANIFEST => {
                Err(format!("its manifest has the type `{other}`, not `{MANIFEST}`"))
            }
            _ => serde_json::from_slice(bytes).map_err(|error| format!("its manifest cannot be read: {error}")),
        }
    }

    /// The component of a version. `version` is what it was found by.
    ///
    /// # Errors
    /// Why it is no component, or not the one that was looked for.
    pub(crate) fn component(&self, version: Option<&Version>) -> Result<&Descriptor, String> {
        if self.config.media_type != CONFIG {
            return Err(format!("it is no Wasm component: its configuration has the type `{}`, not `{CONFIG}`", self.config.media_type));
        }
        let [layer] = &*self.layers else { return Err(format!("a Wasm component has one layer; this has {}", self.layers.len())) };
        if layer.media_type != LAYER {
            return Err(format!("its layer has the type `{}`, not `{LAYER}`", layer.media_type));
        }
        if layer.size > FILE_BYTES_MAX {
            return Err(format!("it says that its component has {} bytes; one may have {FILE_BYTES_MAX}", layer.size));
        }
        match (version, self.version()) {
            (Some(asked), Some(said)) if said != asked.to_string() => {
                Err(format!("it stands there as {asked}, and says itself that it is {said}"))
            }
            _ => Ok(layer),
        }
    }

    /// The version that it says it is.
    pub(crate) fn version(&self) -> Option<&str> {
        self.annotations.get(VERSION).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn about() -> About {
        let names = |name: &str| vec![name.to_owned()];
        About {
            version: Version::new(1, 2, 0),
            created: "2026-03-01T00:00:00Z".to_owned(),
            exports: names("jackfield:task/tasks@0.1.0"),
            imports: names("wasi:io/poll@0.2.0"),
        }
    }

    #[test]
    fn an_artifact_is_the_one_that_other_tools_read() {
        let artifact = Artifact::new(b"\0asm", "acme/csv", &about());
        let pretty = |bytes: &[u8]| serde_json::to_string_pretty(&serde_json::from_slice::<serde_json::Value>(bytes).unwrap()).unwrap();
        expect![[r#"
            {
              "architecture": "wasm",
              "component": {
                "exports": [
                  "jackfield:task/tasks@0.1.0"
                ],
                "imports": [
                  "wasi:io/poll@0.2.0"
                ]
              },
              "created": "2026-03-01T00:00:00Z",
              "layerDigests": [
                "sha256:cd5d4935a48c0672cb06407bb443bc0087aff947c6b864bac886982c73b3027f"
              ],
              "os": "wasip2"
            }
            {
              "annotations": {
                "org.opencontainers.image.title": "acme/csv",
                "org.opencontainers.image.version": "1.2.0"
              },
              "config": {
                "digest": "sha256:96a685d19dd465de6dd94d51dab0b3c523a0cbde7ee65ac9345a5200be308baa",
                "mediaType": "application/vnd.wasm.config.v0+json",
                "size": 249
              },
              "layers": [
                {
                  "digest": "sha256:cd5d4935a48c0672cb06407bb443bc0087aff947c6b864bac886982c73b3027f",
                  "mediaType": "application/wasm",
                  "size": 4
                }
              ],
              "mediaType": "application/vnd.oci.image.manifest.v1+json",
              "schemaVersion": 2
            }"#]]
        .assert_eq(&format!("{}\n{}", pretty(&artifact.config), pretty(&artifact.manifest)));
        let manifest = Manifest::read(&artifact.manifest).unwrap();
        let layer = manifest.component(Some(&Version::new(1, 2, 0))).unwrap();
        assert_eq!((layer.digest, layer.size), (Digest::of(b"\0asm"), 4));
    }

    /// The manifest with some of its text replaced is refused so.
    #[track_caller]
    fn refused(from: &str, to: &str, expected: Expect) {
        let text = String::from_utf8(Artifact::new(b"\0asm", "acme/csv", &about()).manifest).unwrap();
        assert!(text.contains(from), "{text}");
        let read = Manifest::read(text.replace(from, to).as_bytes());
        expected.assert_eq(&read.and_then(|manifest| manifest.component(Some(&Version::new(1, 2, 0))).cloned()).unwrap_err());
    }

    #[test]
    fn what_is_no_component_is_refused_before_it_is_read() {
        refused(
            LAYER,
            "application/vnd.oci.image.layer.v1.tar+gzip",
            expect!["its layer has the type `application/vnd.oci.image.layer.v1.tar+gzip`, not `application/wasm`"],
        );
        refused(
            CONFIG,
            "application/vnd.oci.image.config.v1+json",
            expect![
                "it is no Wasm component: its configuration has the type `application/vnd.oci.image.config.v1+json`, not `application/vnd.wasm.config.v0+json`"
            ],
        );
        refused(
            MANIFEST,
            INDEX,
            expect![
                "its manifest has the type `application/vnd.oci.image.index.v1+json`, not `application/vnd.oci.image.manifest.v1+json`"
            ],
        );
        refused("\"layers\":", "\"manifests\":[],\"layers\":", expect!["it is a list of images, not a Wasm component"]);
        refused("\"layers\":[", "\"layers\":[],\"more\":[", expect!["a Wasm component has one layer; this has 0"]);
        refused("\"size\":4", "\"size\":10737418240", expect!["it says that its component has 10737418240 bytes; one may have 67108864"]);
        refused(
            "\"size\":4",
            "\"size\":-4",
            expect!["its manifest cannot be read: invalid value: integer `-4`, expected u64 at line 1 column 365"],
        );
        refused("1.2.0", "1.1.0", expect!["it stands there as 1.2.0, and says itself that it is 1.1.0"]);
        refused(
            "sha256:",
            "sha512:",
            expect![
                "its manifest cannot be read: `sha512:96a685d19dd465de6dd94d51dab0b3c523a0cbde7ee65ac9345a5200be308baa` is not a digest: `sha256:` and 64 hexadecimal digits at line 1 column 218"
            ],
        );
        refused("{\"schema", "[{\"schema", expect!["its manifest cannot be read: invalid type: map, expected a string at line 1 column 1"]);
    }
}
