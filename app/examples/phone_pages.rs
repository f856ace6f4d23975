//! Writes every phone page in every look to a folder, to look at in a browser:
//! `cargo run --release -p app --features ssr --example phone_pages -- FOLDER`

use std::error::Error;
use std::path::PathBuf;

use app::components::phone::look::Look;
use app::domain::text::Lang;
use app::pages::respond::sample;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: phone_pages FOLDER")?);
    std::fs::create_dir_all(&folder)?;
    let questionnaire = sample::questionnaire()?.ok_or("no questionnaire")?;
    for (lang, large) in [(Lang::Vi, false), (Lang::Vi, true), (Lang::En, false), (Lang::En, true)] {
        for (names, place) in [("", sample::place()), ("long-", sample::long_place())] {
            for (name, html) in sample::pages(&questionnaire, Look { lang, large }, &place) {
                let size = if large { "-large" } else { "" };
                std::fs::write(folder.join(format!("{names}{name}-{}{size}.html", lang.tag())), html)?;
            }
        }
    }
    Ok(())
}
