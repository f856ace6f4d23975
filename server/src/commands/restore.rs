//! `hailong restore FILE`: puts a backup in the place of the SQLite database. The old file is kept, always. The next start
//! makes a new epoch, by which field devices know that they must ask for what they sent since.

use std::fs;
use std::path::Path;

use app::server_side::clock::Clock;

use super::{print, sqlite, verify};
use crate::config::Settings;
use crate::failure::{Answer, Failure};

/// Restores; a target that holds data is refused, or moved aside when asked to.
///
/// # Errors
/// [`Failure::Usage`] on PostgreSQL, for a damaged or foreign backup, for a target that holds data or is in use.
pub async fn run(settings: &Settings, file: &Path, move_aside: bool) -> Result<Answer, Failure> {
    let Some(target) = settings.sqlite_file() else {
        return Err(Failure::Usage(
            "restore: this is for SQLite; on PostgreSQL run: pg_restore --dbname=DATABASE FILE".to_owned(),
        ));
    };
    let report = verify::look(file).await?;
    if let Some(first) = report.faults.first() {
        return Err(Failure::Usage(format!("{}: not restored: {first}", file.display())));
    }
    if target.symlink_metadata().is_ok() {
        if !move_aside {
            let target = target.display();
            return Err(Failure::Usage(format!(
                "{target}: there is a database already; with --move-aside it is renamed, kept, and the backup takes its place"
            )));
        }
        sqlite::retire(target).await?;
        let aside = sqlite::beside(target, "replaced", Clock::System.now_ms());
        sqlite::refuse_existing(&aside)?;
        fs::rename(target, &aside).map_err(|error| Failure::System(format!("{}: {error}", target.display())))?;
        print(&format!("{} kept as {}\n", target.display(), aside.display()))?;
    } else {
        let folder = super::open::folder_of(target);
        fs::create_dir_all(&folder).map_err(|error| Failure::System(format!("{}: {error}", folder.display())))?;
    }
    sqlite::put(file, target)?;
    sqlite::forget_epoch(target).await?;
    print(&format!("{} restored from {}, {} responses\n", target.display(), file.display(), report.responses))?;
    Ok(Answer::Yes)
}
