//! `hailong verify FILE` for the file of a publication: is it as it was published? Needs no database.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use app::domain::hex::{from_hex, hex};
use app::domain::limits::BUNDLE_BYTES;
use app::domain::publication::{Code, FIRST_BYTES, open};
use app::domain::text::Lang;
use app::server_side::keys::Keys;
use app::server_side::publication::{Sha2AndEd25519, Signer};

use super::print;
use crate::config::Settings;
use crate::failure::{Answer, Failure};

fn usage(file: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::Usage(format!("{}: {error}", file.display()))
}

/// Whether a file begins as a publication does; anything else, and what cannot be read, is taken for a backup.
pub fn is_one(file: &Path) -> bool {
    let mut first = vec![];
    let read = File::open(file).and_then(|opened| opened.take(FIRST_BYTES.len() as u64).read_to_end(&mut first));
    read.is_ok() && first == FIRST_BYTES
}

/// Checks the file and prints what was found; the answer is no when something is wrong, or when it was signed under
/// another key than `key` (or than the one of the secret key, where that is at hand).
///
/// # Errors
/// [`Failure::Usage`] when the file cannot be read, is too large, or `key` is none.
pub fn run(settings: &Settings, file: &Path, key: Option<&str>) -> Result<Answer, Failure> {
    let ours = match key {
        Some(text) => Some(
            from_hex::<32>(text.trim())
                .ok_or_else(|| Failure::Usage("--key: write the 64 hexadecimal digits of the public key".to_owned()))?,
        ),
        None => own_key(settings),
    };
    let mut bytes = vec![];
    let opened = File::open(file).map_err(|error| usage(file, error))?;
    opened.take(BUNDLE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| usage(file, error))?;
    if bytes.len() > BUNDLE_BYTES {
        return Err(usage(file, format!("larger than {BUNDLE_BYTES} bytes, no publication is")));
    }
    let publication = match open(&bytes, ours.as_ref(), &Sha2AndEd25519) {
        Ok(publication) => publication,
        Err(fault) => {
            print(&format!("no\nfault: {}\nfault: {}\n", fault.words(Lang::En), fault.words(Lang::Vi)))?;
            return Ok(Answer::No);
        }
    };
    let (seal, number) = (&publication.seal, publication.number);
    let mut text = format!(
        "yes\npublication {number} code {}\nround {}\npublished {}\nhash {}\nprevious {}\n",
        Code::of(&seal.hash),
        publication.round,
        publication.published_at,
        hex(&seal.hash),
        hex(&publication.previous),
    );
    if let Some(corrected) = publication.corrects {
        text.push_str(&format!("corrects {corrected}\n"));
    }
    if publication.sample_data {
        text.push_str("sample data: SỐ LIỆU MÔ PHỎNG\n");
    }
    text.push_str(&match ours {
        Some(_) => format!("key {} as expected\n", hex(&seal.key)),
        None => {
            format!("key {} (compare it with the one on /cong-bo/kiem-tra, or give it with --key)\n", hex(&seal.key))
        }
    });
    print(&text)?;
    Ok(Answer::Yes)
}

/// The public key of this installation, where its secret key is at hand; nothing is made.
fn own_key(settings: &Settings) -> Option<[u8; 32]> {
    let keys = Keys::load(&settings.key_file()?).ok()?;
    Some(Signer::new(&keys).public())
}
