//! A folder of its own for a test, removed with everything in it when the test lets go of it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A fresh folder under the system's temporary folder. Removed on drop.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes a folder whose name starts with `label`.
    ///
    /// # Panics
    /// When the folder cannot be made.
    #[expect(clippy::panic, reason = "a test that cannot have its folder has failed")]
    pub fn new(label: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("hailong-{label}-{}-{number}", std::process::id()));
        // A leftover of a killed process that had the same number is not this test's data.
        let _ = std::fs::remove_dir_all(&path);
        if let Err(error) = std::fs::create_dir_all(&path) {
            panic!("{}: {error}", path.display());
        }
        Self(path)
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The address of a SQLite database in this folder; the file itself is not made.
    pub fn sqlite_url(&self) -> String {
        format!("sqlite://{}", self.0.join("hailong.db").display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::Folder;

    #[test]
    fn a_folder_is_fresh_and_gone_afterwards() {
        let (one, two) = (Folder::new("kit"), Folder::new("kit"));
        assert_ne!(one.path(), two.path());
        assert!(one.path().is_dir() && one.sqlite_url().ends_with("/hailong.db"));
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists());
    }
}
