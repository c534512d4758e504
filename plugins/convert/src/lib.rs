//! YAML, TOML and XML to values, and back.
//!
//! What comes from outside is bounded: at most 64 levels and 100,000 values, YAML's aliases counted each time they stand for
//! something, and no document types in XML. What a format cannot say is refused, not changed into something near it.

mod bounds;
mod error;
mod toml_text;
mod xml;
mod yaml;

jackfield_sdk::plugin!(yaml::parse_yaml, yaml::write_yaml, toml_text::parse_toml, toml_text::write_toml, xml::parse_xml, xml::write_xml);
