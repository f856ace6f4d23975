//! What a device does without a network, and what it and the server must do alike: sealing answers, proving receipts.
//!
//! May use the domain. Chance and time come in as arguments.

pub mod contacts;
pub mod export;
pub mod interview;
pub mod people;
pub mod queue;
pub mod reach;
pub mod ready;
pub mod record;
pub mod seal;
pub mod shift;
pub mod vault;
