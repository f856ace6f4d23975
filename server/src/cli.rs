//! The command line: what can be asked of `hailong`, and how a wrong question is answered in one line.

use std::ffi::OsString;
use std::path::PathBuf;

use app::domain::response::Stream;
use app::domain::role::Role;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};

use crate::config::Settings;

const ABOUT: &str = "Hài Lòng: khảo sát sự hài lòng của người dân, tổ chức đối với cơ quan nhà nước\n\
                     Measures how satisfied people and organisations are with public services";

const AFTER: &str = "\
Bắt đầu / To begin:
  hailong demo && hailong serve      thành phố mẫu, số liệu mô phỏng / the sample city, simulated data
  hailong user add NAME --role admin người quản trị đầu tiên / the first administrator; prints a one-time password
  hailong import agencies FILE.csv   cơ quan của thành phố / the agencies of a real city; rounds at /quan-tri/dot
  hailong doctor                     kiểm tra cấu hình, chỉ cách sửa / what is wrong and how to mend it

Standard output carries results only; logs go to standard error.

Exit codes:
  0  done
  1  the answer is no (recount found a difference, doctor a problem, verify a fault, import outbox something not taken)
  2  wrong usage or input; one line says what and where
  3  the system failed (database, disk, network)

Sao lưu / Backups: the secret key is never in a backup. Keep it apart: without it receipts, device tokens and
phone cookies of that database are void, and the server refuses to start on it.";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "hailong", version, about = ABOUT, after_long_help = AFTER, after_help = AFTER)]
#[command(max_term_width = 120, subcommand_required = true, arg_required_else_help = false)]
pub struct Cli {
    /// Settings.
    #[command(flatten)]
    pub settings: Settings,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Chạy máy chủ. Run the server; on SQLite the schema is brought up first, after a backup
    Serve,
    /// Nâng cấp cơ sở dữ liệu. Bring the schema of the database up
    Migrate,
    /// Thành phố mẫu. The city of 2018 with one round, desks and simulated responses; idempotent
    Demo {
        /// How many responses, 0 and up; by default 12,300 interviews as the city did in 2019, and 4,100 answers at desks
        #[arg(long, value_name = "N", default_value_t = 16_400)]
        responses: u32,
        /// Another seed gives another city
        #[arg(long, value_name = "S", default_value_t = 2018)]
        seed: u64,
    },
    /// Tính chỉ số từ tệp. Compute the index of a CSV file of responses, without a database
    Index {
        /// One row a response: agency, stratum where there are several, one column a criterion (1 to 5, 0, blank)
        responses: PathBuf,
        /// N of every agency or stratum: agency, stratum, population
        #[arg(long, value_name = "FILE")]
        population: PathBuf,
        /// Key of the questionnaire
        #[arg(long, value_name = "KEY")]
        questionnaire: Option<String>,
        /// The method, its newest version without @VERSION; that of the questionnaire when left out
        #[arg(long, value_name = "KEY[@VERSION]")]
        method: Option<String>,
        /// How to print it
        #[arg(long, value_enum, default_value_t, ignore_case = true)]
        format: ReportFormat,
    },
    /// Nhập danh sách từ tệp. Bring lists in from files, each as a whole or not at all
    #[command(subcommand)]
    Import(ImportCommand),
    /// Máy tính bảng, ki-ốt. Enrol tablets and kiosks
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Tài khoản cán bộ. Accounts of staff
    #[command(subcommand)]
    User(UserCommand),
    /// Danh sách quầy và địa chỉ. List the desks with their addresses
    Desks {
        /// How to print them
        #[arg(long, value_enum, default_value_t, ignore_case = true)]
        format: ListFormat,
    },
    /// Đếm lại từ đầu. Recompute the tallies from the responses and compare; exit 1 on any difference
    Recount,
    /// Sao lưu. Copy the SQLite database into a new file, beside a running server
    Backup {
        /// The new file; an existing one is never replaced
        file: PathBuf,
    },
    /// Khôi phục. Put a backup in the place of the SQLite database; stop the server first
    Restore {
        /// The backup
        file: PathBuf,
        /// Move a database that holds data aside instead of refusing; it is kept
        #[arg(long)]
        move_aside: bool,
    },
    /// Kiểm tra bản sao lưu hoặc bản công bố. Check that a backup is whole, fits this program and counts right, or that
    /// a publication is as it was published; changes nothing, needs no database
    Verify {
        /// The backup, or the file of a publication
        #[arg(required_unless_present = "staff_log", conflicts_with = "staff_log")]
        file: Option<PathBuf>,
        /// The public key that a publication must be signed under, as the page /cong-bo/kiem-tra names it; default: that
        /// of the secret key, where its file is at hand
        #[arg(long, value_name = "HEX", conflicts_with = "staff_log")]
        key: Option<String>,
        /// Check the log of staff in the database instead: every link, hash and anchor. `verify --log` says the same
        #[arg(long)]
        staff_log: bool,
    },
    /// Kiểm tra cấu hình. Address, proxy, TLS, clock, disk, key, database, migrations: what is wrong and how to mend it
    Doctor,
}

