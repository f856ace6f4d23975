//! How a command ends: an answer with exit code 0 or 1, or a failure with exit code 2 or 3 and one line of words.

use app::server_side::keys::KeyError;
use app::store::StoreError;

/// The answer of a command that could be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done. Exit code 0.
    Yes,
    /// The answer is no. Exit code 1.
    No,
}

/// Why a command could not be carried out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Wrong usage or input. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The system failed. Exit code 3.
    #[error("{0}")]
    System(String),
}

impl Failure {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::System(_) => 3,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Schema(_) | StoreError::Refused(_) => Self::Usage(error.to_string()),
            StoreError::Busy | StoreError::Unavailable(_) | StoreError::Inconsistent(_) | StoreError::Database(_) => {
                Self::System(error.to_string())
            }
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Missing(_) | KeyError::Permissions { .. } | KeyError::Malformed(_) => {
                Self::Usage(error.to_string())
            }
            KeyError::Create { .. } | KeyError::Read { .. } | KeyError::Random => Self::System(error.to_string()),
        }
    }
}
