//! The figure of a page.
