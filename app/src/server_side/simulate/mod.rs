//! The seeded simulated city.
