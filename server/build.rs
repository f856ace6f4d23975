//! The bundle is embedded: when its folder changes, this crate is compiled again.

fn main() {
    println!("cargo:rerun-if-changed=../app/dist");
}
