//! `hailong backup FILE`: a whole, checked copy of the SQLite database, made beside a running server.

use std::io::Write;
use std::path::Path;

use super::{print, sqlite};
use crate::config::Settings;
use crate::failure::{Answer, Failure};

/// Makes the copy and says how large it is; on standard error, where the key is that is not inside.
///
/// # Errors
/// [`Failure::Usage`] on PostgreSQL, when there is no database, and when the file exists.
pub async fn run(settings: &Settings, file: &Path) -> Result<Answer, Failure> {
    let Some(database) = settings.sqlite_file() else {
        return Err(Failure::Usage(
            "backup: this is for SQLite; on PostgreSQL run: pg_dump --format=custom --file=FILE DATABASE (the secret key is not \
             inside: keep SECRET_KEY_FILE apart)"
                .to_owned(),
        ));
    };
    if !database.exists() {
        return Err(Failure::Usage(format!("DATABASE_URL: {}: no such database", database.display())));
    }
    sqlite::copy(database, file).await?;
    let bytes = file.metadata().map_or(0, |metadata| metadata.len());
    print(&format!("{} {bytes} bytes, integrity ok\n", file.display()))?;
    let key = settings.key_file().unwrap_or_default();
    let told = writeln!(
        std::io::stderr(),
        "Khoá bí mật KHÔNG nằm trong bản sao lưu · the secret key is NOT inside: keep {} apart, in another place; \
         so are the contact-*.key files beside it, while a round has lists",
        key.display()
    );
    // The copy is made, whoever reads this.
    drop(told);
    Ok(Answer::Yes)
}
