//! Tells cargo that a new file in `questionnaires/` or `data/` means a new binary: rustc only knows the files that were
//! there when they were embedded, and adding a questionnaire is adding a file.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=questionnaires");
    println!("cargo::rerun-if-changed=data");
}
