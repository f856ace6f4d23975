//! What can be wrong with the files of `hailong index`, and how it is said in one line.

use std::fmt;
use std::io;

use crate::domain::limits;

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// The answers.
    Responses,
    /// N of each stratum.
    Population,
}

/// Why a file was refused, and where.
#[derive(Debug)]
pub struct IndexFileError {
    /// The file.
    pub file: File,
    /// The line, from 1.
    pub line: u64,
    /// The column from 1 and its heading, where one is to blame.
    pub column: Option<(usize, String)>,
    /// What is wrong.
    pub reason: Reason,
}

/// What can be wrong with a file.
#[derive(Debug)]
#[expect(missing_docs, reason = "the variants say what their words in `Display` say")]
pub enum Reason {
    Unreadable(io::Error),
    Empty,
    NotUtf8,
    LineTooLong,
    BadQuote,
    Ragged { fields: usize, headings: usize },
    UnknownColumn,
    RepeatedColumn,
    MissingColumn(String),
    EmptyCell,
    BadName,
    BadScore(String),
    BadPopulation(String),
    RepeatedStratum,
    UnknownAgency(String),
    UnknownStratum { agency: String, stratum: String },
    StratumNotSaid { agency: String },
    MoreThanPopulation { agency: String, stratum: Option<String>, n: i64, population: i64 },
}

impl Reason {
    /// Whether the system failed rather than the input.
    pub fn is_system_failure(&self) -> bool {
        matches!(self, Self::Unreadable(_))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "không đọc được tệp: {error} (cannot be read)"),
            Self::Empty => write!(f, "tệp trống, không có dòng tiêu đề (no header line)"),
            Self::NotUtf8 => write!(f, "không phải mã UTF-8 (not UTF-8)"),
            Self::LineTooLong => write!(f, "dòng dài quá {} byte (line too long)", limits::CSV_LINE_BYTES),
            Self::BadQuote => write!(f, "dấu ngoặc kép đặt sai hoặc chưa đóng (stray or unclosed quote)"),
            Self::Ragged { fields, headings } => {
                write!(f, "có {fields} ô, tiêu đề có {headings} cột ({fields} fields, the header has {headings})")
            }
            Self::UnknownColumn => write!(f, "mẫu phiếu không có cột này (unknown column)"),
            Self::RepeatedColumn => write!(f, "cột bị lặp lại (repeated column)"),
            Self::MissingColumn(name) => write!(f, "thiếu cột {name:?} (missing column)"),
            Self::EmptyCell => write!(f, "ô này không được để trống (must not be empty)"),
            Self::BadName => write!(
                f,
                "dài quá {} byte hoặc có ký tự điều khiển (too long, or a control character)",
                limits::FILE_NAME_BYTES
            ),
            Self::BadScore(value) => {
                write!(f, "điểm {value:?} không hợp lệ, chỉ nhận 0 đến 5 hoặc để trống (score must be 0 to 5 or blank)")
            }
            Self::BadPopulation(value) => write!(
                f,
                "{value:?} không phải là số hồ sơ, chỉ nhận số nguyên từ 0 đến {} hoặc để trống (not a population)",
                limits::POPULATION
            ),
            Self::RepeatedStratum => write!(f, "cơ quan hoặc tầng đã có ở dòng trên (repeated agency or stratum)"),
            Self::UnknownAgency(agency) => {
                write!(f, "cơ quan {agency:?} không có trong tệp số hồ sơ (agency has no population row)")
            }
            Self::UnknownStratum { agency, stratum } => write!(
                f,
                "cơ quan {agency:?} không có tầng {stratum:?} trong tệp số hồ sơ (stratum has no population row)"
            ),
            Self::StratumNotSaid { agency } => {
                write!(f, "cơ quan {agency:?} có nhiều tầng, phiếu không ghi tầng nào (stratum is not said)")
            }
            Self::MoreThanPopulation { agency, stratum, n, population } => {
                write!(f, "cơ quan {agency:?}")?;
                if let Some(stratum) = stratum {
                    write!(f, ", tầng {stratum:?}")?;
                }
                write!(f, ": {n} phiếu hợp lệ, nhiều hơn {population} hồ sơ (more valid responses than dossiers)")
            }
        }
    }
}

impl IndexFileError {
    /// The one line for standard error, with the paths as the operator gave them.
    pub fn message(&self, responses: &str, population: &str) -> String {
        let path = match self.file {
            File::Responses => responses,
            File::Population => population,
        };
        match &self.column {
            Some((number, heading)) => {
                format!("{path}:{}: cột {number} {:?}: {}", self.line, shortened(heading), self.reason)
            }
            None => format!("{path}:{}: {}", self.line, self.reason),
        }
    }
}

impl fmt::Display for IndexFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message("responses", "population"))
    }
}

impl std::error::Error for IndexFileError {}

/// A value from a file as it may stand in a message.
pub(super) fn shortened(value: &str) -> String {
    value.chars().take(40).collect()
}