/// What can be imported.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Cơ quan, đơn vị. Agencies, as dated records
    #[command(after_help = AGENCY_COLUMNS, after_long_help = AGENCY_COLUMNS)]
    Agencies {
        /// CSV in UTF-8 with commas; a heading, then one row for each record
        file: PathBuf,
    },
    /// Danh sách hồ sơ đã trả của một cơ quan. The dossiers that an agency returned, from which its sample is drawn
    #[command(after_help = SAMPLE_COLUMNS, after_long_help = SAMPLE_COLUMNS)]
    Sample {
        /// CSV in UTF-8 (commas, semicolons or tabs) or .xlsx; headings, then one dossier a line
        file: PathBuf,
        /// Code of the round
        #[arg(long, value_name = "CODE")]
        round: String,
        /// Code of the agency
        #[arg(long, value_name = "CODE")]
        agency: String,
        /// Leave bad lines out instead of refusing the file
        #[arg(long)]
        skip_bad: bool,
    },
    /// Phiếu của một máy, xuất ra tệp. What a tablet exported because it could not send: the same path, each once
    Outbox {
        /// The file of the tablet
        file: PathBuf,
        /// Whose it is, where the tablet was enrolled after the backup that was restored: a surveyor's login name
        #[arg(long = "as", value_name = "LOGIN")]
        login: Option<String>,
        /// The surveyor's team, by name or key, where they are in several
        #[arg(long, requires = "login")]
        team: Option<String>,
    },
}

const AGENCY_COLUMNS: &str = "\
Các cột, theo thứ tự nào cũng được / Columns, in any order:
  code        mã / a-z, 0-9, hyphens; unique on any one day, e.g. so-y-te, bv-da-khoa
  name        tên đầy đủ / full name
  kind        loại / as people say it: sở, phường, xã, bệnh viện, trung tâm y tế, phòng khám, trạm y tế,
              trường tiểu học, trường trung học phổ thông, …; a sector lead sees units by their kind
  level       cấp / thanh-pho, quan-huyen or phuong-xa
  parent      mã cơ quan cấp trên / code of the agency above, as of valid_from; blank for the city itself
  valid_from  ngày bắt đầu / first day: 2025-07-01 or 01/07/2025
  valid_to    ngày cuối / last day; blank or left out while it exists
  successors  mã các cơ quan kế tục / codes of those that take over the day after, spaces between; may be left out
  aliases     mã và tên tắt khác / other codes and short names, semicolons between; may be left out

A record is known by code and valid_from; what is known already is left as it is, so a file may be sent again.
A known record may be given its last day, successors and aliases. Its name, kind, level and parent never change: end it
with valid_to and add a row that begins the day after. Any bad row refuses the whole file; every one is named with line,
column and reason. Codes with a meaning: so-y-te and so-gddt lead a sector. A sample: docs/co-quan-mau.csv";

const SAMPLE_COLUMNS: &str = "\
Các cột, theo thứ tự nào cũng được, tiêu đề tiếng Việt hoặc tiếng Anh / Columns, in any order:
  Họ tên, tên tổ chức | name          or Mã hồ sơ | dossier code: one of the two
  Địa chỉ | address                   or Điện thoại | phone: one of the two; Xã, phường | ward may stand apart
  Lĩnh vực | field                    code or name; needed where the agency is drawn by field
  Số định danh, mã số thuế | tax code, Đối tượng | kind (cá nhân, tổ chức), Thủ tục | procedure: may be left out

One person with several dossiers is one unit; N counts the dossiers. Every bad line is named with column and reason.
A later list takes the place of an earlier one until the sample is drawn. Names are kept sealed under a key of the round.";

/// What can be done with devices.
#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// Enrol a tablet or kiosk; prints its token, alone, once
    Add {
        /// What people call it
        name: String,
        /// Code of the agency that it works for
        #[arg(long, value_name = "CODE")]
        agency: String,
        /// Stream of everything that it sends: sample, intercept, code or open
        #[arg(long, default_value = "open", value_parser = stream)]
        stream: Stream,
    },
}

/// What can be done with accounts of staff.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account; prints its one-time password, alone, once
    Add {
        /// Login name
        name: String,
        /// Role: admin, sector-lead, agency-officer, supervisor, surveyor, data-entry or auditor
        #[arg(long, value_parser = role)]
        role: Role,
        /// Code of the agency that it belongs to
        #[arg(long, value_name = "CODE")]
        agency: Option<String>,
        /// Name of the person; the login name where it is not given
        #[arg(long, value_name = "NAME")]
        person: Option<String>,
    },
    /// List the accounts
    List,
    /// Keep an account out and sign it out everywhere
    Disable {
        /// Login name
        name: String,
    },
    /// Let an account in again with a one-time password, which is printed, and without its second factor
    Reset {
        /// Login name
        name: String,
    },
}

