//! A graph as a Mermaid flowchart.

use jackfield_flow::plan::Effect;
use jackfield_flow::run::Status;

use super::model::{Graph, Mark, Node};

/// Viewers refuse charts with more unless their owner raised `maxEdges` and `maxTextSize`, which a chart itself may not.
const EDGES_SHOWN: usize = 500;
const TEXT_SHOWN: usize = 50_000;

/// Colours that read on light and dark backgrounds, for states (a run) or effect classes (a plan).
const CLASSES: [(&str, &str); 11] = [
    ("plain", "fill:#f8fafc,stroke:#94a3b8,color:#0f172a"),
    ("pure", "fill:#f0fdfa,stroke:#0d9488,color:#0f172a"),
    ("reads", "fill:#eff6ff,stroke:#3b76e0,color:#0f172a"),
    ("effects", "fill:#fff7ed,stroke:#e0662b,color:#0f172a"),
    ("waiting", "fill:#ffffff,stroke:#94a3b8,color:#64748b"),
    ("running", "fill:#eff6ff,stroke:#3b82f6,color:#0f172a,stroke-width:2px"),
    ("done", "fill:#f0fdf5,stroke:#3fae72,color:#0f172a"),
    ("failed", "fill:#fef2f2,stroke:#dc2626,color:#0f172a,stroke-width:2px"),
    ("skipped", "fill:#f1f5f9,stroke:#b6c1cf,color:#64748b"),
    ("cancelled", "fill:#f6f4fe,stroke:#9b87e0,color:#64748b"),
    ("blocked", "fill:#fffaeb,stroke:#d98a0b,color:#0f172a,stroke-width:2px"),
];

impl Graph {
    /// The picture as a Mermaid flowchart. The shape of a box tells what kind of step it is; a step on a condition has a broken
    /// border. What belongs to a step stands in its box.
    pub(crate) fn to_mermaid(&self) -> String {
        let mut body = String::with_capacity(256 + self.nodes.len() * 80 + self.edges.len() * 16);
        for (index, node) in self.nodes.iter().enumerate() {
            let (open, close) = shape(node);
            body.push_str(&format!("  s{index}{open}\"{}\"{close}:::{}\n", label(node), class(node)));
        }
        self.edges.iter().for_each(|(from, to)| body.push_str(&format!("  s{from} --> s{to}\n")));
        for (name, style) in CLASSES {
            if self.nodes.iter().any(|node| class(node) == name) {
                body.push_str(&format!("  classDef {name} {style}\n"));
            }
        }
        let conditional: Vec<String> =
            self.nodes.iter().enumerate().filter(|(_, node)| node.condition.is_some()).map(|(index, _)| format!("s{index}")).collect();
        if !conditional.is_empty() {
            body.push_str(&format!("  classDef conditional stroke-dasharray:4 3\n  class {} conditional\n", conditional.join(",")));
        }
        let title = self.title.replace('\\', "\\\\").replace('"', "\\\"");
        let mut out = format!("---\ntitle: \"{title}\"\n---\nflowchart TD\n");
        if self.edges.len() > EDGES_SHOWN || body.len() > TEXT_SHOWN {
            out.push_str("  %% Larger than viewers take by default: raise maxEdges and maxTextSize in mermaid.initialize().\n");
        }
        out + &body
    }
}

/// Round for a task, with double sides where there is more within, pointed where ways part, slanted where somebody is waited for.
fn shape(node: &Node) -> (&'static str, &'static str) {
    match node.does.first().map(|first| first.mark) {
        Some(Mark::Each | Mark::Repeat | Mark::Flow) => ("[[", "]]"),
        Some(Mark::Choose | Mark::Race) => ("{{", "}}"),
        Some(Mark::Time) => ("([", "])"),
        Some(Mark::Signal) => ("[/", "/]"),
        Some(Mark::Approval) => ("[/", "\\]"),
        Some(Mark::Value) => ("[", "]"),
        _ => ("(", ")"),
    }
}

fn class(node: &Node) -> &'static str {
    match (node.status, node.effect) {
        (Some(status), _) => Status::as_str(status),
        (None, None) => "plain",
        (None, Some(Effect::Pure)) => "pure",
        (None, Some(Effect::Reads)) => "reads",
        (None, Some(Effect::Effects)) => "effects",
    }
}

/// The name, then line by line what the step does, how it stands, what holds for it, what belongs to it.
fn label(node: &Node) -> String {
    let mut lines: Vec<String> = node.does.iter().map(|saying| escaped(&saying.text())).collect();
    lines.extend(node.inner.iter().map(|inner| escaped(&format!("{}: {}", inner.label, inner.does.text()))));
    if !node.note.is_empty() {
        lines.push(escaped(&node.note));
    }
    lines.extend(node.badges.iter().map(|badge| escaped(&badge.text())));
    for part in &node.parts {
        let state = part.status.map_or_else(String::new, |status| format!(" ({status})"));
        let text = format!("{} {}{state}", part.mark.glyph(), part.text(&part.does.text()));
        lines.push(format!("<i>{}</i>", escaped(&text)));
    }
    lines.insert(0, format!("<b>{}</b>", escaped(&node.name)));
    lines.join("<br/>")
}

/// Text between quotes in a label: what Mermaid, its Markdown or HTML would read as more than a character becomes an entity.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '.' | '-' | ',' | '/' | ':' => out.push(c),
            c => out.push_str(&format!("#{};", u32::from(c))),
        }
    }
    out
}
