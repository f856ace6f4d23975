//! One file or folder per screen: a pure view over a view model, the assembly of the model from tallies, and sample
//! data that a test renders.

pub mod home;
pub mod publications;
pub mod receipt;
pub mod respond;
pub mod results;
pub mod staff;
pub mod workspace;
