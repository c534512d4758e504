//! JSON pointers (RFC 6901): how every message of this plugin says where something is.

use std::fmt::Display;

/// A place in a document while it is walked; the root is the empty text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pointer(String);

impl Pointer {
    /// The place of a name or an index below this one.
    pub(crate) fn child(&self, part: impl Display) -> Self {
        let part = part.to_string().replace('~', "~0").replace('/', "~1");
        Self(format!("{}/{part}", self.0))
    }

    /// The pointer as text.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_the_syntax_needs() {
        let place = Pointer::default().child("a/b").child("m~n").child(0);
        assert_eq!(place.into_text(), "/a~1b/m~0n/0");
        assert_eq!(Pointer::default().into_text(), "");
    }
}
