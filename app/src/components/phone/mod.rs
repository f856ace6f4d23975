//! Pieces of the phone pages: the document around them, faces, the scale, choices, faults, the comment field.
//! No server function, no state; everything comes in as an argument.

pub mod assets;
pub mod choice;
pub mod comment;
pub mod document;
pub mod face;
pub mod fault;
pub mod look;
pub mod scale;
pub mod words;
