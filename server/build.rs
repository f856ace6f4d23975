//! The binary holds the front-end bundle: it is made anew when a file comes or goes in `app/dist/`.

fn main() {
    println!("cargo::rerun-if-changed=../app/dist");
}
