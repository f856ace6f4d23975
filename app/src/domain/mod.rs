//! The rules of the field: what a questionnaire, a response, a round and an index are.
//!
//! Pure: no clock, no chance, no input or output, no feature gates. Time and seeds come in as
//! arguments. Compiled for the server and for the browser alike. May use nothing of the other rooms.

pub mod agency;
pub mod answer;
pub mod assign;
pub mod breakdown;
pub mod check;
pub mod comment;
pub mod conclude;
pub mod days;
pub mod disclosure;
pub mod field_work;
#[cfg(test)]
pub(crate) mod fixture;
pub mod form;
pub mod hex;
pub mod ids;
pub mod index;
pub mod lease;
pub mod limits;
pub mod method;
pub mod moment;
pub mod outcome;
pub mod paper;
pub mod password;
pub mod publication;
pub mod quality;
pub mod questionnaire;
pub mod ranks;
pub mod receipt;
pub mod resend;
pub mod response;
pub mod role;
pub mod round;
pub mod sample;
pub mod sheet;
pub mod staff_log;
pub mod stats;
pub mod submission;
pub mod tally;
pub mod text;
pub mod trend;
pub mod visit;
