//! What the language says about a place: which keys or values may stand there, and in which step it is.

use jackfield_flow::definition::keys::{Key, Place, Shape};

use super::outline::{Entry, Kind, Node, Part, Seg, Spot};

/// What is around a place.
#[derive(Clone, Debug)]
pub(crate) struct Context<'a> {
    /// The file.
    pub(crate) root: &'a Node,
    /// The workflow: the file, or the one written in place that it is in.
    pub(crate) flow: &'a Node,
    /// The names of the workflows written in place that it is in, outermost first.
    pub(crate) flows: Vec<&'a str>,
    /// The step.
    pub(crate) step: Option<&'a Entry>,
    /// The key of the step that it is under.
    pub(crate) step_key: Option<&'a str>,
    /// The innermost mapping that has an action: a step, a branch, a contender, a handler.
    pub(crate) action: Option<&'a Node>,
    /// What may stand here. Of a key: what the mapping is that it is in.
    pub(crate) shape: Option<Shape>,
    /// The key of the language that the place is on, or else under.
    pub(crate) key: Option<&'static Key>,
    /// The names that lead from `with` to the place; nothing for the items of lists.
    pub(crate) with: Option<Vec<Option<&'a str>>>,
}

impl<'a> Context<'a> {
    /// What is around a spot of a workflow file.
    pub(crate) fn of(root: &'a Node, spot: &Spot<'a>) -> Self {
        let mut context = Self {
            root,
            flow: root,
            flows: Vec::new(),
            step: None,
            step_key: None,
            action: None,
            shape: Some(Shape::Mapping(Place::Workflow)),
            key: None,
            with: None,
        };
        let mut node = root;
        for seg in &spot.path {
            node = context.enter(node, *seg);
        }
        if let Part::Key(entry) = spot.part {
            context.stand_in(spot.around);
            if let Some(place) = context.place().filter(|_| context.with.is_none()) {
                context.key = place.key(&entry.key);
            }
            if context.step.is_some_and(|step| std::ptr::eq(&raw const step.value, spot.around)) {
                context.step_key = Some(&entry.key);
            }
        }
        context
    }

    /// The mapping with known keys that the place is in, or that may stand there.
    pub(crate) fn place(&self) -> Option<Place> {
        self.shape.as_ref().and_then(mapping_of)
    }

    /// Notes that the place is directly in a mapping.
    fn stand_in(&mut self, around: &'a Node) {
        if let Some(Place::Step | Place::Branch | Place::Contender | Place::Handler) = self.place() {
            self.action = Some(around);
        }
    }

    /// Goes one step down from a node; answers the node below.
    fn enter(&mut self, node: &'a Node, seg: Seg<'a>) -> &'a Node {
        match seg {
            Seg::Item(index) => {
                if let Some(with) = &mut self.with {
                    with.push(None);
                }
                self.shape = self.shape.and_then(|shape| item_of(&shape));
                match &node.kind {
                    Kind::List(items) => items.get(index).unwrap_or(node),
                    _ => node,
                }
            }
            Seg::Entry(entry) => {
                self.enter_key(node, entry);
                &entry.value
            }
        }
    }

    fn enter_key(&mut self, node: &'a Node, entry: &'a Entry) {
        if let Some(with) = &mut self.with {
            with.push(Some(&entry.key));
            return;
        }
        let named = self.shape.and_then(|shape| named_of(&shape));
        if let Some(place) = self.place() {
            self.stand_in(node);
            if place == Place::Step {
                self.step_key = Some(&entry.key);
            }
            self.key = place.key(&entry.key);
            self.shape = self.key.map(|key| key.shape);
            if entry.key == "with" {
                self.with = Some(Vec::new());
            }
        } else if let Some(shape) = named {
            self.shape = Some(shape);
            self.name_entered(entry);
        } else if matches!(self.shape, Some(Shape::Value | Shape::Typed(_))) {
            self.shape = Some(Shape::Value);
        } else {
            self.shape = None;
        }
    }

    /// A name of the author's choosing leads into a step or a workflow written in place.
    fn name_entered(&mut self, entry: &'a Entry) {
        match self.place() {
            Some(Place::Step) => {
                self.step = Some(entry);
                self.action = Some(&entry.value);
            }
            Some(Place::InlineFlow) if !entry.value.entries().is_empty() => {
                self.flow = &entry.value;
                self.flows.push(&entry.key);
                self.step = None;
            }
            _ => {}
        }
    }
}

/// The mapping with known keys that a shape is or may be.
fn mapping_of(shape: &Shape) -> Option<Place> {
    match shape {
        Shape::Mapping(place) => Some(*place),
        Shape::Type => Some(Place::Input),
        Shape::OneOf(shapes) => shapes.iter().find_map(|shape| match shape {
            Shape::Mapping(place) => Some(*place),
            _ => None,
        }),
        Shape::Many(inner) => mapping_of(inner),
        _ => None,
    }
}

fn named_of(shape: &Shape) -> Option<Shape> {
    match shape {
        Shape::Named(inner) => Some(**inner),
        Shape::OneOf(shapes) => shapes.iter().find_map(named_of),
        _ => None,
    }
}

fn item_of(shape: &Shape) -> Option<Shape> {
    match shape {
        Shape::Many(inner) | Shape::List(inner) => Some(**inner),
        Shape::OneOf(shapes) => shapes.iter().find_map(item_of),
        Shape::Value | Shape::Typed(_) => Some(Shape::Value),
        _ => None,
    }
}

/// The shapes that a shape allows, one by one, those of a list counted where one may stand for the list.
pub(crate) fn alternatives(shape: &Shape) -> Vec<Shape> {
    match shape {
        Shape::OneOf(shapes) => shapes.iter().flat_map(alternatives).collect(),
        Shape::Many(inner) => alternatives(inner),
        other => vec![*other],
    }
}