/// How a list is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Columns for people.
    #[default]
    Text,
    /// One JSON array.
    Json,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For programs.
    Json,
    /// For people.
    #[default]
    Table,
}

fn stream(word: &str) -> Result<Stream, String> {
    Stream::from_word(word).ok_or_else(|| "write sample, intercept, code or open".to_owned())
}

fn role(word: &str) -> Result<Role, String> {
    let words: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
    Role::from_word(word).ok_or_else(|| format!("write one of {}", words.join(", ")))
}

/// A command line that asks for no command: the manual, or one line that says what is wrong.
#[derive(Debug)]
pub enum NotACommand {
    /// `--help` or `--version`: text for standard output.
    Told(String),
    /// One line that says what and where.
    Wrong(String),
}

/// Reads a command line.
///
/// # Errors
/// See [`NotACommand`].
pub fn parse<I: IntoIterator<Item = T>, T: Into<OsString>>(line: I) -> Result<Cli, NotACommand> {
    Cli::try_parse_from(plainly(line)).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => NotACommand::Told(error.render().to_string()),
        _ => NotACommand::Wrong(one_line(&error.render().to_string())),
    })
}

/// `verify --log` without a value means the log of staff; with one, `--log` is the setting, as everywhere.
fn plainly<I: IntoIterator<Item = T>, T: Into<OsString>>(line: I) -> Vec<OsString> {
    let mut words: Vec<OsString> = line.into_iter().map(Into::into).collect();
    if words.iter().any(|word| word == "verify") {
        let bare = words.iter().enumerate().position(|(at, word)| {
            let next = words.get(at + 1).map(|next| next.to_string_lossy());
            word == "--log" && next.is_none_or(|next| next.starts_with("--"))
        });
        if let Some(word) = bare.and_then(|at| words.get_mut(at)) {
            *word = "--staff-log".into();
        }
    }
    words
}

/// The first paragraph of clap's message as one line: what is wrong, without the usage that follows it.
fn one_line(message: &str) -> String {
    let first = message.split("\n\n").next().unwrap_or(message);
    let line = first.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{} (hailong --help says more)", line.strip_prefix("error: ").unwrap_or(&line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn wrong(line: &str) -> String {
        match parse(line.split(' ')) {
            Err(NotACommand::Wrong(message)) => message,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_wrong_line_is_answered_in_one_line_that_says_what() {
        for (line, what) in [
            ("hailong", "subcommand"),
            ("hailong fly", "'fly'"),
            ("hailong backup", "<FILE>"),
            ("hailong device add tablet", "--agency <CODE>"),
            ("hailong device add tablet --agency X --stream river", "'river'"),
            ("hailong import agencies", "<FILE>"),
            ("hailong import sample", "<FILE>"),
            ("hailong import sample list.csv --round 2018", "--agency <CODE>"),
            ("hailong import outbox", "<FILE>"),
            ("hailong user add lan", "--role <ROLE>"),
            ("hailong user add lan --role king", "'king'"),
            ("hailong verify", "<FILE>"),
            ("hailong desks --format xml", "'xml'"),
            ("hailong serve --listen nowhere", "LISTEN: write ADDRESS:PORT"),
        ] {
            let message = wrong(line);
            assert!(message.contains(what) && !message.contains('\n'), "{line}: {message}");
        }
    }

    #[test]
    fn the_help_is_the_manual_of_every_variable_and_exit_code() {
        let Err(NotACommand::Told(help)) = parse(["hailong", "--help"]) else { panic!("no help") };
        for word in [
            "DATABASE_URL",
            "LISTEN",
            "PUBLIC_URL",
            "SECRET_KEY_FILE",
            "BUDGET_DESK",
            "TLS_CERT",
            "TLS_KEY",
            "LOG",
            "Exit codes",
            "serve",
            "backup",
            "Sao lưu",
            "doctor",
        ] {
            assert!(help.contains(word), "{word} is not in the manual:\n{help}");
        }
    }

    #[test]
    fn the_log_of_staff_is_told_from_the_setting_of_that_name() {
        for (line, staff) in [
            ("hailong verify --log", true),
            ("hailong verify --log --database-url sqlite://x", true),
            ("hailong verify --staff-log --log warn", true),
            ("hailong verify backup.db --log warn", false),
        ] {
            let cli = parse(line.split(' ')).expect(line);
            let Command::Verify { staff_log, file, .. } = cli.command else { panic!("{line}") };
            assert_eq!((staff_log, file.is_none()), (staff, staff), "{line}");
        }
    }

    #[test]
    fn settings_stand_before_or_after_the_command() {
        for line in ["hailong --listen 127.0.0.1:1 serve", "hailong serve --listen 127.0.0.1:1"] {
            let cli = parse(line.split(' ')).expect(line);
            assert_eq!(cli.settings.listen.port(), 1, "{line}");
        }
    }
}
